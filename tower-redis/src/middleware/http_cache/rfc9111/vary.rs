//! Section 4.1: which of the responses stored for a URI a request selects.

use http::header::{HeaderMap, HeaderName, VARY};

use crate::middleware::http_cache::rfc9110::negotiation::{are_same, folds, is_preference};
use crate::middleware::http_cache::safety::{
    FORWARDED_URL, forwarded_url, is_other_url, other_url,
};

use super::fields::{all_elements, elements};
#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;

/// The fields of the request that a stored response was made for, as far as its `Vary` names them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Selection(Box<[Selecting]>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Selecting {
    name: HeaderName,
    /// Normalised; `None` when the request did not have the field: then only one without it matches.
    value: Option<Box<[u8]>>,
}

impl Selection {
    /// What `Vary` in the `response` makes of `request`, and what may make it a request for another URL. `None` when one of its members, in any of
    /// its lines, is `*` (section 4.1: never matches), or is no field name, so that nothing can be
    /// said to match it.
    pub(crate) fn new(request: &HeaderMap, response: &HeaderMap) -> Option<Self> {
        let mut selecting: Vec<Selecting> = Vec::new();
        for name in other_url(request) {
            let (name, value) = (name.clone(), normalised(request, name));
            selecting.push(Selecting { name, value });
        }
        let members = all_elements(response, &VARY);
        #[cfg(any(test, feature = "testing"))]
        let members = members.take(match HttpCacheFault::VaryIsOneLine.is_committed() {
            true => first_line(response),
            false => usize::MAX,
        });
        for member in members {
            if member == b"*" {
                return None;
            }
            let name = HeaderName::from_bytes(member).ok()?;
            if selecting.iter().all(|known| known.name != name) {
                let value = normalised(request, &name);
                selecting.push(Selecting { name, value });
            }
        }
        Some(Self(selecting.into()))
    }

    /// Whether `request` selects the response. A response without `Vary` is selected by any request.
    pub(crate) fn matches(&self, request: &HeaderMap) -> bool {
        self.0.iter().all(|selecting| selecting.matches(request))
    }

    /// Whether `request` is for the same URL by whatever a service may go by. A validator tells nothing of that: an
    /// origin that believes `X-Forwarded-Host` may have one entity tag for all hosts.
    pub(crate) fn is_of_url(&self, request: &HeaderMap) -> bool {
        let own = || self.0.iter().filter(|member| is_other_url(&member.name));
        own().all(|member| member.matches(request))
            && other_url(request).all(|name| own().any(|member| member.name == *name))
    }

    /// The fields by name, each with its value as it is compared.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&HeaderName, Option<&[u8]>)> {
        let members = self.0.iter();
        members.map(|selecting| (&selecting.name, selecting.value.as_deref()))
    }

    /// What [`members`](Self::members) told.
    pub(crate) fn from_members(members: Vec<(HeaderName, Option<Box<[u8]>>)>) -> Self {
        let members = members.into_iter();
        Self(
            members
                .map(|(name, value)| Selecting { name, value })
                .collect(),
        )
    }

    /// Bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        // a value lies in memory of its own
        const VALUE: usize = 24;
        let value = |s: &Selecting| s.value.as_ref().map_or(0, |value| value.len() + VALUE);
        let held = |s: &Selecting| size_of::<Selecting>() + value(s);
        self.0.iter().map(held).sum()
    }
}

impl Selecting {
    fn matches(&self, request: &HeaderMap) -> bool {
        if self.name == FORWARDED_URL {
            return self.value == forwarded_url(request);
        }
        let Some(stored) = &self.value else {
            return !request.contains_key(&self.name);
        };
        if !request.contains_key(&self.name) {
            return false;
        }
        // most that are the same are written alike
        is_written_alike(stored, request, &self.name)
            || is_preference(&self.name)
                && are_same(
                    &self.name,
                    elements(stored),
                    all_elements(request, &self.name),
                )
    }
}

/// Whether a normalised value has the elements of a field, in their order.
fn is_written_alike(stored: &[u8], request: &HeaderMap, name: &HeaderName) -> bool {
    let fold = folds(name);
    let mut rest = stored;
    for (at, element) in all_elements(request, name).enumerate() {
        if at > 0 {
            let Some(after) = rest.strip_prefix(b",") else {
                return false;
            };
            rest = after;
        }
        let Some((same, after)) = rest.split_at_checked(element.len()) else {
            return false;
        };
        let equal = if fold {
            same.eq_ignore_ascii_case(element)
        } else {
            same == element
        };
        if !equal {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

/// Section 4.1 allows to combine lines, to leave whitespace out where the syntax allows it, and to normalise what
/// a field's own definition calls the same. That is known of the fields in which a client says what it prefers;
/// of all others the order and the case count.
fn normalised(request: &HeaderMap, name: &HeaderName) -> Option<Box<[u8]>> {
    if *name == FORWARDED_URL {
        return forwarded_url(request);
    }
    request.contains_key(name).then(|| {
        let elements: Vec<_> = all_elements(request, name).collect();
        elements.join(&b","[..]).into_boxed_slice()
    })
}

/// How many members the first line has.
#[cfg(any(test, feature = "testing"))]
fn first_line(response: &HeaderMap) -> usize {
    let line = response.get(VARY).map_or(&b""[..], |line| line.as_bytes());
    elements(line).count()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn fields(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(*name, HeaderValue::from_str(value).unwrap());
        }
        fields
    }

    fn selects(
        vary: &[&str],
        one: &[(&'static str, &str)],
        other: &[(&'static str, &str)],
    ) -> bool {
        let vary: Vec<_> = vary.iter().map(|line| ("vary", *line)).collect();
        let selection = Selection::new(&fields(one), &fields(&vary)).unwrap();
        assert!(selection.matches(&fields(one)), "a request matches itself");
        selection.matches(&fields(other))
    }

    #[test]
    fn matching() {
        let ab = [("a", "1"), ("b", "2")];
        assert!(selects(&[], &[], &ab));
        assert!(selects(&[""], &[], &ab));
        assert!(selects(&["a"], &ab, &[("a", "1"), ("b", "other")]));
        assert!(!selects(&["a"], &ab, &[("a", "2")]));
        assert!(!selects(&["a, b"], &ab, &[("a", "1"), ("b", "3")]));
        assert!(
            !selects(&["a", "B"], &ab, &[("a", "1"), ("b", "3")]),
            "every line counts"
        );
        assert!(selects(&["A,,b"], &ab, &ab));
        // absent matches absent only
        assert!(selects(&["a"], &[], &[("b", "2")]));
        assert!(!selects(&["a"], &[], &[("a", "")]));
        assert!(!selects(&["a"], &[("a", "")], &[]));
        assert!(selects(&["a"], &[("a", "")], &[("a", " ,")]));
    }

    #[test]
    fn whitespace_lines_and_the_case_of_negotiation() {
        assert!(selects(&["a"], &[("a", "1, 2")], &[("a", "1"), ("a", "2")]));
        assert!(selects(&["a"], &[("a", "1,2")], &[("a", " 1 ,\t2 ")]));
        assert!(!selects(&["a"], &[("a", "1, 2")], &[("a", "2, 1")]));
        assert!(!selects(&["a"], &[("a", "1, 2")], &[("a", "12")]));
        assert!(!selects(&["a"], &[("a", "1, 2")], &[("a", "1")]));
        assert!(!selects(&["a"], &[("a", "1")], &[("a", "1, 2")]));
        assert!(!selects(&["a"], &[("a", "x")], &[("a", "X")]));
        assert!(selects(
            &["accept-encoding"],
            &[("accept-encoding", "GZIP, br")],
            &[("accept-encoding", "gzip,BR")]
        ));
    }

    #[test]
    fn the_order_counts_but_for_what_a_client_prefers() {
        for (name, one, other, expected) in [
            ("accept-language", "en, de", "de, en", true),
            ("accept-encoding", "gzip, br;q=0.5", "br;q=0.50,gzip", true),
            (
                "accept",
                "text/html, a/b;q=0.5",
                "a/b;q=0.5, Text/HTML",
                true,
            ),
            ("accept-charset", "utf-8, a", "A, UTF-8", true),
            ("accept-language", "en, de;q=0.5", "de, en;q=0.5", false),
            ("accept", "a/b;p=X", "a/b;p=x", false),
            ("accept-features", "a, b", "b, a", false),
            ("cookie", "a, b", "b, a", false),
        ] {
            let selected = selects(&[name], &[(name, one)], &[(name, other)]);
            assert_eq!(selected, expected, "{name}: {one} | {other}");
        }
    }

    #[test]
    fn a_star_in_any_position_never_matches() {
        for vary in [
            &["*"][..],
            &["a, *"],
            &["*, a"],
            &["a", "*"],
            &["a b"],
            &["\"a\""],
        ] {
            let vary: Vec<_> = vary.iter().map(|line| ("vary", *line)).collect();
            assert_eq!(
                Selection::new(&HeaderMap::new(), &fields(&vary)),
                None,
                "{vary:?}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn selects_the_same_elements_and_no_others(
            one in proptest::collection::vec("[a-c]{1,2}", 0..4),
            other in proptest::collection::vec("[a-c]{1,2}", 0..4),
            space in "[ \t]{0,2}", cut in 0_usize..4,
        ) {
            let one_line = one.join(",");
            let cut = cut.min(other.len());
            let joined = |part: &[String]| part.join(&format!("{space},{space}"));
            let lines = [("a", &*joined(&other[..cut])), ("a", &*joined(&other[cut..]))];
            prop_assert_eq!(selects(&["a"], &[("a", &one_line)], &lines), one == other);
        }
    }
}
