//! A POST whose answer is what a GET of the same URL gets (RFC 9110 section 9.3.3).

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, RANGE};
use http::{Method, Request, Response, StatusCode, response};
use http_body::Body;

use crate::clock::Moment;

use super::ask::Ask;
use super::body::CacheBody;
use super::body_error::BoxError;
use super::cache_status::CacheStatus;
use super::key::Target;
use super::passage::Passage;
use super::received::Received;
use super::rfc9111::freshness::{Exchanged, append_missing_date, explicit_lifetime};
use super::rfc9111::invalidation::names_itself;
use super::rfc9111::targeted::Control;
use super::rfc9111::verdict::Forward;
use super::rules::RequestHead;
use super::safety::has_other_method;
use super::shared::Shared;
use super::stored::date_or;

/// A POST on its way.
#[derive(Debug)]
pub(crate) struct Posted {
    ask: Ask,
    /// The fields of the client's request that may select its answer.
    client: HeaderMap,
    path: Box<str>,
    sent: Moment,
}

impl Posted {
    /// `None` when the answer will not be stored, whatever it says.
    pub(crate) fn by<Q>(shared: &Arc<Shared>, request: &Request<Q>) -> Option<Self> {
        let fields = request.headers();
        if *request.method() != Method::POST || has_other_method(fields) {
            return None;
        }
        let directives = shared.asked(fields);
        let bypass = shared.rules.bypass.as_ref();
        let bypassed = bypass.is_some_and(|bypass| bypass(&RequestHead::of(request)));
        if directives.no_store || bypassed {
            return None;
        }
        let target = Target::of(request).ok()?;
        let mut client = fields.clone();
        // what a GET means by them a POST does not
        for name in [RANGE, IF_RANGE, IF_NONE_MATCH, IF_MODIFIED_SINCE] {
            client.remove(name);
        }
        Some(Self {
            sent: shared.now(),
            client,
            path: target.path_and_query().into(),
            ask: Ask {
                shared: Arc::clone(shared),
                key: target.key(&shared.rules.key, fields),
                origin: target.origin().into(),
                call: shared.call(&target),
                method: Method::GET,
                directives,
                forward: Forward::Method,
                alone: true,
            },
        })
    }

    /// "Responses to POST requests are only cacheable when they include explicit freshness information and a
    /// Content-Location header field that has the same value as the POST's target URI." Of a 200 that is what a GET would
    /// get (section 8.7).
    fn is_answer_to_get(&self, parts: &response::Parts) -> bool {
        let (fields, rules) = (&parts.headers, &self.ask.shared.rules);
        let wall = self.ask.shared.engine.clock().wall();
        let control = Control::of(fields, &rules.targets);
        parts.status == StatusCode::OK
            && names_itself(fields, &self.ask.origin, &self.path)
            && explicit_lifetime(&control, fields, date_or(fields, wall)).is_some()
    }
}

/// Waits for the answer. One that is an answer to GET too is stored, once what was there is invalidated.
///
/// Cancellation: dropped, it stores nothing, and what is stored for the URL is invalidated.
pub(crate) async fn post<F, B, E>(
    posted: Posted,
    mut passage: Passage,
    answering: F,
) -> Result<Response<CacheBody<B>>, E>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (mut parts, body) = answering.await?.into_parts();
    if !posted.is_answer_to_get(&parts) {
        let (response, telling) = passage.answer(Response::from_parts(parts, body));
        if let Some(telling) = telling {
            telling.await;
        }
        return Ok(response);
    }
    if let Some(telling) = passage.invalidated(&parts) {
        telling.await;
    }
    let Posted {
        ask, client, sent, ..
    } = posted;
    let exchanged = Exchanged {
        sent,
        received: ask.shared.now(),
        wall: ask.shared.engine.clock().wall(),
    };
    append_missing_date(&mut parts.headers, exchanged.wall);
    let mut status = CacheStatus::forward(ask.forward);
    status.fwd_status = Some(parts.status);
    let received = Received {
        // what was invalidated until now does not concern it
        right: ask.right(),
        ask: &ask,
        client,
        exchanged,
        status,
        ranged: false,
    };
    Ok(received.full(parts, body).await)
}
