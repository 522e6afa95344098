//! How gRPC says that a call is refused: with HTTP status 200 and a code of its own.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::limit::Reason;

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

const FAMILY: &[u8] = b"application/grpc";

/// The content type of a gRPC call, or of one of gRPC-Web, which answers have too.
pub(super) fn content_type(headers: &HeaderMap) -> Option<HeaderValue> {
    let content_type = headers.get(CONTENT_TYPE)?;
    let (family, rest) = content_type.as_bytes().split_at_checked(FAMILY.len())?;
    let ends = matches!(rest.first(), None | Some(b'+' | b'-' | b';' | b' '));
    (ends && family.eq_ignore_ascii_case(FAMILY)).then(|| content_type.clone())
}

/// What stands in an answer that has no message and whose trailers are its head ("Trailers-Only" in the
/// protocol).
pub(super) fn refuse(reason: Reason, headers: &mut HeaderMap) {
    let status = match reason {
        // RESOURCE_EXHAUSTED
        Reason::Quota | Reason::Ban => "8",
        // UNAVAILABLE
        Reason::Capacity | Reason::Uncounted => "14",
    };
    headers.insert(STATUS, HeaderValue::from_static(status));
    headers.insert(MESSAGE, HeaderValue::from_static(reason.text()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_known_by_their_content_type() {
        for (content_type, is_call) in [
            ("application/grpc", true),
            ("Application/gRPC+proto", true),
            ("application/grpc-web-text", true),
            ("application/grpc;v=1", true),
            ("application/grpcx", false),
            ("application/gr", false),
            ("application/json", false),
        ] {
            let mut headers = HeaderMap::new();
            assert_eq!(super::content_type(&headers), None);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(
                super::content_type(&headers).is_some(),
                is_call,
                "{content_type}"
            );
        }
    }
}
