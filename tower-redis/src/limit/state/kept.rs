//! The bytes of a key, in the entry itself when they are few.

/// As many as fit without making an entry larger than one with a pointer and a length, once its
/// state is added. An IPv4 address, most IPv6 networks and most names do.
const INLINE: usize = 30;

/// A key that is remembered.
#[derive(Debug)]
pub(super) enum Kept {
    Inline { len: u8, bytes: [u8; INLINE] },
    Heap(Box<[u8]>),
}

impl Kept {
    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Self::Heap(bytes) => bytes,
        }
    }
}

impl Kept {
    /// Whether these are its bytes, eight at a time: a call that compares them takes longer than most keys.
    #[inline]
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        let own = self.as_bytes();
        let word = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
        match (own.last_chunk(), bytes.last_chunk()) {
            _ if own.len() != bytes.len() => false,
            (Some(last), Some(other)) if own.len() <= INLINE => {
                let words = own.as_chunks().0.iter().zip(bytes.as_chunks().0);
                let differ =
                    words.fold(0, |differ, (one, other)| differ | (word(one) ^ word(other)));
                differ | (word(last) ^ word(other)) == 0
            }
            _ => own == bytes,
        }
    }
}

impl From<&[u8]> for Kept {
    fn from(key: &[u8]) -> Self {
        let mut bytes = [0; INLINE];
        match (bytes.get_mut(..key.len()), u8::try_from(key.len())) {
            (Some(room), Ok(len)) => {
                room.copy_from_slice(key);
                Self::Inline { len, bytes }
            }
            (_, _) => Self::Heap(key.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_as_it_is() {
        for len in 0..100_u8 {
            let key: Vec<u8> = (0..len).collect();
            let kept = Kept::from(&*key);
            assert_eq!(kept.as_bytes(), key);
            let inline = matches!(kept, Kept::Inline { .. });
            assert_eq!(inline, key.len() <= INLINE);
        }
    }

    #[test]
    fn a_key_is_itself_and_no_other() {
        for len in 0..100_u8 {
            let key: Vec<u8> = (0..len).collect();
            let kept = Kept::from(&*key);
            assert!(kept.is(&key));
            assert!(!kept.is(&[&*key, b"x"].concat()));
            for at in 0..key.len() {
                let mut other = key.clone();
                other[at] ^= 0x80;
                assert!(!kept.is(&other), "{at} of {len}");
            }
        }
    }

    #[test]
    fn a_kept_key_is_no_larger_than_the_comment_says() {
        assert_eq!(size_of::<Kept>(), 32);
    }
}
