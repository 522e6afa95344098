//! One GET that found nothing usable, from the wait for others to the answer.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use crate::cache::flight::Outcome;

use super::answer::from_stored;
use super::ask::{Ask, Waited};
use super::body::CacheBody;
use super::cache_status::CacheStatus;
use super::received::Received;
use super::rfc9111::freshness::{Exchanged, append_missing_date};
use super::rfc9111::validation::ask;

/// A GET that found nothing usable: waits for another's answer, or asks the origin and stores what it
/// says.
///
/// Cancellation: dropped, it stores nothing, and one of those who wait for it asks the origin.
pub(crate) async fn exchange<S, Q, B>(
    ask_for: Ask,
    mut service: S,
    request: Request<Q>,
) -> Result<Response<CacheBody<B>>, S::Error>
where
    S: Service<Request<Q>, Response = Response<B>> + Clone,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Send,
{
    let shared = &ask_for.shared;
    let counts = shared.engine.counts();
    let mut status = CacheStatus::forward(ask_for.forward);
    let (mut parts, content) = request.into_parts();
    // while it waits for others it takes no room in what is inside
    let let_go = || service = service.clone();
    let (permit, turn, waited) = match ask_for.wait(&parts.headers, let_go).await {
        Waited::Answered(stored, waited) => {
            let now = shared.now();
            if waited {
                counts.misses.bump();
                counts.coalesced.bump();
                status.collapsed = Some(true);
            } else {
                counts.near_hits.bump();
                status = CacheStatus::hit(stored.head.freshness.remaining(now));
            }
            let asked = (&Method::GET, Some(&parts.headers));
            return Ok(from_stored(shared, &stored, asked, now, &status));
        }
        Waited::Ask {
            permit,
            turn,
            waited,
        } => {
            status.collapsed = waited.then_some(false);
            (permit, turn, waited)
        }
    };
    counts.misses.bump();

    let client = parts.headers.clone();
    let validated = ask_for.to_validate(&client);
    if let Some(stored) = &validated {
        ask(&mut parts.headers, &stored.head.fields);
    }
    let ready = if waited {
        poll_fn(|cx| service.poll_ready(cx)).await
    } else {
        Ok(())
    };
    let (sent, started) = (shared.now(), shared.engine.clock().now());
    let node = Arc::clone(permit.node());
    let request = Request::from_parts(parts, content);
    let answered = match ready {
        Ok(()) => node.around(async { service.call(request).await }).await,
        Err(error) => Err(error),
    };
    drop(turn);
    counts.loads.bump();
    let took = shared.engine.clock().now().since(started);
    counts
        .load_nanos
        .add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    let response = match answered {
        Ok(response) => response,
        Err(error) => {
            counts.failed_loads.bump();
            permit.settle().tell(Outcome::released());
            return Err(error);
        }
    };
    let (mut parts, body) = response.into_parts();
    let exchanged = Exchanged {
        sent,
        received: shared.now(),
        wall: shared.engine.clock().wall(),
    };
    append_missing_date(&mut parts.headers, exchanged.wall);
    status.fwd_status = Some(parts.status);
    let received = Received {
        ask: &ask_for,
        client,
        exchanged,
        status,
        permit,
    };
    Ok(match validated {
        Some(stored) if parts.status == StatusCode::NOT_MODIFIED => {
            received.confirmed(&stored, &parts.headers)
        }
        _ => received.full(parts, body).await,
    })
}
