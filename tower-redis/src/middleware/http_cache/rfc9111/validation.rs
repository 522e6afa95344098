//! Section 4.3: answering a client's conditional request, asking the origin with one of our own, and
//! taking its 304 into what is stored.

use http::StatusCode;
use http::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, PRAGMA, RANGE,
};

use crate::middleware::http_cache::safety::is_suspicious;

use super::fields::{all_elements, storable_fields};
use super::freshness::date_in;
#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;

/// Whether a response can be validated at all.
pub(crate) fn has_validator(response: &HeaderMap) -> bool {
    response.contains_key(ETAG) || date_in(response, &LAST_MODIFIED).is_some()
}

/// Whether the client asks for an answer only if something has changed.
pub(crate) fn is_conditional(request: &HeaderMap) -> bool {
    request.contains_key(IF_NONE_MATCH) || request.contains_key(IF_MODIFIED_SINCE)
}

/// Whether the request has none of the fields that say how it may be answered, or that it is none for a cache. Most have none, and a
/// look at each of their names costs less than the search for each of these.
pub(crate) fn is_plain(request: &HeaderMap) -> bool {
    let says_how = |name: &HeaderName| {
        *name == CACHE_CONTROL
            || *name == PRAGMA
            || *name == RANGE
            || *name == IF_MATCH
            || *name == IF_NONE_MATCH
            || *name == IF_MODIFIED_SINCE
            || *name == IF_UNMODIFIED_SINCE
            || *name == IF_RANGE
            || is_suspicious(name)
    };
    !request.keys().any(says_how)
}

/// Whether the request has a precondition that "is not applicable to a cache" (section 4.3.2): the
/// origin has to see it.
pub(crate) fn has_origin_precondition(request: &HeaderMap) -> bool {
    [IF_MATCH, IF_UNMODIFIED_SINCE, IF_RANGE]
        .iter()
        .any(|name| request.contains_key(name))
}

/// Section 4.3.2: whether a 304 answers a request that has selected the stored `response`.
/// `If-Modified-Since` counts only without `If-None-Match`; it is compared with `Last-Modified`, and
/// with `Date` in a response that has none.
pub(crate) fn not_modified(request: &HeaderMap, status: StatusCode, response: &HeaderMap) -> bool {
    if status != StatusCode::OK {
        return false;
    }
    let tags_count = request.contains_key(IF_NONE_MATCH);
    #[cfg(any(test, feature = "testing"))]
    let tags_count = tags_count
        && !(request.contains_key(IF_MODIFIED_SINCE)
            && HttpCacheFault::DateBeatsTag.is_committed());
    if tags_count {
        return all_elements(request, &IF_NONE_MATCH).any(|listed| {
            // RFC 9110 section 13.1.2: `*` is false when there is a current representation
            listed == b"*" || etag(response).is_some_and(|etag| weakly_equal(listed, etag))
        });
    }
    // RFC 9110 section 13.1.3: to be ignored if "the field value has more than one member"
    if request.get_all(IF_MODIFIED_SINCE).iter().nth(1).is_some() {
        return false;
    }
    date_in(request, &IF_MODIFIED_SINCE).is_some_and(|since| {
        let modified = if response.contains_key(LAST_MODIFIED) {
            LAST_MODIFIED
        } else {
            DATE
        };
        date_in(response, &modified).is_some_and(|modified| modified <= since)
    })
}

fn etag(response: &HeaderMap) -> Option<&[u8]> {
    Some(response.get(ETAG)?.as_bytes().trim_ascii())
}

/// RFC 9110 section 8.8.3.2.
fn weakly_equal(one: &[u8], other: &[u8]) -> bool {
    opaque(one) == opaque(other)
}

fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
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

/// Section 4.3.4: whether a 304 speaks of the `stored` response that the origin was asked about. One
/// that names no validator does.
///
/// "If none of the initial set contains at least one of the same strong validators, then the cache MUST NOT use the
/// new response to update any stored responses"; weak ones have to correspond.
pub(crate) fn confirms(answer: &HeaderMap, stored: &HeaderMap) -> bool {
    if let Some(named) = etag(answer) {
        let same =
            |known: &[u8]| named == known || named.starts_with(b"W/") && weakly_equal(named, known);
        return etag(stored).is_some_and(same);
    }
    let changed = answer.get(LAST_MODIFIED);
    changed.is_none_or(|named| stored.get(LAST_MODIFIED) == Some(named))
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

/// Section 3.2: the stored fields, each replaced by the lines the 304 has of it, except
/// `Content-Length` and those that are never stored. The age is the 304's own.
pub(crate) fn updated(stored: &HeaderMap, answer: &HeaderMap) -> HeaderMap {
    let mut fields = stored.clone();
    fields.remove(AGE);
    let answer = storable_fields(answer);
    let stays = |name: &HeaderName| *name == CONTENT_LENGTH;
    #[cfg(any(test, feature = "testing"))]
    let stays = |name: &HeaderName| stays(name) && !HttpCacheFault::LengthIsUpdated.is_committed();
    for name in answer.keys().filter(|name| !stays(name)) {
        fields.remove(name);
        for line in answer.get_all(name) {
            fields.append(name, line.clone());
        }
    }
    fields
}

/// RFC 9110 section 15.4.5: what the 304 leaves out is metadata of the content it does not carry.
pub(crate) const CONTENT_FIELDS: [HeaderName; 5] = [
    CONTENT_LENGTH,
    CONTENT_TYPE,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_RANGE,
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
    fn conditions() {
        let inm = |value| ("if-none-match", value);
        let ims = |value| ("if-modified-since", value);
        let tagged = [("etag", "\"a\""), ("last-modified", LATE)];
        for (expected, request, response) in [
            (true, &[inm("\"a\"")][..], &tagged[..]),
            (true, &[inm("W/\"a\"")], &tagged),
            (true, &[inm("\"a\"")], &[("etag", "W/\"a\"")]),
            (true, &[inm("\"x\", \"y,z\" ,\"a\"")], &tagged),
            (true, &[inm("\"x\""), inm("\"a\"")], &tagged),
            (true, &[inm("*")], &tagged),
            (true, &[inm("*")], &[]),
            (false, &[inm("\"b\"")], &tagged),
            (false, &[inm("\"x, \\\"a\\\"\"")], &tagged),
            (false, &[inm("\"a\"")], &[]),
            (false, &[inm("")], &tagged),
            // If-None-Match beats If-Modified-Since
            (false, &[inm("\"b\""), ims(LATE)], &tagged),
            (true, &[inm("\"a\""), ims(EARLY)], &tagged),
            (true, &[ims(LATE)], &tagged),
            (false, &[ims(EARLY)], &tagged),
            (false, &[ims("tomorrow")], &tagged),
            (false, &[ims(LATE), ims(LATE)], &tagged),
            (false, &[ims(LATE)], &[("etag", "\"a\"")]),
            (true, &[ims(LATE)], &[("date", EARLY)]),
            (false, &[ims(EARLY)], &[("date", LATE)]),
            (
                false,
                &[ims(LATE)],
                &[("date", EARLY), ("last-modified", "never")],
            ),
            (false, &[], &tagged),
        ] {
            let answer = not_modified(&fields(request), StatusCode::OK, &fields(response));
            assert_eq!(answer, expected, "{request:?} {response:?}");
        }
        let missing = StatusCode::NOT_FOUND;
        assert!(!not_modified(
            &fields(&[inm("\"a\"")]),
            missing,
            &fields(&tagged)
        ));
    }

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
            ("x-kept", "1"),
            ("x-many", "1"),
            ("x-many", "2"),
            ("cache-control", "max-age=1"),
        ]);
        let answer = fields(&[
            ("age", "2"),
            ("content-length", "0"),
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
            ("x-kept", "1"),
            ("x-many", "3"),
            ("cache-control", "max-age=2"),
            ("x-new", "a"),
            ("x-new", "b"),
        ]);
        assert_eq!(updated(&stored, &answer), expected);
    }
}
