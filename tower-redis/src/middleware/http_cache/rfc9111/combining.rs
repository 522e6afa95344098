//! Section 3.4 and RFC 9110 section 15.3.7.3: which parts are parts of one, and what is missing of them.

use std::ops::Range;

use http::header::{ETAG, HeaderMap, HeaderValue, LAST_MODIFIED};

#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;
use crate::middleware::http_cache::rfc9110::conditions::strong_date;
use crate::middleware::http_cache::rfc9110::etag::EntityTag;

/// Whether parts of the one fit parts of the other: only "if they all share the same strong validator". That is the
/// entity tag, or where neither has one, a `Last-Modified` that is strong.
pub(crate) fn are_of_one(one: &HeaderMap, other: &HeaderMap) -> bool {
    #[cfg(any(test, feature = "testing"))]
    if HttpCacheFault::WeakPartsAreJoined.is_committed() && one.contains_key(ETAG) {
        return one.get(ETAG) == other.get(ETAG);
    }
    match (EntityTag::of(one), EntityTag::of(other)) {
        (Some(one), Some(other)) => one.strongly_equals(other),
        (None, None) => strong_date(one).is_some_and(|date| strong_date(other) == Some(date)),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// What to ask with, in `If-Range`, for the rest of a response: its strong validator. Only parts of one that has such
/// can be combined.
pub(crate) fn strong_validator(fields: &HeaderMap) -> Option<&HeaderValue> {
    if fields.contains_key(ETAG) {
        return fields.get(ETAG).filter(|_| has_strong_tag(fields));
    }
    strong_date(fields).and_then(|_| fields.get(LAST_MODIFIED))
}

/// Whether a response can be told from all others for the same URI by its entity tag.
pub(crate) fn has_strong_tag(fields: &HeaderMap) -> bool {
    EntityTag::of(fields).is_some_and(EntityTag::is_strong)
}

/// Whether nothing says that the two are of different representations.
pub(crate) fn are_alike(one: &HeaderMap, other: &HeaderMap) -> bool {
    [ETAG, LAST_MODIFIED]
        .iter()
        .all(|name| one.get(name) == other.get(name))
}

/// The range that two are together. `None` when bytes are missing between them: then they stay "multiple 206
/// responses, each with one continuous range".
pub(crate) fn union(one: &Range<u64>, other: &Range<u64>) -> Option<Range<u64>> {
    let apart = one.start > other.end || other.start > one.end;
    (!apart).then(|| one.start.min(other.start)..one.end.max(other.end))
}

/// What is missing of `wanted` where these parts are stored, if one range is and some of `wanted` is there.
pub(crate) fn missing<'a>(
    wanted: &Range<u64>,
    parts: impl Iterator<Item = &'a Range<u64>>,
) -> Option<Range<u64>> {
    let mut missing = wanted.clone();
    for part in parts {
        if part.start <= wanted.start {
            missing.start = missing.start.max(part.end);
        }
        if part.end >= wanted.end {
            missing.end = missing.end.min(part.start);
        }
    }
    (missing != *wanted && missing.start < missing.end).then_some(missing)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn tagged(tag: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ETAG, HeaderValue::from_static(tag))])
    }

    #[test]
    fn only_the_same_strong_validator_makes_parts_fit() {
        for (one, other, expected) in [
            ("\"a\"", "\"a\"", true),
            ("\"a\"", "\"b\"", false),
            ("\"a\"", "W/\"a\"", false),
            ("W/\"a\"", "W/\"a\"", false),
            ("a", "a", false),
        ] {
            assert_eq!(
                are_of_one(&tagged(one), &tagged(other)),
                expected,
                "{one} {other}"
            );
        }
        assert!(!are_of_one(&HeaderMap::new(), &HeaderMap::new()));
        assert!(are_alike(&tagged("W/\"a\""), &tagged("W/\"a\"")));
        assert!(!are_alike(&tagged("\"a\""), &HeaderMap::new()));
    }

    #[test]
    fn one_range_is_missing_or_none_that_can_be_asked_for() {
        for (wanted, parts, expected) in [
            (0..10, &[(0, 5)][..], Some(5..10)),
            (0..10, &[(5, 10)], Some(0..5)),
            (0..10, &[(0, 3), (7, 10)], Some(3..7)),
            (0..10, &[(0, 3), (0, 4), (8, 10), (7, 12)], Some(4..7)),
            (2..8, &[(0, 5)], Some(5..8)),
            (2..8, &[(7, 9)], Some(2..7)),
            (0..10, &[(3, 7)], None),
            (0..10, &[], None),
            (0..10, &[(0, 10)], None),
            (0..10, &[(0, 6), (5, 10)], None),
            (5..8, &[(0, 2)], None),
            (2..8, &[(8, 9)], None),
        ] {
            let parts: Vec<Range<u64>> = parts.iter().map(|(first, end)| *first..*end).collect();
            assert_eq!(
                missing(&wanted, parts.iter()),
                expected,
                "{wanted:?} {parts:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_union_has_the_bytes_of_both_and_no_others(a in 0_u64..20, b in 1_u64..20, c in 0_u64..20, d in 1_u64..20) {
            let (one, other) = (a..a + b, c..c + d);
            let united: Vec<u64> = (0..60).filter(|at| one.contains(at) || other.contains(at)).collect();
            let continuous = united.windows(2).all(|pair| pair[0] + 1 == pair[1]);
            let expected = continuous.then(|| united[0]..united[united.len() - 1] + 1);
            prop_assert_eq!(union(&one, &other), expected);
        }

        #[test]
        fn what_is_missing_and_what_is_there_are_all(
            start in 0_u64..10, length in 1_u64..10,
            parts in proptest::collection::vec((0_u64..20, 1_u64..10), 0..4),
        ) {
            let wanted = start..start + length;
            let parts: Vec<_> = parts.into_iter().map(|(at, length)| at..at + length).collect();
            if let Some(missing) = missing(&wanted, parts.iter()) {
                for at in wanted.filter(|at| !missing.contains(at)) {
                    prop_assert!(parts.iter().any(|part| part.contains(&at)));
                }
            }
        }
    }
}
