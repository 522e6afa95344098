//! Writes the bytes of a key.

use std::fmt::{self, Display, Write as _};

use super::buffer::Buffer;
use super::digits::Digits;
use super::reserved::Reserved;

/// Collects the bytes of a key; up to 96 of them without an allocation.
#[derive(Clone)]
pub struct KeyWriter {
    bytes: Buffer,
    reserved: Reserved,
}

impl Default for KeyWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyWriter {
    /// A writer for a key of our own form.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self {
            bytes: Buffer::new(),
            reserved: Reserved::OURS,
        }
    }

    /// A writer for a key whose form the user spelled out: text is written as it is, except for
    /// `separators`, the characters that end one placeholder and start the next literal.
    #[must_use]
    pub fn exact(separators: &[u8]) -> Self {
        Self {
            bytes: Buffer::new(),
            reserved: Reserved::of(separators),
        }
    }

    /// What has been written.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// Appends structure or a fixed part: nothing is escaped.
    #[inline]
    pub fn literal(&mut self, text: &str) {
        self.bytes.extend(text.as_bytes());
    }

    /// The same of bytes.
    #[inline]
    pub(crate) fn literal_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// Appends `number` as it prints.
    #[inline]
    pub(super) fn number(&mut self, number: u64) {
        self.bytes.extend(Digits::of(number).as_bytes());
    }

    /// Appends text from outside; reserved characters are escaped.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.escaped(text.as_bytes());
    }

    /// Appends the bytes of a text, as [`text`](Self::text) does.
    #[inline]
    pub(super) fn escaped(&mut self, bytes: &[u8]) {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        if !self.reserved.has_any(bytes) {
            self.bytes.extend(bytes);
            return;
        }
        let mut copied = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            if self.reserved.has(byte) {
                self.bytes.extend(&bytes[copied..at]);
                let digits = [
                    b'%',
                    HEX[usize::from(byte >> 4)],
                    HEX[usize::from(byte & 15)],
                ];
                self.bytes.extend(&digits);
                copied = at + 1;
            }
        }
        self.bytes.extend(&bytes[copied..]);
    }

    /// Appends what `value` prints, escaped like [`text`](Self::text). Two values that print alike
    /// share a key.
    pub fn display(&mut self, value: &(impl Display + ?Sized)) {
        // an error can only come from the value's own `Display`; what it printed before that stands
        let _ = write!(Text(self), "{value}");
    }

    /// Puts `byte` before what starts at `at`.
    pub(super) fn insert(&mut self, at: usize, byte: u8) {
        let tail = self.as_bytes()[at..].to_vec();
        self.bytes.truncate(at);
        self.bytes.extend(&[byte]);
        self.bytes.extend(&tail);
    }

    /// Reserves a class of characters, besides what already is, while `write` runs.
    pub(super) fn reserving(&mut self, class: u8, write: impl FnOnce(&mut Self)) {
        let before = self.reserved;
        self.reserved = before.and_class(class);
        write(self);
        self.reserved = before;
    }
}

// what is in a key may be a secret
impl fmt::Debug for KeyWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyWriter")
            .field("bytes", &self.as_bytes().len())
            .finish_non_exhaustive()
    }
}

struct Text<'a>(&'a mut KeyWriter);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.text(text);
        Ok(())
    }
}
