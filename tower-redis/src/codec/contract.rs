//! Making bytes of values, chosen at run time.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use crate::error::{Error, ErrorKind};

use super::coding::{Coding, Packed};
use super::json;
use super::lz4;
use super::value::CacheValue;

/// Writes and reads values of one type in one form. It is a value itself, so that what keeps a `V` has
/// no parameter for how.
pub(crate) struct Codec<V> {
    form: &'static str,
    encode: fn(&V) -> Result<Vec<u8>, Error>,
    decode: fn(&Bytes) -> Result<V, Error>,
    compress_from: usize,
}

impl<V> Codec<V> {
    /// A form of one's own. `form` is the name beside every payload: letters, digits and `-`.
    /// `decode` answers [`ErrorKind::Corrupt`] for what `encode` did not write.
    pub(crate) const fn new(
        form: &'static str,
        encode: fn(&V) -> Result<Vec<u8>, Error>,
        decode: fn(&Bytes) -> Result<V, Error>,
    ) -> Self {
        Self {
            form,
            encode,
            decode,
            compress_from: usize::MAX,
        }
    }

    pub(crate) const fn json() -> Self
    where
        V: CacheValue,
    {
        Self::new(json::NAME, json::encode, json::decode)
    }

    /// Compresses payloads of `bytes` and more, where that makes them shorter.
    #[must_use]
    pub(crate) const fn compressing_from(self, bytes: usize) -> Self {
        Self {
            compress_from: bytes,
            ..self
        }
    }

    /// `value` as it travels.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] when the form has no place for it.
    pub(crate) fn pack(&self, value: &V) -> Result<Packed, Error> {
        let raw = (self.encode)(value)?;
        let compressed = (raw.len() >= self.compress_from).then(|| lz4::compress(&raw));
        Ok(match compressed.flatten() {
            Some(packed) => Packed {
                coding: Coding::compressed(self.form),
                payload: packed.into(),
            },
            None => self.plain(raw.into()),
        })
    }

    /// `value` with nothing around it, for programs that know the form and no more.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] when the form has no place for it.
    pub(crate) fn pack_plain(&self, value: &V) -> Result<Packed, Error> {
        Ok(self.plain((self.encode)(value)?.into()))
    }

    fn plain(&self, payload: Bytes) -> Packed {
        Packed {
            coding: Coding::plain(self.form),
            payload,
        }
    }

    /// The value that travelled.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] when it was made in another form, or is damaged. The text has no part of
    /// the value.
    pub(crate) fn unpack(&self, packed: &Packed) -> Result<V, Error> {
        if packed.coding.is_unsaid() {
            return (self.decode)(&packed.payload);
        }
        match packed.coding.parts() {
            (form, false) if form == self.form.as_bytes() => (self.decode)(&packed.payload),
            (form, true) if form == self.form.as_bytes() => {
                match lz4::decompress(&packed.payload) {
                    Some(raw) => (self.decode)(&raw.into()),
                    None => Err(corrupt("a compressed payload is damaged")),
                }
            }
            _ => Err(corrupt(format!(
                "found a payload made by {:?}; expected `{}`",
                packed.coding, self.form
            ))),
        }
    }
}

fn corrupt(what: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Corrupt, what)
}

impl<V> Clone for Codec<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Codec<V> {}

impl<V> fmt::Debug for Codec<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codec")
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Text = Codec<String>;

    #[test]
    fn a_small_value_is_not_compressed_and_a_large_one_is() {
        let codec = Text::json().compressing_from(1_000);
        let (small, large) = ("a".repeat(900), "a".repeat(1_000));
        for (value, coding) in [(&small, "json"), (&large, "json+lz4")] {
            let packed = codec.pack(value).unwrap();
            assert_eq!(packed.coding.name(), coding.as_bytes());
            // whoever compresses nothing reads it all the same
            assert_eq!(Text::json().unpack(&packed).unwrap(), *value);
        }
        assert_eq!(Text::json().pack(&large).unwrap().payload.len(), 1_002);
        let plain = codec.pack_plain(&large).unwrap();
        assert_eq!(plain.coding.name(), b"json");
        let found = Packed {
            coding: Coding::unsaid(),
            ..plain
        };
        assert_eq!(codec.unpack(&found).unwrap(), large);
    }

    #[test]
    fn what_compression_makes_longer_stays_as_it_is() {
        let codec = Codec::<u64>::json().compressing_from(0);
        assert_eq!(codec.pack(&7).unwrap().coding.name(), b"json");
    }

    #[test]
    fn a_payload_of_another_form_is_corrupt() {
        let codec = Text::json();
        for coding in ["msgpack", "json+lz4", "json+zstd", "js"] {
            let packed = Packed {
                coding: Coding::found(coding.as_bytes()),
                payload: Bytes::from_static(b"\"canary\""),
            };
            let error = codec.unpack(&packed).unwrap_err();
            assert!(error.is_corrupt());
            assert!(!format!("{error} {error:?} {packed:?}").contains("canary"));
        }
    }

    #[test]
    fn a_form_of_ones_own_has_its_own_name() {
        fn write(value: &u8) -> Result<Vec<u8>, Error> {
            Ok(vec![*value])
        }
        fn read(payload: &Bytes) -> Result<u8, Error> {
            payload.first().copied().ok_or_else(|| corrupt("empty"))
        }
        let codec = Codec::new("byte", write, read);
        let packed = codec.pack(&7).unwrap();
        assert_eq!(packed.coding.name(), b"byte");
        assert_eq!(codec.unpack(&packed).unwrap(), 7);
        assert!(Codec::<u8>::json().unpack(&packed).is_err());
    }
}
