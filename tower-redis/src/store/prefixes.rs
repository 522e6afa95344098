//! Several prefixes that are looked for at once.

use bytes::Bytes;

use super::pattern::Pattern;

/// Prefixes of value keys, none of which starts with another one.
#[derive(Debug)]
pub(super) struct Prefixes(Vec<Bytes>);

impl Prefixes {
    /// One that starts with another one says nothing more.
    pub(super) fn new(prefixes: &[Bytes]) -> Self {
        let mut sorted = prefixes.to_vec();
        sorted.sort_unstable();
        // what starts with a prefix stands right behind it
        sorted.dedup_by(|later, earlier| later.starts_with(earlier));
        Self(sorted)
    }

    /// All of the keys that start with one of them, and maybe others.
    pub(super) fn around(&self) -> Pattern {
        let (first, last) = match &self.0[..] {
            [] => return Pattern::prefix(b""),
            [first, .., last] => (first, last),
            [only] => (only, only),
        };
        // they are sorted, so what these two have in common all have
        let both = first.iter().zip(last.iter());
        let common = both.take_while(|(one, other)| one == other).count();
        Pattern::prefix(first.get(..common).unwrap_or_default())
    }

    /// Whether `key` starts with one of them.
    pub(super) fn start(&self, key: &[u8]) -> bool {
        // what lies between a prefix and a key that starts with it starts with it too, and is not here
        let behind = self.0.partition_point(|prefix| &prefix[..] <= key);
        let before = behind.checked_sub(1).and_then(|at| self.0.get(at));
        before.is_some_and(|prefix| key.starts_with(prefix))
    }

    /// Whether `lease` is that of a key that starts with one of them.
    pub(super) fn start_key_of(&self, lease: &[u8]) -> bool {
        let Some(key) = lease.strip_prefix(b"l:") else {
            return false;
        };
        self.start(key) || key.strip_prefix(b"{").is_some_and(|key| self.start(key))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::names::lease;
    use super::*;

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![Just(b'a'), Just(b'b'), Just(b'{'), Just(b'}'), Just(b'*')];
        vec(byte, 0..6)
    }

    proptest! {
        #[test]
        fn exactly_what_starts_with_one_is_meant(prefixes in vec(text(), 0..6), key in text()) {
            let all: Vec<Bytes> = prefixes.iter().cloned().map(Bytes::from).collect();
            let meant = prefixes.iter().any(|prefix| key.starts_with(prefix));
            let prefixes = Prefixes::new(&all);
            prop_assert_eq!(prefixes.start(&key), meant);
            if meant {
                prop_assert!(prefixes.around().matches(&key));
                prop_assert!(prefixes.start_key_of(&lease(&key)));
                prop_assert!(prefixes.around().of_leases().matches(&lease(&key)));
            }
        }
    }
}
