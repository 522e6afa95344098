//! How keys and channels are called.

use std::fmt;

use bytes::Bytes;

use super::escape::escape;
use super::pattern::Pattern;
use super::token::TokenKey;

/// The keys of one namespace, and its channels in one database.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Names {
    namespace: Bytes,
    database: i64,
}

impl Names {
    pub(crate) fn new(namespace: &str, database: i64) -> Self {
        let mut escaped = Vec::new();
        escape(namespace.as_bytes(), &[], &mut escaped);
        Self {
            namespace: escaped.into(),
            database,
        }
    }

    /// What every value key of `cache` starts with.
    pub(crate) fn values(&self, cache: &CacheName) -> Bytes {
        self.key(&[b"c:", &cache.0, b":"])
    }

    /// The generation of the cache that `key` belongs to, if its beginning says so.
    pub(super) fn generation_of(&self, key: &[u8]) -> Option<TokenKey> {
        let named = key.strip_prefix(&self.key(&[b"c:"])[..])?;
        let end = named.iter().position(|byte| *byte == b':')?;
        named.get(..end).map(TokenKey::generation)
    }

    /// Where the tokens of all tags lie.
    pub(super) fn all_tags(&self) -> Pattern {
        Pattern::prefix(&self.key(&[b"t:"]))
    }

    /// Where `token` lies.
    pub(super) fn token(&self, token: &TokenKey) -> Bytes {
        self.key(&[token.as_bytes()])
    }

    /// Where the stamp of the namespace lies.
    pub(super) fn stamp(&self) -> Bytes {
        self.key(&[b"t"])
    }

    /// Where epoch and sequence number of the feed lie.
    pub(super) fn feed(&self) -> Bytes {
        self.key(&[b"feed"])
    }

    /// Where it says who removes what starts with `prefix`, which a foreign message named.
    pub(super) fn foreign(&self, prefix: &[u8]) -> Bytes {
        let digest = sha1_smol::Sha1::from(prefix).digest().to_string();
        self.key(&[b"i:", digest.as_bytes()])
    }

    /// The channel of our own messages.
    pub(super) fn channel(&self) -> Bytes {
        self.in_database(self.key(&[b"feed"]))
    }

    /// The channel on which anybody may publish a prefix.
    pub(super) fn foreign_channel(&self) -> Bytes {
        self.in_database(Bytes::from_static(b"cache:invalidate"))
    }

    fn key(&self, rest: &[&[u8]]) -> Bytes {
        let mut key = self.namespace.to_vec();
        key.push(b':');
        rest.iter().for_each(|part| key.extend_from_slice(part));
        key.into()
    }

    // channels are not per database
    fn in_database(&self, channel: Bytes) -> Bytes {
        match self.database {
            0 => channel,
            number => [&channel[..], b":", number.to_string().as_bytes()]
                .concat()
                .into(),
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names")
            .field("namespace", &self.namespace)
            .field("database", &self.database)
            .finish()
    }
}

/// A cache as it is called in keys: its name and the fingerprint of the shape of its values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CacheName(Bytes);

impl CacheName {
    /// `path` is one part for a cache that was named by hand, and several for that of a function.
    /// `shape` is 8 hexadecimal digits.
    pub(crate) fn new(path: &[&str], shape: impl fmt::Display) -> Self {
        let mut name = Vec::new();
        for (n, part) in path.iter().enumerate() {
            if n > 0 {
                name.push(b'/');
            }
            escape(part.as_bytes(), b":/", &mut name);
        }
        name.extend_from_slice(format!(".{shape}").as_bytes());
        Self(name.into())
    }

    /// Where its generation lies: the token that every entry of it carries.
    pub(crate) fn generation(&self) -> TokenKey {
        TokenKey::generation(&self.0)
    }
}

/// Where the lease of a value key lies: a key in the same slot of a cluster.
pub(super) fn lease(key: &[u8]) -> Bytes {
    if has_tag(key) {
        [b"l:", key].concat().into()
    } else {
        [b"l:{", key, b"}"].concat().into()
    }
}

/// Whether a part of `key` decides about its slot: between the first `{` and the next `}`, if anything is.
fn has_tag(key: &[u8]) -> bool {
    let open = key.iter().position(|byte| *byte == b'{');
    let behind = open
        .and_then(|open| key.get(open + 1..))
        .unwrap_or_default();
    behind
        .iter()
        .position(|byte| *byte == b'}')
        .is_some_and(|len| len > 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_as_the_protocol_says() {
        let names = Names::new("tr", 0);
        let cache = CacheName::new(&["users"], "0badcafe");
        assert_eq!(names.values(&cache), "tr:c:users.0badcafe:");
        assert_eq!(names.token(&cache.generation()), "tr:g:users.0badcafe");
        assert_eq!(names.token(&TokenKey::tag("org:7")), "tr:t:org:7");
        assert_eq!(names.stamp(), "tr:t");
        assert_eq!(names.feed(), "tr:feed");
        let digest = "a9993e364706816aba3e25717850c26c9cd0d89d";
        assert_eq!(names.foreign(b"abc"), format!("tr:i:{digest}"));
        assert_eq!(names.channel(), "tr:feed");
        assert_eq!(names.foreign_channel(), "cache:invalidate");
        let third = Names::new("tr", 3);
        assert_eq!(third.feed(), "tr:feed");
        assert_eq!(third.channel(), "tr:feed:3");
        assert_eq!(third.foreign_channel(), "cache:invalidate:3");
    }

    #[test]
    fn a_key_says_of_which_cache_it_is() {
        let names = Names::new("tr", 0);
        let cache = CacheName::new(&["us:ers"], "0badcafe");
        let key = [&names.values(&cache)[..], b"a:b"].concat();
        assert_eq!(names.generation_of(&key), Some(cache.generation()));
        for other in ["tr:c:users", "tr:t:a:b", "users:1", "x:c:users:1"] {
            assert_eq!(names.generation_of(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn the_cache_of_a_function_meets_none_that_was_named_by_hand() {
        let function = CacheName::new(&["my crate", "module", "quote"], "00000000");
        assert_eq!(function.0, "my%20crate/module/quote.00000000");
        let by_hand = CacheName::new(&["my crate/module/quote"], "00000000");
        assert_eq!(by_hand.0, "my%20crate%2Fmodule%2Fquote.00000000");
    }

    #[test]
    fn a_lease_is_in_the_slot_of_its_value() {
        for (key, expected) in [
            (&b"a:b"[..], &b"l:{a:b}"[..]),
            (b"a{b}c", b"l:a{b}c"),
            (b"a{}c{d}", b"l:{a{}c{d}}"),
            (b"a}b", b"l:{a}b}"),
            (b"{a", b"l:{{a}"),
        ] {
            assert_eq!(lease(key), expected);
        }
    }

    proptest! {
        #[test]
        fn two_caches_have_two_names(
            one in prop::collection::vec("[a/:. %{]{0,3}", 1..4),
            other in prop::collection::vec("[a/:. %{]{0,3}", 1..4),
        ) {
            fn name(path: &[String]) -> CacheName {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                CacheName::new(&path, "00000000")
            }
            prop_assert_eq!(name(&one) == name(&other), one == other);
            prop_assert!(!name(&one).0.contains(&b':'));
        }
    }
}
