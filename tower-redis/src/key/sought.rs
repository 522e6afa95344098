//! A key that is looked for: a number, a text as it stands, or what was written.
//!
//! A hit takes no step that it does not need: a number is not written, and a text is not searched for what has to be
//! escaped in it, since what is [filed](super::filed) knows whether it is written as it is.

use std::fmt;
use std::hash::{Hash, Hasher};

use hashbrown::Equivalent;

use super::filed::{Filed, number};
use super::kept::same;
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
/// whether it is written as its text is, so that a hit does not take that look. Where something has, it finds nothing,
/// not even itself, and has to be looked for again as it is [`written`](Text::written).
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

// each is hashed as what is filed is
impl Hash for Number {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

impl Hash for Bytes<'_> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
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

// what is in a key may be a secret
impl fmt::Debug for Sought<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sought").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use proptest::prelude::*;

    use super::*;

    fn filed(sought: Sought<'_>) -> Filed {
        Filed::from(KeyWriter::written(sought).as_bytes())
    }

    /// Whether each of them finds itself, and whether they find each other.
    fn alike(a: Sought<'_>, b: Sought<'_>) -> bool {
        let build = RandomState::new();
        for sought in [a, b] {
            let filed = filed(sought);
            assert!(sought.equivalent(&filed));
            assert_eq!(build.hash_one(sought), build.hash_one(&filed));
        }
        let filed = [a, b].map(filed);
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
                let filed = [number, text].map(filed);
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
            let filed = Filed::from(text.as_bytes());
            assert!(matches!(filed, Filed::Bytes(_)), "{text}");
            assert_eq!(&*filed.written(), text.as_bytes());
        }
    }

    /// Texts with and without what is escaped, some of them numbers, some longer than what lies in place.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof!["[a0-9%2 {:é]{0,4}", "[a%]{22,24}", "(a%20)?[0-9]{0,3}"]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn a_text_finds_itself_as_it_stands_or_written_and_no_other(a in texts(), b in texts()) {
            let build = RandomState::new();
            let finds = |text: &str| {
                let (sought, filed) = (Sought::text(text.as_bytes()), Filed::from(KeyWriter::of(&b).as_bytes()));
                let finds = |sought: Sought<'_>| {
                    let finds = sought.equivalent(&filed);
                    assert!(!finds || build.hash_one(sought) == build.hash_one(&filed));
                    finds
                };
                let written = match sought.0 {
                    Form::Text(text) => text.written(),
                    Form::Number(_) | Form::Bytes(_) => None,
                };
                let as_it_stands = finds(sought);
                // so nobody has to look twice who has found it
                assert!(!as_it_stands || written.is_none());
                as_it_stands || written.is_some_and(|key| finds(Sought::of(key.as_bytes())))
            };
            prop_assert!(finds(&b));
            prop_assert_eq!(finds(&a), a == b);
            let (again, once) = (KeyWriter::written(Sought::text(a.as_bytes())), KeyWriter::of(&a));
            prop_assert_eq!(again.as_bytes(), once.as_bytes());
        }

        #[test]
        fn keys_are_alike_when_they_are_written_alike(a in "[0-9a]{0,30}", b in "[0-9]{0,3}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(alike(Sought::of(a), Sought::of(b)), a == b);
            prop_assert!(alike(Sought::of(a), Sought::of(a)));
            let filed = Filed::from(a);
            prop_assert_eq!(&*filed.written(), a);
        }
    }
}
