//! Section 13: what a request asks to be so before it is answered in full.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::{
    CACHE_CONTROL, DATE, HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, PRAGMA, RANGE,
};

#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;
use crate::middleware::http_cache::rfc9111::freshness::date_in;
use crate::middleware::http_cache::safety::is_suspicious;

use super::etag::{EntityTag, listed};

/// Whether the client asks for an answer only if something has changed.
pub(crate) fn is_conditional(request: &HeaderMap) -> bool {
    request.contains_key(IF_NONE_MATCH) || request.contains_key(IF_MODIFIED_SINCE)
}

/// Whether the request has none of the fields that say how it may be answered, or that it is none for a cache.
/// Most have none, and a look at each of their names costs less than the search for each of these.
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

/// Whether the request has a precondition that is "not applicable to a cache" (RFC 9111 section 4.3.2): the
/// origin has to see it.
pub(crate) fn has_origin_precondition(request: &HeaderMap) -> bool {
    [IF_MATCH, IF_UNMODIFIED_SINCE]
        .iter()
        .any(|name| request.contains_key(name))
}

/// Whether a 304 answers a request that has selected the stored `response` (RFC 9111 section 4.3.2).
/// `If-Modified-Since` counts only without `If-None-Match` (section 13.2.2); it is compared with `Last-Modified`,
/// and with `Date` in a response that has none.
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
        let known = EntityTag::of(response);
        // section 13.1.2: `*` is false when there is a current representation; tags are compared weakly
        return listed(request, &IF_NONE_MATCH).any(|tag| {
            tag == b"*" || known.is_some_and(|known| known.weakly_equals(EntityTag::new(tag)))
        });
    }
    // section 13.1.3: to be ignored if "the field value has more than one member"
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

/// How long before its `Date` a response has to have changed for `Last-Modified` to tell it from all others:
/// "enough difference between the Last-Modified and Date values to make clock synchronization issues unlikely"
/// (section 8.8.2.2). Whether both come from one clock cannot be known here.
const APART: Duration = Duration::from_secs(60);

/// Section 13.1.5: whether the `Range` of a request counts. Without `If-Range` it does. A tag is compared
/// strongly; a date has to be that of `Last-Modified`, and a strong validator.
pub(crate) fn if_range_holds(request: &HeaderMap, response: &HeaderMap) -> bool {
    let Some(value) = request.get(IF_RANGE) else {
        return true;
    };
    let value = value.as_bytes().trim_ascii();
    if EntityTag::is_one(value) {
        let known = EntityTag::of(response);
        #[cfg(any(test, feature = "testing"))]
        if HttpCacheFault::IfRangeIsWeak.is_committed() {
            return known.is_some_and(|known| known.weakly_equals(EntityTag::new(value)));
        }
        return known.is_some_and(|known| known.strongly_equals(EntityTag::new(value)));
    }
    let modified = strong_date(response);
    modified.is_some() && date_in(request, &IF_RANGE) == modified
}

/// The `Last-Modified` of a response, where it is a strong validator (section 8.8.2.2).
pub(crate) fn strong_date(response: &HeaderMap) -> Option<SystemTime> {
    let modified = date_in(response, &LAST_MODIFIED)?;
    let since = date_in(response, &DATE)?.duration_since(modified).ok()?;
    (since >= APART).then_some(modified)
}

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
    fn a_304_is_for_who_has_what_is_stored() {
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
            // a backslash escapes nothing in a tag
            (true, &[inm("\"x\\\", \"a\"")], &tagged),
            (true, &[inm("w/\"a\"")], &[("etag", "w/\"a\"")]),
            (false, &[inm("w/\"a\"")], &tagged),
            (false, &[inm("a")], &tagged),
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
    fn a_range_counts_if_the_client_has_parts_of_the_same() {
        let condition = |value| ("if-range", value);
        let old = [("last-modified", EARLY), ("date", LATE)];
        for (expected, request, response) in [
            (true, &[][..], &[][..]),
            (true, &[condition("\"a\"")], &[("etag", "\"a\"")]),
            (false, &[condition("\"a\"")], &[("etag", "\"b\"")]),
            (false, &[condition("\"a\"")], &[]),
            // "using the strong comparison function"
            (false, &[condition("W/\"a\"")], &[("etag", "W/\"a\"")]),
            (false, &[condition("\"a\"")], &[("etag", "W/\"a\"")]),
            (false, &[condition("a")], &[("etag", "a")]),
            // "exactly matches the Last-Modified field value"
            (true, &[condition(EARLY)], &old),
            (
                true,
                &[condition("Wednesday, 31-Dec-25 00:00:00 GMT")],
                &old,
            ),
            (false, &[condition(LATE)], &old),
            (false, &[condition("yesterday")], &old),
            (false, &[condition("")], &old),
            // "if the HTTP-date validator provided is not a strong validator"
            (false, &[condition(EARLY)], &[("last-modified", EARLY)]),
            (
                false,
                &[condition(EARLY)],
                &[("last-modified", EARLY), ("date", EARLY)],
            ),
            (
                false,
                &[condition(EARLY)],
                &[
                    ("last-modified", EARLY),
                    ("date", "Wed, 31 Dec 2025 00:00:59 GMT"),
                ],
            ),
            (
                true,
                &[condition(EARLY)],
                &[
                    ("last-modified", EARLY),
                    ("date", "Wed, 31 Dec 2025 00:01:00 GMT"),
                ],
            ),
            (
                false,
                &[condition(LATE)],
                &[("last-modified", LATE), ("date", EARLY)],
            ),
        ] {
            let holds = if_range_holds(&fields(request), &fields(response));
            assert_eq!(holds, expected, "{request:?} {response:?}");
        }
    }
}
