//! The service.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::body::RateLimitBody;
use super::future::RateLimitFuture;
use super::gate::Gate;
use super::key::RequestKey;
use super::rejection::RateLimited;

/// Lets through what is within the limit and answers the rest.
///
/// It is ready when the service inside is. See the [module docs](super) for an example.
#[derive(Debug)]
pub struct RateLimit<S, K> {
    inner: S,
    gate: Arc<Gate<K>>,
}

impl<S, K> RateLimit<S, K> {
    pub(super) fn new(inner: S, gate: Arc<Gate<K>>) -> Self {
        Self { inner, gate }
    }

    /// The service inside.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service inside.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service inside.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.inner
    }
}

// a clone shares the gate, so the key need not be `Clone`
impl<S: Clone, K> Clone for RateLimit<S, K> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            gate: Arc::clone(&self.gate),
        }
    }
}

impl<S, K, B, R> Service<Request<B>> for RateLimit<S, K>
where
    S: Service<Request<B>, Response = Response<R>>,
    K: RequestKey,
{
    type Response = Response<RateLimitBody<R>>;
    type Error = S::Error;
    type Future = RateLimitFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> RateLimitFuture<S, B> {
        let decision = self.gate.decide(&request);
        let fields = Arc::clone(&self.gate.fields);
        if !decision.is_allowed() {
            return RateLimitFuture::refused(RateLimited::with(fields, decision));
        }
        request.extensions_mut().insert(decision);
        RateLimitFuture::admitted(self.inner.call(request), fields, decision)
    }
}
