//! Making bytes of values, chosen at run time.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use crate::error::{Error, ErrorKind};

use super::coding::{Coding, Packed};
use super::compression::{Compression, decompress};
use super::format::Format;
use super::json;
#[cfg(feature = "msgpack")]
use super::message_pack;
use super::packing::{self, Packing};
use super::value::CacheValue;

type Encode<V> = fn(&V) -> Result<Vec<u8>, Error>;
type Decode<V> = fn(&Bytes) -> Result<V, Error>;

/// Writes values of one type in one form, and reads them. It is a value itself, so that what keeps a `V`
/// has no parameter for how.
pub(crate) struct Codec<V> {
    form: &'static str,
    encode: Encode<V>,
    decode: Decode<V>,
    /// What reads another form, by its name.
    others: fn(&[u8]) -> Option<Decode<V>>,
    compression: Compression,
    compress_from: usize,
}

impl<V> Codec<V> {
    /// A form of one's own. `form` is the name beside every payload: letters, digits and `-`.
    /// `decode` answers [`ErrorKind::Corrupt`] for what `encode` did not write.
    pub(crate) const fn new(form: &'static str, encode: Encode<V>, decode: Decode<V>) -> Self {
        Self {
            form,
            encode,
            decode,
            others: |_| None,
            compression: Compression::None,
            compress_from: usize::MAX,
        }
    }

    /// What packs as `packing` says, and reads every form of this build.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when this build cannot do it.
    pub(crate) fn packing(packing: Packing) -> Result<Self, Error>
    where
        V: CacheValue,
    {
        let Packing { format, .. } = packing.checked()?;
        let (encode, decode) = by_serde(format).ok_or_else(|| packing::off(format.name()))?;
        Ok(Self {
            others: by_name,
            compression: packing.compression,
            compress_from: packing.compress_from,
            ..Self::new(format.name(), encode, decode)
        })
    }

    /// The same, compressed as `packing` says.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when this build cannot do it.
    #[cfg(feature = "http-cache")]
    pub(crate) fn compressed_by(self, packing: Packing) -> Result<Self, Error> {
        let packing = Packing {
            format: Format::Json,
            ..packing
        };
        let packing = packing.checked()?;
        Ok(Self {
            compression: packing.compression,
            compress_from: packing.compress_from,
            ..self
        })
    }

    /// What writes JSON, compresses nothing, and reads no other form.
    #[cfg(test)]
    pub(crate) const fn json() -> Self
    where
        V: CacheValue,
    {
        Self::new(Format::Json.name(), json::encode, json::decode)
    }

    /// `value` as it travels.
    ///
    /// # Errors
    /// [`ErrorKind::Encode`] when the form has no place for it.
    pub(crate) fn pack(&self, value: &V) -> Result<Packed, Error> {
        let raw = (self.encode)(value)?;
        let compressed = (raw.len() >= self.compress_from).then(|| self.compression.compress(&raw));
        Ok(match compressed.flatten() {
            Some(packed) => Packed {
                coding: Coding::compressed(self.form, self.compression.name()),
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
    /// [`ErrorKind::Corrupt`] when it was made in a form, or compressed in a way, that is not read here, or
    /// is damaged. The text has no part of the value.
    pub(crate) fn unpack(&self, packed: &Packed) -> Result<V, Error> {
        if packed.coding.is_unsaid() {
            return (self.decode)(&packed.payload);
        }
        let (form, compression) = packed.coding.parts();
        let decode = if form == self.form.as_bytes() {
            self.decode
        } else {
            (self.others)(form).ok_or_else(|| self.unknown(&packed.coding, form))?
        };
        match compression {
            None => decode(&packed.payload),
            Some(name) => match decompress(name, &packed.payload) {
                Ok(raw) => decode(&raw.into()),
                Err(why) => Err(Error::new(ErrorKind::Corrupt, why)),
            },
        }
    }

    #[cold]
    fn unknown(&self, coding: &Coding, form: &[u8]) -> Error {
        let hint = match named(form).and_then(Format::missing_feature) {
            Some(feature) => {
                format!("; the feature `{feature}` of tower-redis, which reads it, is off")
            }
            None => String::new(),
        };
        let form = self.form;
        corrupt(format!(
            "found a payload made by {coding:?}; expected `{form}`{hint}"
        ))
    }
}

fn by_serde<V: CacheValue>(format: Format) -> Option<(Encode<V>, Decode<V>)> {
    match format {
        Format::Json => Some((json::encode, json::decode)),
        #[cfg(feature = "msgpack")]
        Format::MessagePack => Some((message_pack::encode, message_pack::decode)),
        #[cfg(not(feature = "msgpack"))]
        Format::MessagePack => None,
    }
}

fn by_name<V: CacheValue>(name: &[u8]) -> Option<Decode<V>> {
    let (_, decode) = by_serde(named(name)?)?;
    Some(decode)
}

fn named(name: &[u8]) -> Option<Format> {
    let mut all = Format::ALL.into_iter();
    all.find(|format| format.name().as_bytes() == name)
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
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Text = Codec<String>;

    fn text(format: Format, compression: Compression, compress_from: usize) -> Text {
        Text::packing(Packing {
            format,
            compression,
            compress_from,
        })
        .unwrap()
    }

    /// Everything that this build can do.
    fn built() -> Vec<(Format, Compression)> {
        let all = [Compression::None, Compression::Lz4, Compression::ZSTD];
        let built = all
            .into_iter()
            .filter(|way| way.missing_feature().is_none());
        let formats = Format::ALL
            .into_iter()
            .filter(|form| form.missing_feature().is_none());
        formats
            .flat_map(|format| built.clone().map(move |way| (format, way)))
            .collect()
    }

    #[test]
    fn a_small_value_is_not_compressed_and_a_large_one_is() {
        let codec = text(Format::Json, Compression::Lz4, 1_000);
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
    fn what_one_writes_every_other_reads_whatever_it_writes_itself() {
        let value = "a".repeat(1_000);
        for (format, compression) in built() {
            let packed = text(format, compression, 0).pack(&value).unwrap();
            let coding = match compression {
                Compression::None => format.name().to_owned(),
                way => format!("{}+{}", format.name(), way.name()),
            };
            assert_eq!(packed.coding.name(), coding.as_bytes());
            for (format, compression) in built() {
                let reader = text(format, compression, 0);
                assert_eq!(
                    reader.unpack(&packed).unwrap(),
                    value,
                    "{coding} by {reader:?}"
                );
            }
        }
    }

    #[test]
    fn what_compression_makes_longer_stays_as_it_is() {
        let codec = text(Format::Json, Compression::Lz4, 0);
        assert_eq!(codec.pack(&"a".to_owned()).unwrap().coding.name(), b"json");
    }

    #[test]
    fn a_payload_of_an_unknown_form_is_corrupt() {
        let codec = text(Format::Json, Compression::None, 0);
        for coding in [
            "json2",
            "json+lz4",
            "json+zstd",
            "json+",
            "json+lz4+lz4",
            "msgpack",
            "msgpack+lz4",
            "js",
            "+",
            "+lz4",
        ] {
            let packed = Packed {
                coding: Coding::found(coding.as_bytes()),
                payload: Bytes::from_static(b"\"canary\""),
            };
            let error = codec.unpack(&packed).unwrap_err();
            assert!(error.is_corrupt());
            let told = format!("{error} {error:?} {packed:?}");
            assert!(!told.contains("canary"), "{told}");
            #[cfg(not(feature = "msgpack"))]
            assert_eq!(
                told.contains("the feature `msgpack`"),
                coding.starts_with("msgpack")
            );
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
        let packed = Codec::<u8>::json().pack(&7).unwrap();
        assert!(codec.unpack(&packed).unwrap_err().is_corrupt());
    }
}
