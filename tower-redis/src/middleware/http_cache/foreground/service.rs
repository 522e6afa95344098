//! The service.

use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::middleware::for_all::for_all;

use crate::middleware::http_cache::body::CacheBody;
use crate::middleware::http_cache::course::{Course, course};
use crate::middleware::http_cache::exchange::exchange;
use crate::middleware::http_cache::handed::Others;
use crate::middleware::http_cache::look::look;
use crate::middleware::http_cache::passage::Passage;
use crate::middleware::http_cache::post::post;
use crate::middleware::http_cache::shared::Shared;

use super::future::ForegroundFuture;
use super::handle::Handle;

/// Answers from the cache what RFC 9111 allows, and asks the inner service for the rest, which need be neither `Clone`
/// nor `Send`. Made by [`ForegroundLayer`](super::ForegroundLayer); see
/// [`CacheLayer::foreground`](crate::middleware::http_cache::CacheLayer::foreground).
///
/// It is always ready. Clones ask the same inner service, and share what is stored.
#[derive(Debug)]
pub struct ForegroundService<S> {
    inner: Handle<S>,
    shared: Arc<Shared>,
}

impl<S> ForegroundService<S> {
    pub(super) fn new(inner: S, shared: Arc<Shared>) -> Self {
        let inner = Handle::new(inner);
        Self { inner, shared }
    }
}

impl<S> Clone for ForegroundService<S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<S, Q, B> Service<Request<Q>> for ForegroundService<S>
where
    S: Service<Request<Q>, Response = Response<B>> + 'static,
    Q: 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<CacheBody<B>>;
    type Error = S::Error;
    type Future = ForegroundFuture<B, S::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let mut inner = self.inner.clone();
        match course(&self.shared, &request, false) {
            // nothing is validated behind an answer
            Course::Answer(response) | Course::Behind(response, _) => {
                ForegroundFuture::answer(response)
            }
            Course::Pass(passage) => ForegroundFuture::boxed(pass(inner, request, passage)),
            Course::Post(posted, passage) => {
                ForegroundFuture::boxed(post(posted, passage, inner.call(for_all(request))))
            }
            Course::Look(ask) => ForegroundFuture::boxed(look(ask, inner, for_all(request))),
            Course::Exchange(ask) => ForegroundFuture::boxed(exchange(
                ask,
                Others::default(),
                inner,
                for_all(request),
                None,
            )),
        }
    }
}

async fn pass<S, Q, B>(
    mut inner: S,
    request: Request<Q>,
    passage: Passage,
) -> Result<Response<CacheBody<B>>, S::Error>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: Body,
{
    let response = inner.call(request).await?;
    let (response, telling) = passage.answer(response);
    if let Some(telling) = telling {
        telling.await;
    }
    Ok(response)
}
