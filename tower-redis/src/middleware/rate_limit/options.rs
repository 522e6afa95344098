//! What can be said of a layer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::limit::RateLimited;

use super::gate::Gate;
use super::layer::RateLimitLayer;
use super::tenants::Tenants;
use super::version::FieldVersion;

/// How it answers.
impl<K> RateLimitLayer<K> {
    pub(super) fn with(mut self, change: impl FnOnce(&mut Gate<K>)) -> Self {
        let gate = Arc::make_mut(&mut self.gate);
        change(gate);
        // what was made of it before is as it was before
        gate.tenants = gate.tenants.as_ref().map(Tenants::afresh);
        self
    }

    /// In which form answers tell of the limit; the newest draft's unless said.
    #[must_use]
    pub fn fields(self, version: FieldVersion) -> Self {
        self.with(|gate| gate.answer(|answers| answers.version = version))
    }

    /// Whether answers carry `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`, too, which no
    /// document defines; not unless said. `Reset` is the seconds until there is more, rounded up.
    #[must_use]
    pub fn x_rate_limit_fields(self, wanted: bool) -> Self {
        self.with(|gate| gate.answer(|answers| answers.x_fields = wanted))
    }

    /// Adds up to so much to each `Retry-After`, by chance and in whole seconds, so that those who were refused
    /// together do not all come back in the same second. Nothing unless said. It never becomes less.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tower_redis::Toolkit;
    /// use tower_redis::limit::{Policy, Quota};
    /// use tower_redis::middleware::rate_limit::FieldVersion;
    ///
    /// # fn main() -> Result<(), tower_redis::Error> {
    /// let layer = Toolkit::from_env()?
    ///     .rate_limit_layer(Policy::per_ip(Quota::per_minute(60)))?
    ///     .fields(FieldVersion::Draft7)
    ///     .retry_jitter(Duration::from_secs(10));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn retry_jitter(self, most: Duration) -> Self {
        self.with(|gate| gate.answer(|answers| answers.retry_jitter = most))
    }

    /// Whether an answer that a policy in [shadow](crate::limit::Policy::shadow) would have refused has
    /// `X-RateLimit-Shadow` with its name; not unless said. It is the only field of such a policy, and anybody can
    /// read it.
    #[must_use]
    pub fn shadow_field(self, wanted: bool) -> Self {
        self.with(|gate| gate.answer(|answers| answers.shadow_field = wanted))
    }

    /// Makes an error of what is warned of otherwise: a request that cannot be told apart (no peer address, say), and
    /// one that looks as if the key was the wrong one (a field of a proxy where peers are counted). It does not
    /// reach the service and is answered with 500, and the log says once what to do, as an error. For tests of a
    /// deployment, and for limits that have to hold at any price: with [`PeerIp`](super::PeerIp) anybody can write such
    /// a field into a request, and is then answered so.
    #[must_use]
    pub fn strict(self) -> Self {
        self.with(|gate| gate.strict = true)
    }

    /// Answers refused requests with what `respond` makes of them. What it gives is sent as it is, so it best begins
    /// with the usual answer:
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{HeaderValue, Response, header};
    /// use tower_redis::Toolkit;
    /// use tower_redis::limit::{Policy, Quota, RateLimited};
    ///
    /// # fn main() -> Result<(), tower_redis::Error> {
    /// let layer = Toolkit::from_env()?
    ///     .rate_limit_layer(Policy::per_ip(Quota::per_minute(60)))?
    ///     .respond(|refused| {
    ///         let mut answer: Response<Bytes> = refused.into_response();
    ///         let html = HeaderValue::from_static("text/html; charset=utf-8");
    ///         answer.headers_mut().insert(header::CONTENT_TYPE, html);
    ///         answer.map(|_| "<h1>Slow down, please</h1>".into())
    ///     });
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn respond(
        self,
        respond: impl Fn(RateLimited) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        self.with(|gate| {
            let limiter = gate.limiter.clone();
            Arc::make_mut(&mut gate.manner).respond = Some((limiter, Arc::new(respond)));
        })
    }
}
