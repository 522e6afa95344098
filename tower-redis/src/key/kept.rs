//! The bytes of a key, once they are kept.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::reserved::Reserved;

/// As many as the 24 bytes hold that a pointer with a discriminant takes anyway.
const INLINE: usize = 22;

/// The bytes of one key, kept. Found by the same bytes borrowed (`&[u8]`).
#[derive(Clone)]
pub(crate) struct Key(Kept);

/// Most keys are short: kept in place they cost no allocation when something is loaded, and no look
/// elsewhere when it is found. Of a plain one it is known that nothing in it is
/// reserved: a text of these bytes is written as it stands.
#[derive(Clone)]
enum Kept {
    Inline { len: u8, bytes: [u8; INLINE] },
    Plain { len: u8, bytes: [u8; INLINE] },
    Shared { bytes: Arc<[u8]>, plain: bool },
}

impl Key {
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::Inline { len, bytes } | Kept::Plain { len, bytes } => &bytes[..usize::from(*len)],
            Kept::Shared { bytes, .. } => bytes,
        }
    }

    /// Has it found by the text that it is written as, if it is one of which nothing is escaped.
    pub(super) fn known_by_its_text(self) -> Self {
        let plain = !Reserved::OURS.has_any(self.as_bytes());
        Self(match self.0 {
            Kept::Inline { len, bytes } if plain => Kept::Plain { len, bytes },
            Kept::Shared { bytes, .. } => Kept::Shared { bytes, plain },
            kept => kept,
        })
    }

    /// Whether it is known to be `text`, with nothing escaped.
    #[inline]
    pub(super) fn is_text(&self, text: &[u8]) -> bool {
        let plain = match &self.0 {
            Kept::Inline { .. } => false,
            Kept::Plain { .. } => true,
            Kept::Shared { plain, .. } => *plain,
        };
        plain && same(text, self.as_bytes())
    }
}

impl From<&[u8]> for Key {
    fn from(key: &[u8]) -> Self {
        let mut bytes = [0; INLINE];
        Self(
            match (u8::try_from(key.len()), bytes.get_mut(..key.len())) {
                (Ok(len), Some(room)) => {
                    room.copy_from_slice(key);
                    Kept::Inline { len, bytes }
                }
                _ => Kept::Shared {
                    bytes: key.into(),
                    plain: false,
                },
            },
        )
    }
}

impl PartialEq for Key {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        same(self.as_bytes(), other.as_bytes())
    }
}

impl Eq for Key {}

// this has to agree with that of `[u8]`
impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl std::borrow::Borrow<[u8]> for Key {
    #[inline]
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// Whether `a` is `b`, found out in pieces of eight bytes at most.
///
/// Most keys have just been written, a few bytes at a time, and a comparison that reads them in larger pieces has
/// to wait until all of them are in the processor's cache.
#[inline]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match a.len() {
        0 => true,
        1..4 => {
            a[0] == b[0] && a[a.len() / 2] == b[b.len() / 2] && a[a.len() - 1] == b[b.len() - 1]
        }
        4..8 => {
            a.first_chunk::<4>() == b.first_chunk::<4>()
                && a.last_chunk::<4>() == b.last_chunk::<4>()
        }
        8..=16 => word(a, 0) == word(b, 0) && a.last_chunk::<8>() == b.last_chunk::<8>(),
        17..=24 => {
            word(a, 0) == word(b, 0)
                && word(a, 8) == word(b, 8)
                && a.last_chunk::<8>() == b.last_chunk::<8>()
        }
        _ => a == b,
    }
}

#[inline]
fn word(bytes: &[u8], at: usize) -> Option<&[u8; 8]> {
    bytes.get(at..)?.first_chunk()
}

// what is in a key may be a secret
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::*;

    #[test]
    fn keys_of_every_length_are_found_by_their_bytes() {
        let build = RandomState::new();
        let bytes: Vec<u8> = (0..=u8::MAX).chain(0..=u8::MAX).collect();
        for len in 0..bytes.len() {
            let (key, other) = (Key::from(&bytes[..len]), Key::from(&bytes[..=len]));
            assert_eq!(key.as_bytes(), &bytes[..len]);
            assert_eq!(build.hash_one(&key), build.hash_one(&bytes[..len]));
            assert!(key == key.clone() && key != other);
            assert_eq!(matches!(key.0, Kept::Inline { .. }), len <= INLINE);
        }
    }

    #[test]
    fn a_key_is_small() {
        assert_eq!(size_of::<Key>(), 24);
    }
}
