//! The service around the inner one.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::alike::alike;
use super::behind::validate;
use super::body::CacheBody;
use super::course::{Course, course};
use super::exchange::exchange;
use super::future::CacheFuture;
use super::look::look;
use super::shared::Shared;

/// Answers from the cache what RFC 9111 allows, and asks the inner service for the rest. Made by
/// [`CacheLayer`](super::CacheLayer); see the [module](super) for what it does.
///
/// It is ready when the inner service is; an answer from the cache does not use that readiness up.
/// Clones share what is stored.
#[derive(Debug, Clone)]
pub struct CacheService<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> CacheService<S> {
    pub(super) fn new(inner: S, shared: Arc<Shared>) -> Self {
        Self { inner, shared }
    }
}

impl<S: Clone> CacheService<S> {
    /// The one that was found ready is the one to call.
    fn ready(&mut self) -> S {
        let clone = self.inner.clone();
        std::mem::replace(&mut self.inner, clone)
    }
}

impl<S, Q, B> Service<Request<Q>> for CacheService<S>
where
    S: Service<Request<Q>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    Q: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Send,
{
    type Response = Response<CacheBody<B>>;
    type Error = S::Error;
    type Future = CacheFuture<S::Future, B, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let behind = self.shared.empty.knows::<Q>();
        match course(&self.shared, &request, behind) {
            Course::Answer(response) => CacheFuture::answer(response),
            Course::Pass(passage) => CacheFuture::passing(self.inner.call(request), passage),
            Course::Behind(response, ask) => {
                if let Some(body) = self.shared.empty.make() {
                    validate(ask, self.inner.clone(), alike(&request, body));
                }
                CacheFuture::answer(response)
            }
            Course::Look(ask) => CacheFuture::exchange(Box::pin(look(ask, self.ready(), request))),
            Course::Exchange(ask) => {
                CacheFuture::exchange(Box::pin(exchange(ask, self.ready(), request)))
            }
        }
    }
}
