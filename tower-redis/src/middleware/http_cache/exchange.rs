//! One GET that found nothing usable, from the wait for others to the answer.

use bytes::Bytes;
use http::header::HeaderMap;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use super::alike::alike;
use super::answer::from_stored;
use super::ask::Ask;
use super::body::CacheBody;
use super::body_error::BoxError;
use super::cache_status::CacheStatus;
use super::forward::{Question, forward, in_place_of};
use super::handed::Others;
use super::pick::hit;
use super::rfc9111::reuse::Reuse;
use super::right::Right;
use super::shared::Shared;
use super::stored::Stored;
use super::waiting::Waited;

/// What asks the origin in a task.
pub(crate) type Behind<S, Q> = fn(Ask, Right, S, Request<Q>);

/// A GET that found nothing usable: waits for another's answer, or asks the origin and stores what it
/// says.
///
/// Cancellation: dropped, it stores nothing, and one of those who wait for it asks the origin. Whether anybody does is
/// known from `others`. What is stale is validated `behind` its answer, where that can be done.
pub(crate) async fn exchange<S, Q, B>(
    ask_for: Ask,
    others: Others,
    mut service: S,
    request: Request<Q>,
    behind: Option<Behind<S, Q>>,
) -> Result<Response<CacheBody<B>>, S::Error>
where
    S: Service<Request<Q>, Response = Response<B>> + Clone,
    Q: 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let shared = &ask_for.shared;
    let mut status = CacheStatus::forward(ask_for.forward);
    let fields = request.headers();
    // while it waits for others it takes no room in what is inside
    let let_go = || service = service.clone();
    Ok(match ask_for.wait(fields, let_go).await {
        Waited::Stored(stored, how) => {
            count(shared, how);
            from_cache(&ask_for, &stored, how, fields)
        }
        Waited::Far(stored, how) => {
            shared.engine.counts().far_hits.bump();
            from_cache(&ask_for, &stored, how, fields)
        }
        Waited::Shared(stored) => collapsed(shared, &stored, &Method::GET, fields, status),
        Waited::Coming(stored, reader) => {
            let head: Response<CacheBody<B>> =
                collapsed(shared, &stored, &Method::GET, fields, status);
            if head.status() == StatusCode::NOT_MODIFIED {
                // the client has what is coming
                return Ok(head);
            }
            head.map(|_| CacheBody::taped(reader))
        }
        Waited::Instead(stored, failure) => {
            status.collapsed = Some(true);
            shared.engine.counts().stale_hits.bump();
            in_place_of(shared, &stored, failure, (&Method::GET, fields), &status)
        }
        Waited::Ask {
            right,
            turn,
            approach,
        } => {
            status.collapsed = approach.waited.then_some(false);
            // what Redis has brought may be validated behind the answer, too
            if let Some((stored, how)) = ask_for.usable_now(fields)
                && how == Reuse::WhileRevalidating
                && let Some(behind) = behind
                && let Some(body) = shared.empty.make()
            {
                count(shared, how);
                let answer = from_cache(&ask_for, &stored, how, fields);
                let again = alike(&request, body);
                behind(ask_for, right, service, again);
                return Ok(answer);
            }
            // it is set once
            let _ = others.set(right.awaited());
            shared.engine.counts().misses.bump();
            let question = Question {
                right,
                turn,
                approach,
                status,
                behind: false,
            };
            return forward(ask_for, question, service, request).await;
        }
    })
}

fn count(shared: &Shared, how: Reuse) {
    let counts = shared.engine.counts();
    match how {
        Reuse::Fresh => counts.near_hits.bump(),
        Reuse::Accepted | Reuse::WhileRevalidating => counts.stale_hits.bump(),
    }
}

/// The answer of what is stored, here or in Redis.
pub(crate) fn from_cache<B: Body>(
    ask: &Ask,
    stored: &Stored,
    how: Reuse,
    fields: &HeaderMap,
) -> Response<CacheBody<B>> {
    let now = ask.shared.now();
    let asked = (&ask.method, Some(fields));
    from_stored(&ask.shared, stored, asked, now, &hit(stored, how, now))
}

/// The answer from what another request brings, counted.
pub(crate) fn collapsed<B: Body>(
    shared: &Shared,
    stored: &Stored,
    method: &Method,
    fields: &HeaderMap,
    mut status: CacheStatus,
) -> Response<CacheBody<B>> {
    shared.engine.counts().misses.bump();
    shared.engine.counts().coalesced.bump();
    status.collapsed = Some(true);
    let asked = (method, Some(fields));
    from_stored(shared, stored, asked, shared.now(), &status)
}
