//! Section 4.3: asking the origin with a condition of our own, and taking its 304 into what is stored.

use http::StatusCode;
use http::header::{
    AGE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};

use crate::middleware::http_cache::rfc9110::etag::EntityTag;
use crate::middleware::http_cache::rfc9110::ranges::{CONTENT_DIGEST, CONTENT_MD5};

use super::fields::storable_fields;
use super::freshness::date_in;
#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;

/// Whether a response can be validated at all.
pub(crate) fn has_validator(response: &HeaderMap) -> bool {
    response.contains_key(ETAG) || date_in(response, &LAST_MODIFIED).is_some()
}

/// Section 4.3.1: makes `request` ask whether the `stored` response is still good. The client's own
/// conditions leave it; they are answered from the result.
pub(crate) fn ask(request: &mut HeaderMap, stored: &HeaderMap) {
    for (condition, validator) in [(IF_NONE_MATCH, ETAG), (IF_MODIFIED_SINCE, LAST_MODIFIED)] {
        match stored.get(validator) {
            Some(value) => request.insert(condition, value.clone()),
            None => request.remove(condition),
        };
    }
}

/// Section 4.3.1: "One or more entity tags, indicating one or more stored responses, can be used": makes
/// `request` ask which of the `stored` responses is the one for it.
pub(crate) fn ask_for_any<'a>(
    request: &mut HeaderMap,
    stored: impl Iterator<Item = &'a HeaderMap>,
) {
    let mut tags: Vec<&HeaderValue> = Vec::new();
    for tag in stored.filter_map(|fields| fields.get(ETAG)) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let list: Vec<&[u8]> = tags.into_iter().map(HeaderValue::as_bytes).collect();
    if let Ok(list) = HeaderValue::from_bytes(&list.join(&b", "[..])) {
        request.insert(IF_NONE_MATCH, list);
    }
}

/// Section 4.3.4: whether a 304 speaks of the `stored` response that the origin was asked about, "by the first
/// match of":
///
/// - "If the new response contains one or more strong validators": "If none of the initial set contains at least one
///   of the same strong validators, then the cache MUST NOT use the new response to update any stored responses".
/// - "no strong validators but [..] one or more weak validators": these have to correspond.
/// - no "form of validator": the only response that was asked about is meant. (The RFC wants that one to have none
///   either. An origin has to name its `ETag` in a 304; those that do not mean it.)
pub(crate) fn confirms(answer: &HeaderMap, stored: &HeaderMap) -> bool {
    if let Some(named) = EntityTag::of(answer) {
        let same = |known| named == known || !named.is_strong() && named.weakly_equals(known);
        return EntityTag::of(stored).is_some_and(same);
    }
    let changed = answer.get(LAST_MODIFIED);
    changed.is_none_or(|named| stored.get(LAST_MODIFIED) == Some(named))
}

/// Section 4.3.3: "A full response (i.e., one containing content) indicates that none of the stored responses nominated
/// in the conditional request are suitable": whether an answer with this status takes the place of what is stored, even
/// where it is not stored itself. One with a 5xx need not: the cache can "act as if the server failed to respond". A
/// 4xx that finds fault with who asked (401, 403), or how, says nothing of what others get: that none is suitable is said
/// of this request.
pub(crate) fn supersedes(status: StatusCode) -> bool {
    #[cfg(any(test, feature = "testing"))]
    if HttpCacheFault::RefusalsLeaveWhatIsStored.is_committed() {
        return false;
    }
    match status.as_u16() {
        206 | 304 => false,
        200..=399 | 404 | 405 | 410 | 414 | 451 => true,
        _ => false,
    }
}

/// Section 4.3.5: whether an answer to HEAD speaks of the `stored` response to GET: what it says of its
/// validators and its length is the same.
pub(crate) fn speaks_of(answer: &HeaderMap, stored: &HeaderMap) -> bool {
    [ETAG, LAST_MODIFIED, CONTENT_LENGTH].iter().all(|name| {
        answer
            .get(name)
            .is_none_or(|said| stored.get(name) == Some(said))
    })
}

/// Section 3.2: the stored fields, each replaced by the lines the 304 has of it, except those that are never stored, and
/// those [of the stored bytes](OF_BYTES). The age is the 304's own.
pub(crate) fn updated(stored: &HeaderMap, answer: &HeaderMap) -> HeaderMap {
    let mut fields = stored.clone();
    fields.remove(AGE);
    let answer = storable_fields(answer);
    let stays = |name: &HeaderName| OF_BYTES.contains(name);
    #[cfg(any(test, feature = "testing"))]
    let stays = |name: &HeaderName| {
        stays(name) && (*name != CONTENT_LENGTH || !HttpCacheFault::LengthIsUpdated.is_committed())
    };
    for name in answer.keys().filter(|name| !stays(name)) {
        fields.remove(name);
        for line in answer.get_all(name) {
            fields.append(name, line.clone());
        }
    }
    fields
}

/// What tells how to read the bytes that are stored, and stays with them. Section 3.2 names `Content-Length`,
/// lets `Content-Range` be omitted, and excepts "fields that the cache's stored response depends upon", as far as that is
/// necessary for its integrity: bytes that are not coded as is said, or that a digest does not fit, are of no use. An
/// origin that has coded them in another way has another entity tag for them (RFC 9110 section 8.8.3).
const OF_BYTES: [HeaderName; 5] = [
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_ENCODING,
    CONTENT_DIGEST,
    CONTENT_MD5,
];

/// RFC 9110 section 15.4.5: what the 304 leaves out is metadata of the content it does not carry.
pub(crate) const CONTENT_FIELDS: [HeaderName; 7] = [
    CONTENT_LENGTH,
    CONTENT_TYPE,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_RANGE,
    CONTENT_DIGEST,
    CONTENT_MD5,
];

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn fields(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(*name, HeaderValue::from_static(value));
        }
        fields
    }

    const EARLY: &str = "Wed, 31 Dec 2025 00:00:00 GMT";
    const LATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

    #[test]
    fn our_question_replaces_the_client_s() {
        let mut request = fields(&[
            ("if-none-match", "\"theirs\""),
            ("if-none-match", "\"more\""),
            ("if-modified-since", EARLY),
            ("accept", "x/y"),
        ]);
        ask(&mut request, &fields(&[("etag", "\"ours\"")]));
        assert_eq!(
            request,
            fields(&[("if-none-match", "\"ours\""), ("accept", "x/y")])
        );
        ask(&mut request, &fields(&[("last-modified", LATE)]));
        assert_eq!(
            request,
            fields(&[("if-modified-since", LATE), ("accept", "x/y")])
        );
    }

    #[test]
    fn a_question_about_several_names_each_tag_once() {
        let stored = ["\"a\"", "W/\"b\"", "\"a\""].map(|tag| fields(&[("etag", tag)]));
        let mut request = fields(&[("accept", "x/y")]);
        ask_for_any(&mut request, stored.iter().chain([&HeaderMap::new()]));
        let expected = [("if-none-match", "\"a\", W/\"b\""), ("accept", "x/y")];
        assert_eq!(request, fields(&expected));
    }

    #[test]
    fn confirmation() {
        let tag = |value| [("etag", value)];
        assert!(confirms(&fields(&[]), &fields(&tag("\"a\""))));
        assert!(confirms(&fields(&tag("\"a\"")), &fields(&tag("\"a\""))));
        assert!(confirms(&fields(&tag("W/\"a\"")), &fields(&tag("\"a\""))));
        assert!(!confirms(&fields(&tag("\"b\"")), &fields(&tag("\"a\""))));
        // a strong tag names one representation, and what is stored may be another one
        assert!(!confirms(&fields(&tag("\"a\"")), &fields(&tag("W/\"a\""))));
        assert!(!confirms(
            &fields(&tag("\"b\"")),
            &fields(&[("last-modified", LATE)])
        ));
        // "If the new response contains one or more strong validators"
        assert!(!confirms(&fields(&tag("\"a\"")), &fields(&tag("W/\"a\""))));
        // "no strong validators but does contain one or more weak validators"
        assert!(confirms(&fields(&tag("W/\"a\"")), &fields(&tag("W/\"a\""))));
        assert!(!confirms(
            &fields(&tag("W/\"b\"")),
            &fields(&tag("W/\"a\""))
        ));
        let both = fields(&[("etag", "\"a\""), ("last-modified", LATE)]);
        let weak = fields(&[("etag", "W/\"b\""), ("last-modified", LATE)]);
        assert!(!confirms(&weak, &both));
        assert!(!confirms(&weak, &fields(&[("last-modified", LATE)])));
        assert!(confirms(&fields(&[("last-modified", LATE)]), &both));
        assert!(!confirms(&fields(&[("last-modified", EARLY)]), &both));
        let modified = |value| fields(&[("last-modified", value)]);
        assert!(confirms(&modified(LATE), &modified(LATE)));
        assert!(!confirms(&modified(EARLY), &modified(LATE)));
        let both = fields(&[("etag", "\"a\""), ("last-modified", LATE)]);
        assert!(confirms(&modified(LATE), &both));
        assert!(!confirms(&modified(EARLY), &both));
        assert!(!confirms(&modified(LATE), &fields(&tag("\"a\""))));
    }

    #[test]
    fn a_304_replaces_fields() {
        let stored = fields(&[
            ("age", "9"),
            ("content-length", "5"),
            ("content-encoding", "br"),
            ("content-md5", "a=="),
            ("x-kept", "1"),
            ("x-many", "1"),
            ("x-many", "2"),
            ("cache-control", "max-age=1"),
        ]);
        let answer = fields(&[
            ("age", "2"),
            ("content-length", "0"),
            ("content-encoding", "gzip"),
            ("content-md5", "b=="),
            ("content-digest", "sha-256=:c=:"),
            ("content-range", "bytes 0-0/5"),
            ("content-type", "a/b"),
            ("x-many", "3"),
            ("x-new", "a"),
            ("x-new", "b"),
            ("cache-control", "max-age=2"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
        ]);
        let expected = fields(&[
            ("age", "2"),
            ("content-length", "5"),
            ("content-encoding", "br"),
            ("content-md5", "a=="),
            ("x-kept", "1"),
            ("content-type", "a/b"),
            ("x-many", "3"),
            ("cache-control", "max-age=2"),
            ("x-new", "a"),
            ("x-new", "b"),
        ]);
        assert_eq!(updated(&stored, &answer), expected);
    }
}
