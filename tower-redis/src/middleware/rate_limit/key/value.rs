//! Bytes from outside as a part of a key.

use crate::key::{CacheKey, KeyWriter};

/// A value as a key: text as text, other bytes as `%` and two hexadecimal digits, which text never writes for a byte
/// beyond ASCII.
pub(super) struct Value<'a>(pub(super) &'a [u8]);

impl CacheKey for Value<'_> {
    fn write(&self, key: &mut KeyWriter) {
        const HEX: &str = "0123456789ABCDEF";
        for chunk in self.0.utf8_chunks() {
            key.text(chunk.valid());
            for byte in chunk.invalid() {
                let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
                key.literal("%");
                key.literal(&HEX[high..=high]);
                key.literal(&HEX[low..=low]);
            }
        }
    }
}
