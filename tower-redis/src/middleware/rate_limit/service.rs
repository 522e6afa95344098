//! The service.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use crate::limit::{Asked, Quota};

use super::body::RateLimitBody;
use super::future::RateLimitFuture;
use super::gate::Gate;
use super::joint;
use super::key::RequestKey;
use super::manner::Manner;
use super::parked::Answer;
use super::rules::Counted;

/// Lets through what is within the limit and answers the rest.
///
/// It is ready when the service inside is. The service inside is `Clone`: while Redis is asked about a
/// request, the one that was ready is kept for it, and its clone takes the next. With counts in this
/// process it is never cloned. See the [module docs](super) for an example.
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
    S: Service<Request<B>, Response = Response<R>> + Clone,
    K: RequestKey,
{
    type Response = Response<RateLimitBody<R>>;
    type Error = S::Error;
    type Future = RateLimitFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> RateLimitFuture<S, B> {
        let mut cost = 1;
        if !self.gate.rules.are_none() {
            let (same, counted) = self.gate.rules.of(request);
            request = same;
            match counted {
                Some(Counted {
                    cost,
                    quota: Some(quota),
                }) => {
                    return self.call_by_quota(request, cost, quota);
                }
                Some(counted) => cost = counted.cost,
                None => return RateLimitFuture::uncounted(&mut self.inner, request),
            }
        }
        if let Some(later) = self.gate.ask_later(&request, cost) {
            let manner = Arc::clone(&self.gate.manner);
            return self.park(Answer::Later(later), request, manner);
        }
        if self.gate.set.is_some() {
            let gate = Arc::clone(&self.gate);
            return self.call_by_each(&gate, request, cost);
        }
        let Some(key) = self.gate.key_of(&request) else {
            return RateLimitFuture::misconfigured();
        };
        let (limiter, key) = (&self.gate.limiter, key.as_bytes());
        let manner = Arc::clone(&self.gate.manner);
        let answer = if let Some(until) = manner.until {
            // nobody asks for what may be given back before it is polled
            Answer::OfReserve(limiter.ask_to_reserve(key, cost), until)
        } else {
            match limiter.ask(key, cost) {
                Asked::Decided(decision) => {
                    return RateLimitFuture::decided(
                        &mut self.inner,
                        request,
                        manner,
                        decision,
                        None,
                    );
                }
                #[cfg(feature = "redis")]
                Asked::Asking(answer) => Answer::Of(answer),
            }
        };
        let manner = Arc::clone(&self.gate.manner);
        self.park(answer, request, manner)
    }
}

impl<S: Clone, K: RequestKey> RateLimit<S, K> {
    /// A call that brings its quota along.
    #[cold]
    fn call_by_quota<B>(
        &mut self,
        request: Request<B>,
        cost: u32,
        quota: Quota,
    ) -> RateLimitFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        let gate = self.gate.of(quota);
        if let Some(later) = gate.ask_later(&request, cost) {
            return self.park(Answer::Later(later), request, Arc::clone(&gate.manner));
        }
        self.call_by_each(&gate, request, cost)
    }

    /// A call that several policies decide about together.
    #[cold]
    fn call_by_each<B>(
        &mut self,
        gate: &Gate<K>,
        request: Request<B>,
        cost: u32,
    ) -> RateLimitFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        let (set, keys) = (&gate.set, gate.keys_of(&request));
        let (Some(set), Some(keys)) = (set, keys) else {
            return RateLimitFuture::misconfigured();
        };
        let manner = Arc::clone(&gate.manner);
        match joint::begin(set, keys, cost, manner.until) {
            Ok(decisions) => {
                RateLimitFuture::decided_by_each(&mut self.inner, request, manner, decisions, None)
            }
            Err(later) => self.park(Answer::Later(later), request, manner),
        }
    }

    fn park<B>(
        &mut self,
        answer: Answer,
        request: Request<B>,
        manner: Arc<Manner>,
    ) -> RateLimitFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        // only this one was polled ready
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        RateLimitFuture::asking(answer, ready, request, manner)
    }
}
