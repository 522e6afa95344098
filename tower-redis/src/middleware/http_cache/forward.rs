//! Asking the origin, and storing what it says.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, RANGE};
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use crate::cache::flight::{Outcome, Pass};

use super::alike::alike;
use super::answer::from_stored;
use super::ask::Ask;
use super::body::CacheBody;
use super::body_error::BoxError;
use super::cache_status::CacheStatus;
use super::plan::Plan;
use super::received::Received;
use super::rfc9111::freshness::{Exchanged, append_missing_date};
use super::rfc9111::verdict::Reason;
use super::right::Right;
use super::shared::{Failure, NotShared, Shared};
use super::stored::Stored;
use super::waiting::Approach;

/// What goes to the origin with a request.
pub(crate) struct Question {
    pub(crate) right: Right,
    /// Held until the origin has answered, where many were sent to it at once.
    pub(crate) turn: Pass,
    /// Who has waited has to find the service ready once more.
    pub(crate) approach: Approach,
    pub(crate) status: CacheStatus,
    /// It is asked behind an answer: what comes of it is nobody's.
    pub(crate) behind: bool,
}

/// Asks the origin, and stores what it says.
pub(crate) async fn forward<S, Q, B>(
    ask_for: Ask,
    question: Question,
    mut service: S,
    request: Request<Q>,
) -> Result<Response<CacheBody<B>>, S::Error>
where
    S: Service<Request<Q>, Response = Response<B>>,
    Q: 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let shared = &ask_for.shared;
    let counts = shared.engine.counts();
    let Question {
        mut right,
        turn,
        approach,
        mut status,
        behind,
    } = question;
    // counted as a miss, it has found something after all
    let stale_after_all = || {
        if !behind {
            counts.found_after_all.bump();
            counts.stale_hits.bump();
        }
    };
    let (mut parts, content) = request.into_parts();
    let client = parts.headers.clone();
    let mut plan = ask_for.plan(&client, shared.empty.knows::<Q>());
    plan.put_into(&mut parts.headers);
    if approach.left_alone && matches!(plan, Plan::AsItIs) {
        // others wait for the answer, and nobody gains by one more 304
        for condition in [IF_NONE_MATCH, IF_MODIFIED_SINCE] {
            parts.headers.remove(condition);
        }
    }
    let mut ranged = parts.headers.contains_key(RANGE);
    let ready = if approach.waited {
        poll_fn(|cx| service.poll_ready(cx)).await
    } else {
        Ok(())
    };
    let (mut sent, started) = (shared.now(), shared.engine.clock().now());
    let node = Arc::clone(right.node());
    let request = Request::from_parts(parts, content);
    let spare = if plan.is_bold() {
        shared.empty.make().map(|body| alike(&request, body))
    } else {
        None
    };
    let mut answered = match ready {
        Ok(()) => node.around(async { service.call(request).await }).await,
        Err(error) => Err(error),
    };
    if let Ok(response) = &answered
        && plan.is_in_vain(response.status(), response.headers())
        && let Some(mut again) = spare
    {
        again.headers_mut().clone_from(&client);
        (plan, ranged) = (Plan::AsItIs, client.contains_key(RANGE));
        // its body may hold what the next one needs
        drop(answered);
        sent = shared.now();
        answered = match poll_fn(|cx| service.poll_ready(cx)).await {
            Ok(()) => node.around(async { service.call(again).await }).await,
            Err(error) => Err(error),
        };
    }
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
            right.settle().tell(Outcome::released());
            let failure = Failure::Disconnected;
            let Some(stored) = ask_for.instead(&client, failure) else {
                return Err(error);
            };
            stale_after_all();
            let asked = (&Method::GET, &client);
            return Ok(in_place_of(shared, &stored, failure, asked, &status));
        }
    };
    let (mut parts, body) = response.into_parts();
    status.fwd_status = Some(parts.status);
    if has_failed(parts.status)
        && let Some(stored) = ask_for.instead(&client, Failure::Status)
    {
        counts.failed_loads.bump();
        let why = Arc::new(NotShared::OriginFailed);
        right.dismiss().tell(Outcome::Failed(why));
        stale_after_all();
        return Ok(in_place_of(
            shared,
            &stored,
            Failure::Status,
            (&Method::GET, &client),
            &status,
        ));
    }
    let exchanged = Exchanged {
        sent,
        received: shared.now(),
        wall: shared.engine.clock().wall(),
    };
    append_missing_date(&mut parts.headers, exchanged.wall);
    let received = Received {
        ask: &ask_for,
        client,
        exchanged,
        status,
        right,
        ranged,
    };
    if let Some(stored) = plan.confirmed(parts.status, &parts.headers) {
        return Ok(received.confirmed(stored, &parts.headers));
    }
    let is_part = parts.status == StatusCode::PARTIAL_CONTENT;
    let response = received.full(parts, body).await;
    Ok(match &plan {
        Plan::Complete(gap) if is_part => {
            let mut whole = gap.filled(response);
            shared.rules.tags.hide(whole.headers_mut());
            whole
        }
        _ => response,
    })
}

/// Asks the origin behind an answer. What comes of it is in the store, or is told by [`forward`].
pub(crate) async fn renew<S, Q, B>(ask: Ask, right: Right, service: S, request: Request<Q>)
where
    S: Service<Request<Q>, Response = Response<B>>,
    Q: 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    ask.shared.engine.counts().refreshes.bump();
    let question = Question {
        right,
        turn: None,
        approach: Approach {
            // this service was never found ready
            waited: true,
            left_alone: true,
        },
        status: CacheStatus::forward(ask.forward),
        behind: true,
    };
    let _ = forward(ask, question, service, request).await;
}

/// RFC 5861 section 4: "an error is any situation that would result in a 500, 502, 503, or 504".
pub(crate) fn has_failed(status: StatusCode) -> bool {
    matches!(status.as_u16(), 500 | 502 | 503 | 504)
}

/// What is stored, in place of the answer of an origin that has failed.
pub(crate) fn in_place_of<B: Body>(
    shared: &Shared,
    stored: &Stored,
    failure: Failure,
    (method, fields): (&Method, &HeaderMap),
    status: &CacheStatus,
) -> Response<CacheBody<B>> {
    let now = shared.now();
    let status = status
        .with_ttl(stored.head.freshness.left(now))
        .because(match failure {
            Failure::Disconnected => Reason::Disconnected,
            Failure::Status => Reason::StaleIfError,
        });
    from_stored(shared, stored, (method, Some(fields)), now, &status)
}
