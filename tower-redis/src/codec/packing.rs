//! How the values of a cache are packed, and who says so.

use crate::error::Error;

use super::compression::Compression;
use super::format::Format;

/// How values are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packing {
    pub(crate) format: Format,
    pub(crate) compression: Compression,
    /// Payloads are compressed from this size on.
    pub(crate) compress_from: usize,
}

impl Packing {
    /// This, if this build can do it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::error::ErrorKind::Config), naming the feature that is off.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let format = self.format.missing_feature();
        if let Some(feature) = format.or(self.compression.missing_feature()) {
            return Err(off(feature));
        }
        match self.compression.mistake() {
            Some(mistake) => Err(Error::config(mistake)),
            None => Ok(self),
        }
    }
}

/// The feature that a form or a compression of this name needs is off.
pub(super) fn off(feature: &str) -> Error {
    Error::config(format!(
        "found `{feature}` as the form or compression of values, but the feature `{feature}` of \
         tower-redis is off; turn it on in Cargo.toml, or keep to JSON and lz4"
    ))
}

/// What one cache says about how its values are packed; what it does not say is as for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) format: Option<Format>,
    /// And from how many bytes on.
    pub(crate) compression: Option<(Compression, usize)>,
}

impl Chosen {
    /// This, and for the rest what `usual` says.
    pub(crate) fn over(self, usual: Packing) -> Packing {
        let (compression, compress_from) = self
            .compression
            .unwrap_or((usual.compression, usual.compress_from));
        Packing {
            format: self.format.unwrap_or(usual.format),
            compression,
            compress_from,
        }
    }

    /// The same for values that other programs read and write: they know JSON, whatever is usual here.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::error::ErrorKind::Config) when another form was asked for.
    pub(crate) fn for_others(self) -> Result<Self, Error> {
        match self.format {
            None | Some(Format::Json) => Ok(Self {
                format: Some(Format::Json),
                ..self
            }),
            Some(other) => Err(Error::config(format!(
                "found the codec {other} together with exact keys; expected JSON: under an exact key lies \
                 the value alone, and nothing that says how to read it. Leave the codec out, or let \
                 the cache name its keys"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Packing = Packing {
        format: Format::MessagePack,
        compression: Compression::Lz4,
        compress_from: 1_024,
    };

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert_eq!(Chosen::default().over(USUAL), USUAL);
        let chosen = Chosen {
            format: Some(Format::Json),
            compression: Some((Compression::None, 7)),
        };
        let packing = chosen.over(USUAL);
        assert_eq!(packing.format, Format::Json);
        assert_eq!(
            (packing.compression, packing.compress_from),
            (Compression::None, 7)
        );
    }

    #[test]
    fn what_others_read_is_json() {
        let chosen = Chosen::default().for_others().unwrap();
        assert_eq!(chosen.over(USUAL).format, Format::Json);
        let chosen = Chosen {
            format: Some(Format::MessagePack),
            ..Chosen::default()
        };
        let error = chosen.for_others().unwrap_err();
        assert!(
            error.is_config() && error.to_string().contains("MessagePack"),
            "{error}"
        );
    }

    #[test]
    fn a_feature_that_is_off_is_named() {
        for (packing, feature, is_on) in [
            (USUAL, "msgpack", cfg!(feature = "msgpack")),
            (
                Packing {
                    format: Format::Json,
                    compression: Compression::ZSTD,
                    ..USUAL
                },
                "zstd",
                cfg!(feature = "zstd"),
            ),
        ] {
            match packing.checked() {
                Ok(checked) => assert!(is_on && checked == packing),
                Err(error) => {
                    assert!(!is_on && error.is_config());
                    let text = format!("the feature `{feature}` of tower-redis is off");
                    assert!(error.to_string().contains(&text), "{error}");
                }
            }
        }
    }
}
