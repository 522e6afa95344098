//! Which keys are meant: glob patterns as Redis reads them.

use std::fmt;

use bytes::Bytes;

/// A glob pattern over value keys: `*`, `?`, `[abc]`, `[a-z]`, `[^a]`, and `\` before what is meant as
/// it stands.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Pattern(Bytes);

impl Pattern {
    /// The keys that start with `prefix`.
    pub(crate) fn prefix(prefix: &[u8]) -> Self {
        let mut glob = Vec::with_capacity(prefix.len() + 1);
        Self::quote(prefix, &mut glob);
        glob.push(b'*');
        Self(glob.into())
    }

    /// The keys that start with `prefix` and go on as `glob` says.
    #[cfg(test)]
    pub(crate) fn within(prefix: &[u8], glob: &[u8]) -> Self {
        let mut whole = Vec::with_capacity(prefix.len() + glob.len());
        Self::quote(prefix, &mut whole);
        whole.extend_from_slice(glob);
        Self(whole.into())
    }

    /// The keys that `glob` says.
    pub(crate) fn glob(glob: impl Into<Bytes>) -> Self {
        Self(glob.into())
    }

    /// Appends `text` to a glob, so that it stands for itself.
    pub(crate) fn quote(text: &[u8], to: &mut Vec<u8>) {
        for &byte in text {
            if matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\') {
                to.push(b'\\');
            }
            to.push(byte);
        }
    }

    /// Whether nothing in it stands for itself, so that what it means is only a matter of length, or of
    /// what is not there.
    pub(crate) fn is_wild(&self) -> bool {
        let mut rest = self.as_bytes();
        loop {
            match *rest {
                [] => return true,
                [b'*' | b'?', ref tail @ ..] => rest = tail,
                [b'[', ref class @ ..] => {
                    let (_, read) = in_class(class, 0);
                    rest = class.get(read..).unwrap_or_default();
                }
                [_, ..] => return false,
            }
        }
    }

    /// As Redis reads it.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What every key that it means starts with.
    pub(super) fn literal_start(&self) -> Vec<u8> {
        let mut start = Vec::new();
        let mut rest = self.as_bytes();
        loop {
            match *rest {
                [] | [b'*' | b'?' | b'[', ..] => return start,
                [b'\\', quoted, ref tail @ ..] => {
                    start.push(quoted);
                    rest = tail;
                }
                [plain, ref tail @ ..] => {
                    start.push(plain);
                    rest = tail;
                }
            }
        }
    }

    /// Whether a key that begins with `head` may be meant.
    pub(crate) fn may_mean(&self, head: &[u8]) -> bool {
        let start = self.literal_start();
        start.iter().zip(head).all(|(one, other)| one == other)
    }

    /// Where leases of such keys lie. It may match more than them.
    pub(super) fn of_leases(&self) -> Self {
        Self([b"l:*", self.as_bytes(), b"*"].concat().into())
    }

    pub(crate) fn matches(&self, key: &[u8]) -> bool {
        self.matches_joined(key, &[])
    }

    /// Whether the key `head` and `tail` make together is meant.
    pub(crate) fn matches_joined(&self, head: &[u8], tail: &[u8]) -> bool {
        let key = |at: usize| match head.get(at) {
            Some(byte) => Some(*byte),
            None => tail.get(at - head.len()).copied(),
        };
        matches(&self.0, key)
    }
}

// a part of a key may be a secret
impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pattern")
            .field("bytes", &self.0.len())
            .finish_non_exhaustive()
    }
}

/// One step at a time. A later `*` can do all that an earlier one could, so only the last one is gone
/// back to, and a hostile pattern costs the product of both lengths at most.
fn matches(glob: &[u8], key: impl Fn(usize) -> Option<u8>) -> bool {
    let (mut in_glob, mut in_key) = (0, 0);
    let mut star = None;
    loop {
        if glob.get(in_glob) == Some(&b'*') {
            in_glob += 1;
            star = Some((in_glob, in_key));
            continue;
        }
        let next = match (key(in_key), glob.get(in_glob..)) {
            (None, rest) => return rest.is_none_or(|rest| rest.iter().all(|byte| *byte == b'*')),
            (Some(byte), Some(rest)) => one(rest, byte),
            (Some(_), None) => None,
        };
        match (next, star) {
            (Some(read), _) => (in_glob, in_key) = (in_glob + read, in_key + 1),
            (None, Some((after, from))) => {
                (in_glob, in_key) = (after, from + 1);
                star = Some((after, from + 1));
            }
            (None, None) => return false,
        }
    }
}

/// How much of `glob`, which does not start with `*`, stands for the one character `byte`.
fn one(glob: &[u8], byte: u8) -> Option<usize> {
    match *glob {
        [] => None,
        [b'?', ..] => Some(1),
        [b'\\', quoted, ..] => (quoted == byte).then_some(2),
        [b'[', ref class @ ..] => {
            let (holds, read) = in_class(class, byte);
            holds.then_some(1 + read)
        }
        [plain, ..] => (plain == byte).then_some(1),
    }
}

/// Whether `byte` is in the class, and how long the class is. One that is not closed ends with the
/// pattern.
///
/// Bytes count from 0 to 255. Redis compares what C calls `char`, so what a range that has an end beyond
/// ASCII means there depends on its machine.
fn in_class(class: &[u8], byte: u8) -> (bool, usize) {
    let (not, mut at) = match class {
        [b'^', ..] => (true, 1),
        _ => (false, 0),
    };
    let mut found = false;
    loop {
        match *class.get(at..).unwrap_or_default() {
            [] => break,
            [b'\\', quoted, ..] => {
                found |= quoted == byte;
                at += 2;
            }
            [b']', ..] => {
                at += 1;
                break;
            }
            [low, b'-', high, ..] => {
                found |= (low.min(high)..=low.max(high)).contains(&byte);
                at += 3;
            }
            [plain, ..] => {
                found |= plain == byte;
                at += 1;
            }
        }
    }
    (found != not, at)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_wild_says_nothing_of_what_is_there() {
        for wild in [
            "", "*", "**", "?*", "[a-z]*", "[^a]", "[a\\]]", "[a-]]", "[a",
        ] {
            assert!(Pattern::glob(wild).is_wild(), "{wild}");
        }
        for tame in ["a", "*a", "[a]b", "?:*", "\\*", "[]a", "]"] {
            assert!(!Pattern::glob(tame).is_wild(), "{tame}");
        }
    }

    /// What each of them says, as `redis-cli KEYS` answers it.
    const KNOWN: &[(&str, &str, bool)] = &[
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("**", "ab", true),
        ("a*", "a", true),
        ("a*c", "abc", true),
        ("a*c", "abcd", false),
        ("a*b*c", "a1b2b3c", true),
        ("*bc", "abcbc", true),
        ("h?llo", "hello", true),
        ("h?llo", "hllo", false),
        ("h[ae]llo", "hallo", true),
        ("h[ae]llo", "hillo", false),
        ("h[^e]llo", "hallo", true),
        ("h[^e]llo", "hello", false),
        ("h[a-b]llo", "hbllo", true),
        ("h[b-a]llo", "hallo", true),
        ("h[a-b]llo", "hcllo", false),
        ("a\\*", "a*", true),
        ("a\\*", "ab", false),
        ("a\\", "a\\", true),
        ("[a\\]]", "]", true),
        ("[]", "a", false),
        ("[a", "a", true),
        ("[^]x", "ax", true),
        ("[a-", "-", true),
    ];

    #[test]
    fn it_reads_as_redis_does() {
        for (glob, key, matches) in KNOWN {
            let pattern = Pattern::glob(glob.as_bytes());
            assert_eq!(pattern.matches(key.as_bytes()), *matches, "{glob} {key}");
        }
    }

    #[test]
    fn a_hostile_pattern_costs_no_more_than_its_length_times_the_keys() {
        let pattern = Pattern::glob("*a".repeat(200) + "b");
        assert!(!pattern.matches(&[b'a'; 2_000]));
    }

    fn simple() -> impl Strategy<Value = Vec<u8>> {
        vec(
            prop_oneof![Just(b'*'), Just(b'?'), Just(b'a'), Just(b'b')],
            0..8,
        )
    }

    /// The textbook definition.
    fn naive(glob: &[u8], key: &[u8]) -> bool {
        match (glob, key) {
            ([], key) => key.is_empty(),
            ([b'*', rest @ ..], key) => (0..=key.len()).any(|at| naive(rest, &key[at..])),
            ([_, ..], []) => false,
            ([b'?', rest @ ..], [_, key @ ..]) => naive(rest, key),
            ([one, rest @ ..], [byte, key @ ..]) => one == byte && naive(rest, key),
        }
    }

    #[test]
    fn what_begins_otherwise_is_not_meant() {
        let pattern = Pattern::glob("ab\\*c?e*");
        for head in ["", "a", "ab*", "ab*c", "ab*cx", "ab*c?efg"] {
            assert!(pattern.may_mean(head.as_bytes()), "{head}");
        }
        for head in ["b", "abc", "ab*x"] {
            assert!(!pattern.may_mean(head.as_bytes()), "{head}");
        }
        assert!(Pattern::glob("*").may_mean(b"x"));
    }

    proptest! {
        #[test]
        fn stars_stand_for_anything(glob in simple(), key in vec(prop_oneof![Just(b'a'), Just(b'b')], 0..10)) {
            prop_assert_eq!(Pattern::glob(glob.clone()).matches(&key), naive(&glob, &key));
        }

        #[test]
        fn a_prefix_is_meant_as_it_stands(
            prefix in vec(prop_oneof![Just(b'*'), Just(b'['), Just(b']'), Just(b'\\'), any::<u8>()], 0..8),
            rest in vec(any::<u8>(), 0..8),
            other in vec(any::<u8>(), 0..8),
        ) {
            let pattern = Pattern::prefix(&prefix);
            prop_assert!(pattern.matches_joined(&prefix, &rest));
            prop_assert_eq!(pattern.matches(&other), other.starts_with(&prefix));
            prop_assert_eq!(&pattern.literal_start(), &prefix);
            let lease = [b"l:{", &prefix[..], &rest, b"}"].concat();
            prop_assert!(pattern.of_leases().matches(&lease));
        }

        #[test]
        fn no_pattern_makes_it_panic(
            glob in vec(prop_oneof![Just(b'*'), Just(b'['), Just(b'^'), Just(b'-'), Just(b'\\'), any::<u8>()], 0..12),
            key in vec(any::<u8>(), 0..12),
        ) {
            Pattern::glob(glob).matches(&key);
        }
    }
}
