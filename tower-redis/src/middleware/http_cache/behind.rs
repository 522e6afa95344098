//! Validating what is stale while it answers (RFC 5861 section 3).

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::ask::Ask;
use super::body_error::BoxError;
use super::forward::renew;
use super::right::Right;

/// Asks the origin in a task, unless somebody does already. Outside a Tokio runtime, and after a shutdown,
/// nobody does, and what is stale stays so.
pub(crate) fn validate<S, Q, B>(ask: Ask, service: S, request: Request<Q>)
where
    S: Service<Request<Q>, Response = Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    Q: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let Some(permit) = ask.take(request.headers()) else {
        return;
    };
    let engine = ask.shared.engine.clone();
    let task = async move {
        // another process may have validated it
        let Err(right) = ask.fetch(permit, request.headers()).await else {
            return;
        };
        renew(ask, right, service, request).await;
    };
    let _ = engine.tasks().start(task);
}

/// The same, with the right to store the answer at hand.
pub(crate) fn renew_in_task<S, Q, B>(ask: Ask, right: Right, service: S, request: Request<Q>)
where
    S: Service<Request<Q>, Response = Response<B>> + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    Q: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let tasks = ask.shared.engine.tasks().clone();
    let _ = tasks.start(renew(ask, right, service, request));
}
