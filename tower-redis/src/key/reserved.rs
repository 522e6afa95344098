//! Which characters of a text are escaped.

/// A set of ASCII characters.
///
/// Those that our own forms reserve come in classes, looked up in a table: text is scanned wherever
/// it is written. The rest, separators that a user chose, are bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reserved {
    classes: u8,
    others: u128,
}

const ALWAYS: u8 = 1;
const PERCENT: u8 = 2;
pub(super) const COLON: u8 = 4;
pub(super) const TILDE: u8 = 8;
pub(super) const BRACKETS: u8 = 16;

/// The classes a byte is in.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut control = 0;
    while control < 32 {
        classes[control] = ALWAYS;
        control += 1;
    }
    classes[0x7f] = ALWAYS;
    classes[b' ' as usize] = ALWAYS;
    classes[b'{' as usize] = ALWAYS;
    classes[b'}' as usize] = ALWAYS;
    classes[b'%' as usize] = PERCENT;
    classes[b':' as usize] = COLON;
    classes[b'~' as usize] = TILDE;
    classes[b'[' as usize] = BRACKETS;
    classes[b']' as usize] = BRACKETS;
    classes[b',' as usize] = BRACKETS;
    classes
};

impl Reserved {
    /// What is reserved everywhere in a key of ours: what Redis Cluster reads as syntax, and what does
    /// not show on a terminal.
    pub(super) const OURS: Reserved = Reserved {
        classes: ALWAYS | PERCENT,
        others: 0,
    };

    // an escape is only readable back when `%` itself is escaped
    pub(super) const fn and_class(self, class: u8) -> Self {
        Self {
            classes: self.classes | class | PERCENT,
            others: self.others,
        }
    }

    pub(super) fn of(characters: &[u8]) -> Self {
        let ascii = characters.iter().filter(|byte| byte.is_ascii());
        let others = ascii.fold(0, |set, byte| set | 1 << byte);
        let classes = if others == 0 { 0 } else { PERCENT };
        Self { classes, others }
    }

    pub(super) fn has(self, byte: u8) -> bool {
        let other = self.others != 0 && byte < 128 && self.others >> byte & 1 == 1;
        CLASSES[usize::from(byte)] & self.classes != 0 || other
    }

    #[inline]
    pub(super) fn has_any(self, bytes: &[u8]) -> bool {
        let [ours, in_tuple] = [Self::OURS, Self::OURS.and_class(COLON)];
        let seen_at_once = if self == ours {
            all_plain(bytes, b'%')
        } else {
            self == in_tuple && all_plain(bytes, b':')
        };
        if seen_at_once {
            return false;
        }
        if self.others == 0 {
            let classes = bytes
                .iter()
                .fold(0, |seen, byte| seen | CLASSES[usize::from(*byte)]);
            classes & self.classes != 0
        } else {
            bytes.iter().any(|byte| self.has(*byte))
        }
    }
}

/// True only if nothing of [`Reserved::OURS`] is in `bytes`, nor `also`, found out eight bytes at a time. It may be
/// false when there is nothing either: for those bytes that it lumps together with reserved ones.
#[inline]
fn all_plain(bytes: &[u8], also: u8) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return reserved(short(bytes), also) == 0;
    };
    let (chunks, _) = bytes.as_chunks();
    let seen = |chunk: &[u8; 8]| reserved(u64::from_le_bytes(*chunk), also);
    // no branch for each: keys are short, and nearly all are plain
    chunks
        .iter()
        .fold(seen(last), |all, chunk| all | seen(chunk))
        == 0
}

/// Less than eight bytes as a word, and letters.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    let letters = EACH * u64::from(b'a');
    bytes
        .iter()
        .fold(letters, |word, byte| word << 8 | u64::from(*byte))
}

const EACH: u64 = u64::MAX / 255;

/// Zero if each byte is from `!` to `z` and neither `%` nor `also`.
///
/// Each term has the high bit of some byte set if, and only if, a byte is what it looks for: the tests
/// for a byte less than, equal to and more than a value in a word (Anderson, "Bit Twiddling Hacks").
#[inline]
fn reserved(word: u64, also: u8) -> u64 {
    let below = word.wrapping_sub(EACH * u64::from(b'!')) & !word;
    let is = |byte: u8| {
        let zeros = word ^ (EACH * u64::from(byte));
        zeros.wrapping_sub(EACH) & !zeros
    };
    let above = word.wrapping_add(EACH * u64::from(127 - b'z')) | word;
    (below | is(b'%') | is(also) | above) & (EACH << 7)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn by_byte(reserved: Reserved, bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| reserved.has(*byte))
    }

    #[test]
    fn each_byte_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for len in 1..=24 {
                for at in 0..len {
                    let mut bytes = vec![b'a'; len];
                    bytes[at] = byte;
                    for reserved in [Reserved::OURS, Reserved::OURS.and_class(COLON)] {
                        assert_eq!(
                            reserved.has_any(&bytes),
                            reserved.has(byte),
                            "{byte} at {at} of {len}"
                        );
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_text_is_asked_about_as_its_bytes_are(
            bytes in vec(prop_oneof![0x1f..0x28_u8, 0x78..0x83_u8, any::<u8>()], 0..40),
        ) {
            for reserved in [Reserved::OURS, Reserved::OURS.and_class(COLON), Reserved::of(b":!")] {
                prop_assert_eq!(reserved.has_any(&bytes), by_byte(reserved, &bytes));
            }
        }
    }
}
