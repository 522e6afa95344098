//! A key as the near tier files it: a number as a number, anything else as its bytes.
//!
//! Numbers are the most frequent keys there are. As one they are hashed and compared in a step or two, and are
//! written as text only when something has to be loaded. What identifies a key stays its written form: bytes that
//! a number writes are that number, wherever they come from.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use hashbrown::Equivalent;

use super::digits::Digits;
use super::kept::{Key, same};
use super::reserved::Reserved;
use super::writer::KeyWriter;

/// A key that is looked for.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Sought<'a>(pub(crate) Form<'a>);

/// What is looked for. A hit is found by the one or the other: as one value they would have to be put together in
/// memory, and read back at once.
#[derive(Clone, Copy)]
pub(crate) enum Form<'a> {
    Number(Number),
    Text(Text<'a>),
    Bytes(Bytes<'a>),
}

#[derive(Clone, Copy)]
pub(crate) struct Number(u64);

/// A text that no number writes. Nobody has looked yet whether something in it has to be escaped: what is filed knows
/// whether it is written as its text is, so that a hit does not take that look.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a>(&'a [u8]);

/// Bytes that no number writes.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Sought<'a> {
    #[inline]
    pub(crate) fn number(number: u64) -> Self {
        Self(Form::Number(Number(number)))
    }

    /// The key that is written `bytes`.
    #[must_use]
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self(match number(bytes) {
            Some(number) => Form::Number(Number(number)),
            None => Form::Bytes(Bytes(bytes)),
        })
    }

    /// The key of a text.
    #[inline]
    pub(crate) fn text(text: &'a [u8]) -> Self {
        Self(match number(text) {
            Some(number) => Form::Number(Number(number)),
            None => Form::Text(Text(text)),
        })
    }

    /// Appends it to a key of our own form.
    pub(super) fn write(self, key: &mut KeyWriter) {
        match self.0 {
            Form::Number(Number(number)) => key.number(number),
            Form::Text(Text(text)) => key.escaped(text),
            Form::Bytes(Bytes(bytes)) => key.literal_bytes(bytes),
        }
    }
}

#[cfg(feature = "macros")]
impl From<Number> for Sought<'_> {
    #[inline]
    fn from(number: Number) -> Self {
        Self(Form::Number(number))
    }
}

#[cfg(feature = "macros")]
impl<'a> From<Text<'a>> for Sought<'a> {
    #[inline]
    fn from(text: Text<'a>) -> Self {
        Self(Form::Text(text))
    }
}

#[cfg(feature = "macros")]
impl<'a> From<Bytes<'a>> for Sought<'a> {
    #[inline]
    fn from(bytes: Bytes<'a>) -> Self {
        Self(Form::Bytes(bytes))
    }
}

impl Text<'_> {
    /// The key, if it has to be written.
    pub(crate) fn written(self) -> Option<KeyWriter> {
        Reserved::OURS.has_any(self.0).then(|| {
            let mut key = KeyWriter::new();
            key.escaped(self.0);
            key
        })
    }
}

/// The number that writes `bytes`, if one does.
#[inline]
fn number(bytes: &[u8]) -> Option<u64> {
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

impl From<Sought<'_>> for Filed {
    fn from(sought: Sought<'_>) -> Self {
        match sought.0 {
            Form::Number(Number(number)) => Self::Number(number),
            Form::Text(text) => match text.written() {
                Some(key) => Key::from(key.as_bytes()).into(),
                None => Key::from(text.0).into(),
            },
            Form::Bytes(Bytes(bytes)) => Key::from(bytes).into(),
        }
    }
}

impl From<&[u8]> for Filed {
    fn from(key: &[u8]) -> Self {
        Sought::of(key).into()
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

// what is filed is hashed as what is looked for
impl Hash for Filed {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Number(number) => Number(*number).hash(state),
            Self::Bytes(key) => Bytes(key.as_bytes()).hash(state),
        }
    }
}

impl Hash for Number {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

impl Hash for Bytes<'_> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        // nothing comes after them, so how many they are adds nothing
        state.write(self.0);
    }
}

// that of the bytes it is written as, if it is written as it is
impl Hash for Text<'_> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        Bytes(self.0).hash(state);
    }
}

impl Hash for Sought<'_> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Form::Number(number) => number.hash(state),
            Form::Text(text) => text.hash(state),
            Form::Bytes(bytes) => bytes.hash(state),
        }
    }
}

impl Equivalent<Filed> for Number {
    #[inline]
    fn equivalent(&self, key: &Filed) -> bool {
        matches!(key, Filed::Number(number) if *number == self.0)
    }
}

impl Equivalent<Filed> for Bytes<'_> {
    #[inline]
    fn equivalent(&self, key: &Filed) -> bool {
        matches!(key, Filed::Bytes(key) if same(self.0, key.as_bytes()))
    }
}

impl Equivalent<Filed> for Text<'_> {
    #[inline]
    fn equivalent(&self, key: &Filed) -> bool {
        matches!(key, Filed::Bytes(key) if key.is_text(self.0))
    }
}

impl Equivalent<Filed> for Sought<'_> {
    #[inline]
    fn equivalent(&self, key: &Filed) -> bool {
        match &self.0 {
            Form::Number(number) => number.equivalent(key),
            Form::Text(text) => text.equivalent(key),
            Form::Bytes(bytes) => bytes.equivalent(key),
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
impl fmt::Debug for Sought<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sought").finish_non_exhaustive()
    }
}

impl fmt::Debug for Filed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filed").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use proptest::prelude::*;

    use super::*;

    /// Whether each of them finds itself, and whether they find each other.
    fn alike(a: Sought<'_>, b: Sought<'_>) -> bool {
        let build = RandomState::new();
        for sought in [a, b] {
            let filed = Filed::from(sought);
            assert!(sought.equivalent(&filed));
            assert_eq!(build.hash_one(sought), build.hash_one(&filed));
        }
        let filed = [Filed::from(a), Filed::from(b)];
        let alike = a.equivalent(&filed[1]);
        assert_eq!(b.equivalent(&filed[0]), alike);
        assert_eq!(filed[0] == filed[1], alike);
        alike
    }

    #[test]
    fn a_number_is_found_by_what_it_writes() {
        for power in 0..20 {
            let ten = 10_u64.pow(power);
            for number in [ten - 1, ten, ten.saturating_mul(9), u64::MAX] {
                let text = number.to_string();
                let (number, text) = (Sought::number(number), Sought::of(text.as_bytes()));
                assert!(alike(number, text));
                let filed = [number, text].map(Filed::from);
                assert_eq!(&*filed[0].written(), &*filed[1].written());
            }
        }
    }

    #[test]
    fn what_no_number_writes_is_text() {
        let texts = [
            "",
            "00",
            "07",
            "7a",
            "-7",
            "+7",
            "18446744073709551616",
            " 7",
            "7:8",
        ];
        for text in texts {
            let filed = Filed::from(Sought::of(text.as_bytes()));
            assert!(matches!(filed, Filed::Bytes(_)), "{text}");
            assert_eq!(&*filed.written(), text.as_bytes());
        }
    }

    #[test]
    fn a_filed_key_is_small() {
        assert_eq!(size_of::<Filed>(), 24);
    }

    proptest! {
        #[test]
        fn keys_are_alike_when_they_are_written_alike(a in "[0-9a]{0,30}", b in "[0-9]{0,3}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(alike(Sought::of(a), Sought::of(b)), a == b);
            prop_assert!(alike(Sought::of(a), Sought::of(a)));
            let filed = Filed::from(Sought::of(a));
            prop_assert_eq!(&*filed.written(), a);
        }
    }
}
