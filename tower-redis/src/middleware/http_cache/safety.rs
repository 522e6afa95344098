//! Requests by which caches have been poisoned: what a service may go by although it is not in the key.

use http::header::{CONTENT_LENGTH, FORWARDED, HeaderMap, HeaderName, TRANSFER_ENCODING};

use super::rfc9110::negotiation::parameters;
use super::rfc9111::fields::all_elements;

/// Fields by which services are told of another URL than the one that is asked for. Where a request has one, it
/// tells responses apart as if `Vary` named it: nobody else gets what it brought.
static OTHER_URL: [HeaderName; 18] = [
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-scheme"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-prefix"),
    HeaderName::from_static("x-forwarded-server"),
    HeaderName::from_static("x-forwarded-protocol"),
    HeaderName::from_static("x-forwarded-ssl"),
    HeaderName::from_static("x-forwarded-uri"),
    HeaderName::from_static("x-forwarded-path"),
    HeaderName::from_static("x-url-scheme"),
    HeaderName::from_static("x-http-host-override"),
    HeaderName::from_static("x-original-uri"),
    HeaderName::from_static("x-host"),
    HeaderName::from_static("x-original-host"),
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-rewrite-url"),
    HeaderName::from_static("front-end-https"),
];

/// Stands for what `Forwarded` says of the URL (RFC 7239 sections 5.3 and 5.4). All of it is something else for each
/// client.
pub(crate) static FORWARDED_URL: HeaderName = HeaderName::from_static("forwarded-url--");

/// Fields by which services are told of another method.
static OTHER_METHOD: [HeaderName; 3] = [
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-method-override"),
];

/// The fields of `request` that may make it a request for another URL.
pub(crate) fn other_url(request: &HeaderMap) -> impl Iterator<Item = &'static HeaderName> {
    let forwarded = forwarded_url(request).map(|_| &FORWARDED_URL);
    let named = OTHER_URL.iter().filter(|name| request.contains_key(*name));
    named.chain(forwarded)
}

/// Whether `name` is one of them.
pub(crate) fn is_other_url(name: &HeaderName) -> bool {
    *name == FORWARDED_URL || OTHER_URL.contains(name)
}

/// The `host` and the `proto` in `Forwarded`, as they are written. `None` when neither is there.
pub(crate) fn forwarded_url(request: &HeaderMap) -> Option<Box<[u8]>> {
    let mut said = Vec::new();
    for parameter in all_elements(request, &FORWARDED).flat_map(parameters) {
        let end = parameter.iter().position(|byte| *byte == b'=');
        let name = parameter[..end.unwrap_or(parameter.len())].trim_ascii();
        if name.eq_ignore_ascii_case(b"host") || name.eq_ignore_ascii_case(b"proto") {
            said.extend_from_slice(parameter);
            said.push(b';');
        }
    }
    (!said.is_empty()).then(|| said.into())
}

/// Whether the request may be one with another method.
pub(crate) fn has_other_method(request: &HeaderMap) -> bool {
    OTHER_METHOD.iter().any(|name| request.contains_key(name))
}

/// Whether the request has content: a GET whose parameters may be in there (RFC 9110 section 9.3.1 gives content in
/// a GET no meaning, and services give it one).
pub(crate) fn has_content(request: &HeaderMap) -> bool {
    let mut lengths = request.get_all(CONTENT_LENGTH).iter();
    request.contains_key(TRANSFER_ENCODING) || lengths.any(|length| length != "0")
}

/// Whether a field has to be looked at before a request is looked up.
pub(crate) fn is_suspicious(name: &HeaderName) -> bool {
    *name == CONTENT_LENGTH || *name == TRANSFER_ENCODING || OTHER_METHOD.contains(name)
}
