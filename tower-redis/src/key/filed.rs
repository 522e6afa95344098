//! A key as the near tier files it: a number as a number, anything else as its bytes.
//!
//! Numbers are the most frequent keys there are. As one they are hashed and compared in a step or two, and are
//! written as text only when something has to be loaded. What identifies a key stays its written form: bytes that
//! a number writes are that number, wherever they come from.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use super::digits::Digits;
use super::kept::Key;

/// A key that is filed.
#[derive(Clone)]
pub(crate) enum Filed {
    Number(u64),
    /// No number writes these.
    Bytes(Key),
}

impl Filed {
    /// Its written form.
    pub(crate) fn written(&self) -> Written<'_> {
        Written(match self {
            Self::Number(number) => Print::Digits(Digits::of(*number)),
            Self::Bytes(key) => Print::Bytes(key.as_bytes()),
        })
    }
}

impl From<&[u8]> for Filed {
    fn from(key: &[u8]) -> Self {
        match number(key) {
            Some(number) => Self::Number(number),
            None => Self::Bytes(Key::from(key).known_by_its_text()),
        }
    }
}

impl From<Key> for Filed {
    fn from(key: Key) -> Self {
        match number(key.as_bytes()) {
            Some(number) => Self::Number(number),
            None => Self::Bytes(key.known_by_its_text()),
        }
    }
}

/// The number that writes `bytes`, if one does.
#[inline]
pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    match bytes {
        [b'0'..=b'9', ..] => parse(bytes),
        _ => None,
    }
}

/// The same, of what begins with a digit.
#[inline(never)]
fn parse(bytes: &[u8]) -> Option<u64> {
    let leads = bytes.first() == Some(&b'0') && bytes.len() > 1;
    let push = |number: u64, byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        number.checked_mul(10)?.checked_add(digit.into())
    };
    (!leads).then(|| bytes.iter().try_fold(0, push)).flatten()
}

/// The written form of a [`Filed`] key.
pub(crate) struct Written<'a>(Print<'a>);

enum Print<'a> {
    Digits(Digits),
    Bytes(&'a [u8]),
}

impl Deref for Written<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Print::Digits(digits) => digits.as_bytes(),
            Print::Bytes(bytes) => bytes,
        }
    }
}

// a number by itself, and bytes by themselves: nothing comes after them, so how many they are adds nothing
impl Hash for Filed {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Number(number) => state.write_u64(*number),
            Self::Bytes(key) => state.write(key.as_bytes()),
        }
    }
}

impl PartialEq for Filed {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Filed {}

// what is in a key may be a secret
impl fmt::Debug for Filed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filed").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filed_key_is_small() {
        assert_eq!(size_of::<Filed>(), 24);
    }
}
