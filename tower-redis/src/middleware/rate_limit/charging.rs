//! What can be said of which requests a layer counts.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::held::Until;
use super::layer::RateLimitLayer;
use super::rules::is_preflight;

/// What it counts.
impl<K> RateLimitLayer<K> {
    /// Lets the requests pass that `skip` chooses, without counting them and without a word of the limit. It runs for
    /// each request, so it is short; of several one suffices.
    ///
    /// ```
    /// use tower_redis::Toolkit;
    /// use tower_redis::limit::{Policy, Quota};
    ///
    /// # fn main() -> Result<(), tower_redis::Error> {
    /// let layer = Toolkit::from_env()?
    ///     .rate_limit_layer(Policy::per_ip(Quota::per_minute(60)))?
    ///     .skip_preflights()
    ///     .skip_paths(["/healthz", "/readyz"])
    ///     .skip(|request| request.uri.path().starts_with("/static/"))
    ///     .cost(|request| if request.uri.path() == "/search" { 5 } else { 1 });
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn skip(self, skip: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.with(|gate| gate.rules.skip.push(Arc::new(skip)))
    }

    /// Lets requests to these paths pass uncounted, such as those of health checks. A path is the whole of it, as it
    /// is written in the request.
    #[must_use]
    pub fn skip_paths<P: Into<Box<str>>>(self, paths: impl IntoIterator<Item = P>) -> Self {
        let paths: Box<[Box<str>]> = paths.into_iter().map(Into::into).collect();
        self.skip(move |request| paths.iter().any(|path| **path == *request.uri.path()))
    }

    /// Lets preflights pass uncounted: `OPTIONS` with `Origin` and `Access-Control-Request-Method`, which a browser
    /// sends before a request to another origin. Counted unless said, since anybody can send them, and some services
    /// do as much work for one as for any request. A CORS layer outside of this one answers them before they come
    /// here.
    #[must_use]
    pub fn skip_preflights(self) -> Self {
        self.skip(is_preflight)
    }

    /// How many permits each request takes, 1 unless said; a policy's [`cost`](crate::limit::Policy::cost) multiplies
    /// it. One that costs more than the limit is refused without `Retry-After`; one that costs 0 passes.
    #[must_use]
    pub fn cost(self, cost: impl Fn(&Parts) -> u32 + Send + Sync + 'static) -> Self {
        self.with(|gate| gate.rules.cost = Some(Arc::new(cost)))
    }

    /// Charges only requests whose answer `charge` chooses, by status code and fields. The permits are taken before the
    /// service is called, so that no more than the quota are under way at once, and given back if the answer is not
    /// chosen.
    ///
    /// ```
    /// use http::StatusCode;
    /// use tower_redis::Toolkit;
    /// use tower_redis::limit::{Policy, Quota};
    ///
    /// # fn main() -> Result<(), tower_redis::Error> {
    /// let failed_logins = Policy::per_ip(Quota::per_hour(5)).name("failed-logins");
    /// let layer = Toolkit::from_env()?
    ///     .rate_limit_layer(failed_logins)?
    ///     .charge_if(|status, _| status == StatusCode::UNAUTHORIZED);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A client that leaves once the service has begun is charged, or it could try without end; so is a request that
    /// ends with an error. One that leaves before that gets its permits back. What the answer's fields call left is
    /// without what is given back.
    ///
    /// Held permits, of [`Concurrency`](crate::limit::Algorithm::Concurrency), are given back in any case.
    #[must_use]
    pub fn charge_if(
        self,
        charge: impl Fn(StatusCode, &HeaderMap) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(|gate| {
            gate.refund(Until::Answered);
            Arc::make_mut(&mut gate.manner).charge_if = Some(Arc::new(charge));
        })
    }

    /// Gives permits back when the client leaves before the service has begun to work on its request: while Redis is
    /// asked, which is then heard out. It costs an allocation for each request. With counts in this process nothing
    /// is asked before the request is polled, and the service begins in the same poll, so nothing has to be given
    /// back.
    #[must_use]
    pub fn refund_abandoned(self) -> Self {
        self.with(|gate| gate.refund(Until::Begun))
    }
}
