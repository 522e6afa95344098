//! One service for several requests.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::Mutex;
use tower_service::Service;

/// One service for several requests. Each waits in its own future until the service is ready for it: of two that asked
/// it for readiness at once it need wake only one.
#[derive(Debug)]
pub(crate) struct Handle<S>(Arc<Mutex<S>>);

impl<S> Handle<S> {
    pub(super) fn new(service: S) -> Self {
        Self(Arc::new(Mutex::new(service)))
    }
}

impl<S> Clone for Handle<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S, R> Service<R> for Handle<S>
where
    S: Service<R> + 'static,
    R: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let service = Arc::clone(&self.0);
        Box::pin(async move {
            let mut service = service.lock_owned().await;
            poll_fn(|cx| service.poll_ready(cx)).await?;
            let answer = service.call(request);
            // while it answers, it may be asked by others
            drop(service);
            answer.await
        })
    }
}
