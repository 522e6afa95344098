//! A subject as a part of its key in Redis.
//!
//! It stands between braces, which makes it the hash tag of the key: all policies of one subject lie in
//! one slot. So it must hold no brace itself and must not be empty. A written key has braces only where
//! somebody put a literal one; those, and keys too long to be repeated for each policy, are told by their
//! SHA-1. A client that chooses its key could only look for two inputs of his own with one digest, and
//! so share a quota with himself; an input with the digest of somebody else's is as far away as ever
//! (Leurent and Peyrin, 2020, find collisions, not second preimages). A brace in front tells digests, and
//! the empty subject, from all that stands for itself.

use sha1_smol::Sha1;

use super::digest::LONGEST;

/// Appends `subject`, as it stands between the braces.
pub(super) fn append(subject: &[u8], key: &mut Vec<u8>) {
    let plain = !subject.is_empty()
        && subject.len() <= LONGEST
        && !subject.iter().any(|byte| matches!(byte, b'{' | b'}'));
    if plain {
        key.extend_from_slice(subject);
        return;
    }
    key.push(b'{');
    if !subject.is_empty() {
        let digest = Sha1::from(subject).digest().to_string();
        key.extend_from_slice(digest.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(subject: &[u8]) -> Vec<u8> {
        let mut key = Vec::new();
        append(subject, &mut key);
        key
    }

    #[test]
    fn a_short_subject_stands_for_itself() {
        assert_eq!(written(b"192.0.2.1"), b"192.0.2.1");
        assert_eq!(written(b"a%7Bb:c"), b"a%7Bb:c");
        assert_eq!(written(&[b'x'; LONGEST]), [b'x'; LONGEST]);
    }

    #[test]
    fn any_other_is_told_by_what_no_subject_starts_with() {
        assert_eq!(written(b""), b"{");
        let digest = b"{86f7e437faa5a7fce15d1ddcb9eaeaea377667b8";
        assert_eq!(written(&[b'x'; LONGEST + 1]).len(), digest.len());
        assert_ne!(written(b"a}"), written(b"a{"));
        // the digest of "a" is no way to be taken for it
        assert_ne!(written(b"a"), digest);
        assert_ne!(written(digest), digest);
    }

    proptest! {
        #[test]
        fn it_is_a_hash_tag_and_different_subjects_stay_apart(
            a in "[{}ab:%]{0,4}",
            b in "[{}ab:%]{0,4}",
        ) {
            let (left, right) = (written(a.as_bytes()), written(b.as_bytes()));
            prop_assert_eq!(a == b, left == right);
            let closed = left.contains(&b'}');
            prop_assert!(!left.is_empty() && !closed);
        }
    }
}
