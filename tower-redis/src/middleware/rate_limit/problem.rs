//! What a problem document says (RFC 9457).

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};

use crate::limit::Reason;

/// The body of an answer to a request that could not be counted. Without a type it has that of its
/// status (RFC 9457, section 4.2.1).
const CLOSED: &[u8] = br#"{"title":"Service Unavailable","status":503,"error":"Service unavailable","detail":"Requests cannot be counted at present, and this one is not let through uncounted. Try again later."}"#;

/// The same where the server does not know whom to count, which is no affair of clients.
const MISCONFIGURED: &[u8] =
    br#"{"title":"Internal Server Error","status":500,"error":"Internal server error"}"#;

/// What a request gets that cannot be told apart, where that is an error.
pub(super) fn misconfigured() -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(MISCONFIGURED));
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let headers = answer.headers_mut();
    let problem = HeaderValue::from_static("application/problem+json");
    headers.insert(CONTENT_TYPE, problem);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The document for a refusal by the policy of this quoted name.
pub(super) fn document(reason: Reason, name: &[u8]) -> Bytes {
    let head: &[u8] = match reason {
        Reason::Quota => {
            br#"{"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","title":"Rate limit exceeded","status":429,"error":"Rate limit exceeded","violated-policies":["#
        }
        Reason::Ban => {
            br#"{"type":"https://iana.org/assignments/http-problem-types#abnormal-usage-detected","title":"Refused too often, and kept out for a while","status":429,"error":"Rate limit exceeded","violated-policies":["#
        }
        Reason::Capacity => {
            br#"{"type":"https://iana.org/assignments/http-problem-types#temporary-reduced-capacity","title":"Too many requests at once","status":503,"error":"Service unavailable","violated-policies":["#
        }
        Reason::Uncounted => return Bytes::from_static(CLOSED),
    };
    [head, name, b"]}"].concat().into()
}
