//! Long keys in a bounded number of bytes.
//!
//! A key may come from a header that the client chooses, and headers are long: kept whole, a hundred
//! thousand of them would be a gigabyte. A key beyond [`LONGEST`] bytes is kept as 128 bits from the
//! standard library's hasher under two keys drawn at random by each process. That hasher is made to
//! be fed by strangers (at present SipHash 1-3, a keyed pseudorandom function: Aumasson and
//! Bernstein, 2012): who does not know the keys cannot look for two inputs that share a digest, and
//! by chance two of a hundred thousand do with a probability below 2^-95. A digest never leaves the
//! process, so it needs no stable key.

use std::hash::{BuildHasher, RandomState};

/// Keys up to this many bytes are kept as they are.
pub(crate) const LONGEST: usize = 128;

/// What a digest starts with. No key does: keys are UTF-8, where this byte does not occur.
const MARK: u8 = 0xff;

/// Shortens keys.
#[derive(Debug)]
pub(crate) struct Digest {
    low: RandomState,
    high: RandomState,
}

/// Where a digest is written.
pub(crate) type Space = [u8; 17];

impl Digest {
    pub(crate) fn new() -> Self {
        Self {
            low: RandomState::new(),
            high: RandomState::new(),
        }
    }

    /// `key`, or its digest in `space` if it is too long to be kept.
    #[inline]
    pub(crate) fn shorten<'a>(&self, key: &'a [u8], space: &'a mut Space) -> &'a [u8] {
        if key.len() <= LONGEST {
            return key;
        }
        self.digest(key, space)
    }

    #[cold]
    fn digest<'a>(&self, key: &[u8], space: &'a mut Space) -> &'a [u8] {
        let low = u128::from(self.low.hash_one(key));
        let high = u128::from(self.high.hash_one(key));
        space[0] = MARK;
        space[1..].copy_from_slice(&(high << 64 | low).to_le_bytes());
        space
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_key_is_shortened() {
        let digest = Digest::new();
        let (mut a, mut b, mut c) = ([0; 17], [0; 17], [0; 17]);
        let longest = [b'x'; LONGEST];
        assert_eq!(digest.shorten(&longest, &mut a), longest);
        let long = [b'x'; LONGEST + 1];
        let kept = digest.shorten(&long, &mut a);
        assert_eq!(kept.len(), 17);
        assert_eq!(kept[0], MARK);
        assert_eq!(kept, digest.shorten(&long, &mut b));
        assert_ne!(kept, digest.shorten(&[b'x'; LONGEST + 2], &mut c));
        assert_ne!(kept[1..9], kept[9..]);
    }
}
