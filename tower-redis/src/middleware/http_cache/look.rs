//! A request that will not store its answer, and may be answered from Redis.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::answer::only_if_cached;
use super::ask::Ask;
use super::body::CacheBody;
use super::exchange::from_cache;
use super::forward::has_failed;
use super::freshens::Freshens;
use super::passage::Passage;
use super::rfc9111::verdict::Reason;
use super::shared::Failure;

/// A HEAD, or a request that must not go forward, that found nothing usable in this process.
pub(crate) async fn look<S, Q, B>(
    ask: Ask,
    mut service: S,
    request: Request<Q>,
) -> Result<Response<CacheBody<B>>, S::Error>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: Body<Data = Bytes>,
{
    let counts = ask.shared.engine.counts();
    if ask.shared.engine.is_shared()
        && let Some((stored, how)) = ask.look(request.headers()).await
    {
        counts.far_hits.bump();
        return Ok(from_cache(&ask, &stored, how, request.headers()));
    }
    if ask.directives.only_if_cached {
        return Ok(only_if_cached());
    }
    counts.misses.bump();
    let mut passage = Passage::new(&ask.shared, ask.forward, Some(Reason::Method));
    let freshens = Freshens::by(ask, request.headers());
    let answered = service.call(request).await;
    let status = answered.as_ref().ok().map(Response::status);
    let failure = match status {
        None => Some(Failure::Disconnected),
        Some(status) => has_failed(status).then_some(Failure::Status),
    };
    let instead = failure.and_then(|failure| freshens.as_ref()?.instead(failure, status));
    if let Some(instead) = instead {
        return Ok(instead);
    }
    passage.freshens = freshens.map(Box::new);
    let (response, _) = passage.answer(answered?);
    Ok(response)
}
