//! Answers made from what is stored.

use http::header::HeaderMap;
use http::{Method, Response, StatusCode};
use http_body::Body;

use crate::clock::Moment;

use super::body::CacheBody;
use super::cache_status::{CacheStatus, Handling};
use super::rfc9111::validation::{CONTENT_FIELDS, not_modified};
use super::rfc9111::verdict::Reason;
use super::shared::Shared;
use super::stored::Stored;

/// The answer of `stored` to a GET or HEAD: the response, its head alone, or 304 when the client has it
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
    let unchanged = request.is_some_and(|fields| not_modified(fields, head.status, &head.fields));
    let body = if unchanged {
        CONTENT_FIELDS.iter().for_each(|name| {
            fields.remove(name);
        });
        CacheBody::empty()
    } else if *method == Method::HEAD {
        CacheBody::empty()
    } else {
        CacheBody::whole(stored.body.clone(), None)
    };
    let mut response = Response::new(body);
    *response.status_mut() = if unchanged {
        StatusCode::NOT_MODIFIED
    } else {
        head.status
    };
    *response.headers_mut() = fields;
    response
}

/// Section 5.2.1.7: 504 when nothing usable is stored and the request may not go forward.
pub(crate) fn only_if_cached<B: Body>(shared: &Shared) -> Response<CacheBody<B>> {
    let mut response = Response::new(CacheBody::empty());
    *response.status_mut() = StatusCode::GATEWAY_TIMEOUT;
    CacheStatus::new(Handling::Refused)
        .because(Reason::OnlyIfCached)
        .append(&shared.name, response.headers_mut());
    response
}
