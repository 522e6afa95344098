//! What a response says it belongs to: tags, and the groups of RFC 9875.

use http::header::{HeaderMap, HeaderName};
use sfv::{BareItem, List, ListEntry, Parser};

pub(crate) const CACHE_TAG: HeaderName = HeaderName::from_static("cache-tag");
pub(crate) const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
const CACHE_GROUPS: HeaderName = HeaderName::from_static("cache-groups");
const CACHE_GROUP_INVALIDATION: HeaderName = HeaderName::from_static("cache-group-invalidation");

/// The fields in which responses tell their tags.
#[derive(Debug, Clone)]
pub(crate) struct TagFields {
    pub(crate) names: Vec<HeaderName>,
    /// Whether clients see them.
    pub(crate) are_passed_on: bool,
}

impl Default for TagFields {
    fn default() -> Self {
        Self {
            names: vec![CACHE_TAG, SURROGATE_KEY],
            are_passed_on: true,
        }
    }
}

impl TagFields {
    /// The tags of a response: members of a list with commas, and of `Surrogate-Key` words between spaces.
    pub(crate) fn tags<'a>(&'a self, response: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        self.names.iter().flat_map(move |name| {
            let lines = response.get_all(name).into_iter();
            let lines = lines.filter_map(|line| line.to_str().ok());
            let between = move |byte: char| match *name == SURROGATE_KEY {
                true => byte.is_ascii_whitespace(),
                false => byte == ',',
            };
            let tags = lines.flat_map(move |line| line.split(between).map(str::trim));
            tags.filter(|tag| !tag.is_empty())
        })
    }

    /// Takes out of an answer what clients are not to see.
    pub(crate) fn hide(&self, fields: &mut HeaderMap) {
        if !self.are_passed_on {
            for name in &self.names {
                fields.remove(name);
            }
        }
    }
}

/// The groups of a response (RFC 9875 section 2), as tags: they count within `origin` (section 2.1).
pub(crate) fn groups(response: &HeaderMap, origin: &str) -> Vec<String> {
    strings(response, &CACHE_GROUPS, origin)
}

/// The groups that an answer to an unsafe request invalidates (RFC 9875 section 3).
pub(crate) fn invalidated_groups(response: &HeaderMap, origin: &str) -> Vec<String> {
    strings(response, &CACHE_GROUP_INVALIDATION, origin)
}

/// The tag of a group.
pub(crate) fn group(origin: &str, group: &str) -> String {
    format!("http-group {origin} {group}")
}

/// Both fields are lists of strings. One that is no list is ignored (RFC 9651 section 4.2), and so is a member that
/// is no string.
fn strings(response: &HeaderMap, name: &HeaderName, origin: &str) -> Vec<String> {
    if !response.contains_key(name) {
        return Vec::new();
    }
    let lines = response.get_all(name).iter();
    let lines: Vec<_> = lines.map(|line| line.as_bytes()).collect();
    let list: Result<List, _> = Parser::new(&lines.join(&b", "[..])).parse();
    let strings = list.into_iter().flatten().filter_map(|entry| match entry {
        ListEntry::Item(item) => match item.bare_item {
            BareItem::String(text) => Some(group(origin, text.as_str())),
            _ => None,
        },
        ListEntry::InnerList(_) => None,
    });
    strings.collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn fields(lines: &[(&HeaderName, &'static str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(*name, HeaderValue::from_static(value));
        }
        fields
    }

    #[test]
    fn tags_are_members_or_words() {
        let response = fields(&[
            (&CACHE_TAG, "a, b c,,"),
            (&CACHE_TAG, "d"),
            (&SURROGATE_KEY, "e  f,g"),
        ]);
        let known = TagFields::default();
        let tags: Vec<_> = known.tags(&response).collect();
        assert_eq!(tags, ["a", "b c", "d", "e", "f,g"]);
        let none = TagFields {
            names: Vec::new(),
            ..known
        };
        assert_eq!(none.tags(&response).count(), 0);
    }

    #[test]
    fn groups_are_strings_and_count_within_their_origin() {
        let of = |value| groups(&fields(&[(&CACHE_GROUPS, value)]), "https://a");
        assert_eq!(
            of("\"x\", \"y z\";p=1"),
            ["http-group https://a x", "http-group https://a y z"]
        );
        assert_eq!(of("\"x\", y, 1, (\"z\")"), ["http-group https://a x"]);
        for odd in ["\"x\",", "\"x", "x y"] {
            assert!(of(odd).is_empty(), "{odd}");
        }
        let two = fields(&[(&CACHE_GROUPS, "\"x\""), (&CACHE_GROUPS, "\"y\"")]);
        assert_eq!(groups(&two, "o"), ["http-group o x", "http-group o y"]);
    }
}
