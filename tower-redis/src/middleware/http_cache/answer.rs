//! Answers made from what is stored.

use bytes::Bytes;
use http::header::{
    AGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, ETAG, EXPIRES, HeaderMap, HeaderName,
    LAST_MODIFIED,
};
use http::{Method, Response, StatusCode};
use http_body::Body;

use crate::clock::Moment;

use super::body::CacheBody;
use super::cache_status::CacheStatus;
use super::rfc9110::conditions::not_modified;
use super::rfc9110::ranges::{ContentRange, Cut, DIGESTS, cut, cut_of_part, unsatisfied};
use super::rfc9111::validation::CONTENT_FIELDS;
use super::shared::Shared;
use super::stored::Stored;

/// The answer of `stored` to a GET or HEAD: the response, its head alone, a part of it, or 304 when the client has it
/// already. `request` has the fields of the request, unless it is known to be without condition.
pub(crate) fn from_stored<B: Body>(
    shared: &Shared,
    stored: &Stored,
    (method, request): (&Method, Option<&HeaderMap>),
    now: Moment,
    status: &CacheStatus,
) -> Response<CacheBody<B>> {
    let head = &stored.head;
    let mut fields = stored.fields_for(now, status.member(&shared.name));
    shared.rules.tags.hide(&mut fields);
    let (code, body) = match form(stored, method, request) {
        Form::All => (head.status, stored.body.clone()),
        Form::NotModified => {
            remove(&mut fields, &CONTENT_FIELDS);
            (StatusCode::NOT_MODIFIED, Bytes::new())
        }
        Form::Part(part) => {
            remove(&mut fields, &DIGESTS);
            fields.insert(CONTENT_LENGTH, part.length().into());
            if let Some(value) = part.to_value() {
                fields.insert(CONTENT_RANGE, value);
            }
            (StatusCode::PARTIAL_CONTENT, stored.slice(&part.span))
        }
        Form::Unsatisfiable(complete) => {
            remove(&mut fields, &CONTENT_FIELDS);
            remove(&mut fields, &SELECTED_FIELDS);
            remove(&mut fields, &shared.rules.targets);
            if let Some(value) = unsatisfied(complete) {
                fields.insert(CONTENT_RANGE, value);
            }
            fields.insert(CONTENT_LENGTH, 0.into());
            (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new())
        }
    };
    let mut response = Response::new(if *method == Method::HEAD {
        CacheBody::empty()
    } else {
        CacheBody::whole(body, None)
    });
    *response.status_mut() = code;
    *response.headers_mut() = fields;
    response
}

/// What a 416 does not have of the response that the request has selected: what tells of that one, and for how long
/// it may be kept. The rest, as that who may read it in a browser, is for this one too.
const SELECTED_FIELDS: [HeaderName; 5] = [ETAG, LAST_MODIFIED, CACHE_CONTROL, EXPIRES, AGE];

fn remove(fields: &mut HeaderMap, names: &[HeaderName]) {
    for name in names {
        fields.remove(name);
    }
}

/// What a request gets of what is stored.
enum Form {
    All,
    NotModified,
    Part(ContentRange),
    /// None of the ranges is in so many bytes.
    Unsatisfiable(u64),
}

/// RFC 9110 section 13.2.2: first the conditions, then `If-Range`, then `Range`.
fn form(stored: &Stored, method: &Method, request: Option<&HeaderMap>) -> Form {
    let head = &stored.head;
    if request.is_some_and(|request| not_modified(request, head.status, &head.fields)) {
        return Form::NotModified;
    }
    let there = stored.content_range();
    let span = match (&head.part, request) {
        (None, None) => return Form::All,
        (None, Some(request)) => {
            let complete = there.length();
            match cut(method, request, (head.status, &head.fields), complete) {
                Cut::All => return Form::All,
                Cut::Unsatisfiable => return Form::Unsatisfiable(complete),
                Cut::One(span) => span,
            }
        }
        // section 3.3: not "without explicitly marking it using the 206 (Partial Content) status code"
        (Some(part), request) => request
            .and_then(|request| cut_of_part(method, request, &head.fields, part))
            .unwrap_or(there.span),
    };
    Form::Part(ContentRange {
        span,
        complete: there.complete,
    })
}

/// Section 5.2.1.7: 504 when nothing usable is stored and the request may not go forward. It is based on no stored
/// response, so a cache "SHOULD NOT append a Cache-Status member" (RFC 9211 section 2).
pub(crate) fn only_if_cached<B: Body>() -> Response<CacheBody<B>> {
    let mut response = Response::new(CacheBody::empty());
    *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
    tracing::debug!("http cache: only-if-cached, and nothing usable is stored");
    response
}
