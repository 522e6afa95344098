//! The service around the inner one.

use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::middleware::for_all::for_all;

use super::alike::alike;
use super::behind::{renew_in_task, validate};
use super::body::CacheBody;
use super::course::{Course, course};
use super::exchange::exchange;
use super::future::CacheFuture;
use super::handed::{Handed, Others};
use super::look::look;
use super::post::post;
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

impl<S> CacheService<S> {
    /// What goes on for the `others` who wait for it when its client leaves.
    fn exchange<T, F, B, E>(&self, exchange: T, others: Others) -> CacheFuture<F, B, E>
    where
        T: Future<Output = Result<Response<CacheBody<B>>, E>> + Send + 'static,
        B: Body,
    {
        let tasks = self.shared.engine.tasks().clone();
        CacheFuture::exchange(Box::pin(Handed::new(exchange, others, tasks)))
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
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<CacheBody<B>>;
    type Error = S::Error;
    type Future = CacheFuture<S::Future, B, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        match course(&self.shared, &request, true) {
            Course::Answer(response) => CacheFuture::answer(response),
            Course::Pass(passage) => CacheFuture::passing(self.inner.call(request), passage),
            Course::Post(posted, passage) => {
                let posting = post(posted, passage, self.inner.call(for_all(request)));
                self.exchange(posting, Others::default())
            }
            Course::Behind(response, ask) => {
                if let Some(body) = self.shared.empty.make() {
                    validate(ask, self.inner.clone(), for_all(alike(&request, body)));
                }
                CacheFuture::answer(response)
            }
            Course::Look(ask) => {
                let look = look(ask, self.ready(), for_all(request));
                self.exchange(look, Others::default())
            }
            Course::Exchange(ask) => {
                let others = Others::default();
                let exchange = exchange(
                    ask,
                    Arc::clone(&others),
                    self.ready(),
                    for_all(request),
                    Some(renew_in_task),
                );
                self.exchange(exchange, others)
            }
        }
    }
}
