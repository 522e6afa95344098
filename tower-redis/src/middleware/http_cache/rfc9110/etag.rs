//! Section 8.8.3: entity tags, and how they are compared.

use http::header::{ETAG, HeaderMap, HeaderName};

/// An entity tag. What is none, as a tag without quotes, is taken as it is and compared byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntityTag<'a>(&'a [u8]);

impl<'a> EntityTag<'a> {
    /// The `ETag` of a response.
    pub(crate) fn of(response: &'a HeaderMap) -> Option<Self> {
        let value = response.get(ETAG)?.as_bytes().trim_ascii();
        (!value.is_empty()).then_some(Self(value))
    }

    pub(crate) fn new(tag: &'a [u8]) -> Self {
        Self(tag)
    }

    /// Whether a field's value begins as an entity tag does, and not as a date (section 13.1.5: "by examining the
    /// first three characters for a DQUOTE").
    pub(crate) fn is_one(value: &[u8]) -> bool {
        value.iter().take(3).any(|byte| *byte == b'"')
    }

    /// Not prefixed by `W/`, which is case-sensitive, and well formed: a tag that is not gives no guarantee.
    pub(crate) fn is_strong(self) -> bool {
        let inside = self
            .0
            .strip_prefix(b"\"")
            .and_then(|t| t.strip_suffix(b"\""));
        inside.is_some_and(|opaque| opaque.iter().all(|byte| is_etagc(*byte)))
    }

    /// Section 8.8.3.2: "both are not weak and their opaque-tags match character-by-character".
    pub(crate) fn strongly_equals(self, other: EntityTag<'_>) -> bool {
        self.is_strong() && other.is_strong() && self.0 == other.0
    }

    /// Section 8.8.3.2: "their opaque-tags match character-by-character, regardless of either or both being
    /// tagged as weak".
    pub(crate) fn weakly_equals(self, other: EntityTag<'_>) -> bool {
        self.opaque() == other.opaque()
    }

    fn opaque(self) -> &'a [u8] {
        self.0.strip_prefix(b"W/").unwrap_or(self.0)
    }
}

/// "etagc = %x21 / %x23-7E / obs-text".
fn is_etagc(byte: u8) -> bool {
    byte == 0x21 || (0x23..=0x7E).contains(&byte) || byte >= 0x80
}

/// The members of a list of entity tags, in all lines of a field. No backslash escapes anything in a tag, as it
/// would in a quoted string.
pub(crate) fn listed<'a>(
    fields: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> {
    let lines = fields.get_all(name).into_iter();
    lines.flat_map(|line| members(line.as_bytes()))
}

fn members(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = line;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = member_end(rest);
            let member = rest[..end].trim_ascii();
            rest = rest.get(end + 1..).unwrap_or_default();
            if !member.is_empty() {
                return Some(member);
            }
        }
        None
    })
}

/// Where the comma behind the first member is. One between two quotes separates nothing; a quote that is never
/// closed is an ordinary character.
fn member_end(line: &[u8]) -> usize {
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b',' => return at,
            b'"' => {
                let closing = line[at + 1..].iter().position(|byte| *byte == b'"');
                at += closing.map_or(1, |length| length + 2);
            }
            _ => at += 1,
        }
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use http::header::{HeaderValue, IF_NONE_MATCH};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_table_of_section_8_8_3_2() {
        for (one, other, strong, weak) in [
            ("W/\"1\"", "W/\"1\"", false, true),
            ("W/\"1\"", "W/\"2\"", false, false),
            ("W/\"1\"", "\"1\"", false, true),
            ("\"1\"", "\"1\"", true, true),
        ] {
            let (one, other) = (
                EntityTag::new(one.as_bytes()),
                EntityTag::new(other.as_bytes()),
            );
            assert_eq!(one.strongly_equals(other), strong, "{one:?} {other:?}");
            assert_eq!(one.weakly_equals(other), weak, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_tag_that_is_none_is_not_strong_and_equals_itself() {
        for tag in [
            "a", "\"a", "a\"", "w/\"a\"", "W\"a\"", "\"a b\"", "\"a\"b\"", "\"",
        ] {
            let tag = EntityTag::new(tag.as_bytes());
            assert!(!tag.is_strong(), "{tag:?}");
            assert!(tag.weakly_equals(tag));
            assert!(!tag.strongly_equals(tag));
        }
        assert!(EntityTag::new(b"\"\"").is_strong());
        assert!(EntityTag::new(b"\"a\\\xfc!\"").is_strong());
    }

    #[test]
    fn a_tag_is_told_from_a_date() {
        for (value, expected) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("Wed, 31 Dec 2025 00:00:00 GMT", false),
            ("", false),
        ] {
            assert_eq!(EntityTag::is_one(value.as_bytes()), expected, "{value}");
        }
    }

    fn read(lines: &[&str]) -> Vec<String> {
        let mut fields = HeaderMap::new();
        for line in lines {
            fields.append(IF_NONE_MATCH, HeaderValue::from_str(line).unwrap());
        }
        listed(&fields, &IF_NONE_MATCH)
            .map(|tag| String::from_utf8(tag.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn lists() {
        assert_eq!(read(&["\"a\" ,W/\"b,c\",, d"]), ["\"a\"", "W/\"b,c\"", "d"]);
        assert_eq!(read(&["\"a\"", "\"b\""]), ["\"a\"", "\"b\""]);
        // a backslash is a character as any other
        assert_eq!(read(&["\"a\\\", \"b\""]), ["\"a\\\"", "\"b\""]);
        assert_eq!(read(&["\"a, b"]), ["\"a", "b"]);
        assert!(read(&[" , "]).is_empty());
    }

    proptest! {
        #[test]
        fn a_list_of_tags_has_these_tags(
            tags in proptest::collection::vec("(W/)?\"[!#-~]{0,6}\"", 0..6),
            space in "[ \t]{0,2}",
        ) {
            prop_assert_eq!(read(&[&tags.join(&format!("{space},{space}"))]), tags);
        }

        #[test]
        fn any_line_is_read(line in "[ -~]{0,30}") {
            for member in read(&[&line]) {
                prop_assert!(line.contains(&member));
            }
        }
    }
}
