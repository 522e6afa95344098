//! Which characters of a text are escaped.

/// A set of ASCII characters.
///
/// Those that our own forms reserve come in classes, looked up in a table: text is scanned on every
/// hit. The rest, separators that a user chose, are bits.
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

    pub(super) fn has_any(self, bytes: &[u8]) -> bool {
        if self.others == 0 {
            let class = |seen: u8, byte: &u8| seen | CLASSES[usize::from(*byte)];
            // eight at a time, since going round once for each byte costs more than the look-up
            let (chunks, rest) = bytes.as_chunks::<8>();
            let chunk = |seen, chunk: &[u8; 8]| chunk.iter().fold(seen, class);
            let classes = rest.iter().fold(chunks.iter().fold(0, chunk), class);
            classes & self.classes != 0
        } else {
            bytes.iter().any(|byte| self.has(*byte))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_and_short_ones_are_scanned_for_the_same() {
        for byte in 0..=u8::MAX {
            let expected = Reserved::OURS.has(byte);
            for length in [1, 8, 15, 16, 17, 32, 33] {
                for at in 0..length {
                    let mut text = vec![b'a'; length];
                    text[at] = byte;
                    let found = Reserved::OURS.has_any(&text);
                    assert_eq!(found, expected, "{byte:#x} at {at} of {length}");
                }
            }
        }
    }
}
