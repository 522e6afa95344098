//! The ways in which payloads are made shorter.

use std::borrow::Cow;

use super::bound::LONGEST;
use super::lz4;
#[cfg(feature = "zstd")]
use super::zstd;

/// How large values are compressed on their way to Redis.
///
/// Whoever reads needs to know nothing of this: how a payload was compressed stands beside it, and a
/// build reads whatever it has the features for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// They are not.
    None,
    /// By LZ4, which costs next to nothing.
    #[default]
    Lz4,
    /// By [Zstandard](https://facebook.github.io/zstd/), which makes them shorter and takes longer. Needs
    /// the feature `zstd`, in every process that is to read them.
    Zstd {
        /// From 1, the fastest, to 22, which takes long and much memory.
        level: i32,
    },
}

impl Compression {
    /// What Zstandard itself takes when nothing is said.
    pub(crate) const ZSTD: Self = Self::Zstd { level: 3 };

    /// The feature that it needs and this build lacks, if there is one.
    #[must_use]
    pub const fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::Zstd { .. } if cfg!(not(feature = "zstd")) => Some("zstd"),
            Self::None | Self::Lz4 | Self::Zstd { .. } => None,
        }
    }

    /// The name beside a payload, and in settings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Lz4 => "lz4",
            Self::Zstd { .. } => "zstd",
        }
    }

    /// Whether there is a level of this number.
    pub(crate) const fn is_possible(self) -> bool {
        match self {
            Self::Zstd { level } => level >= 1 && level <= 22,
            Self::None | Self::Lz4 => true,
        }
    }

    /// Why it cannot be done, if it cannot.
    pub(super) fn mistake(self) -> Option<String> {
        match self {
            Self::Zstd { level } if !self.is_possible() => Some(format!(
                "found the level {level} of zstd; expected 1 to 22, as in \
                 `Compression::Zstd {{ level: 3 }}`"
            )),
            Self::None | Self::Lz4 | Self::Zstd { .. } => None,
        }
    }

    /// `raw` compressed, where that is shorter.
    pub(super) fn compress(self, raw: &[u8]) -> Option<Vec<u8>> {
        if raw.len() > LONGEST {
            return None;
        }
        let packed = match self {
            Self::None => None,
            Self::Lz4 => Some(lz4::compress(raw)),
            #[cfg(feature = "zstd")]
            Self::Zstd { level } => zstd::compress(raw, level),
            #[cfg(not(feature = "zstd"))]
            Self::Zstd { .. } => None,
        };
        packed.filter(|packed| packed.len() < raw.len())
    }
}

/// What was compressed by the way called `name`.
///
/// # Errors
/// Why there is nothing.
pub(super) fn decompress(name: &[u8], packed: &[u8]) -> Result<Vec<u8>, Cow<'static, str>> {
    let raw = match name {
        b"lz4" => lz4::decompress(packed),
        #[cfg(feature = "zstd")]
        b"zstd" => zstd::decompress(packed),
        #[cfg(not(feature = "zstd"))]
        b"zstd" => {
            return Err("found a payload compressed by zstd; expected none, since the feature \
                        `zstd` of tower-redis is off. Turn it on here, or compress by lz4 where it was \
                        written"
                .into());
        }
        other => {
            return Err(format!(
                "found a payload compressed by `{}`, which this version does not know",
                other.escape_ascii()
            )
            .into());
        }
    };
    raw.ok_or(Cow::Borrowed("a compressed payload is damaged"))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn built() -> Vec<Compression> {
        let all = [Compression::Lz4, Compression::ZSTD];
        let built = |compression: &Compression| compression.missing_feature().is_none();
        all.into_iter().filter(built).collect()
    }

    #[test]
    fn what_gets_no_shorter_is_left_alone() {
        for compression in built() {
            assert_eq!(compression.compress(b""), None);
            assert_eq!(compression.compress(b"abcdefgh"), None);
            let shorter = compression.compress(&[b'a'; 1_000]);
            assert!(shorter.is_some_and(|packed| packed.len() < 30));
        }
        assert_eq!(Compression::None.compress(&[b'a'; 1_000]), None);
    }

    #[test]
    fn the_most_compressible_text_there_is_comes_back() {
        for compression in built() {
            for len in [100, 1_000, 1 << 20, 16 << 20] {
                let raw = vec![b'a'; len];
                let packed = compression.compress(&raw).unwrap();
                let name = compression.name().as_bytes();
                assert!(decompress(name, &packed).unwrap() == raw, "{compression:?}");
            }
        }
    }

    #[test]
    fn what_this_build_cannot_read_says_why() {
        let error = decompress(b"br\n", b"canary").unwrap_err();
        assert!(
            error.contains(r"`br\n`") && !error.contains("canary"),
            "{error}"
        );
        #[cfg(not(feature = "zstd"))]
        assert!(
            decompress(b"zstd", b"canary")
                .unwrap_err()
                .contains("the feature `zstd`")
        );
    }

    #[test]
    fn a_level_has_bounds() {
        for level in [i32::MIN, -1, 0, 23, i32::MAX] {
            let mistake = Compression::Zstd { level }.mistake().unwrap();
            assert!(
                mistake.contains(&format!("the level {level} of")),
                "{mistake}"
            );
        }
        for level in [1, 22] {
            assert_eq!(Compression::Zstd { level }.mistake(), None);
        }
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(raw in vec(prop_oneof![Just(b'a'), any::<u8>()], 0..2_000)) {
            for compression in built() {
                if let Some(packed) = compression.compress(&raw) {
                    let name = compression.name().as_bytes();
                    prop_assert_eq!(&decompress(name, &packed).unwrap(), &raw);
                }
            }
        }

        #[test]
        fn what_is_damaged_makes_nothing_panic(
            raw in vec(prop_oneof![Just(b'a'), any::<u8>()], 200..2_000),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            for compression in built() {
                if let Some(mut packed) = compression.compress(&raw) {
                    let name = compression.name().as_bytes();
                    let cut = at.index(packed.len());
                    prop_assert!(decompress(name, &packed[..cut]).is_err());
                    packed[cut] = byte;
                    // what is found is another value or none; its codec tells
                    let _ = decompress(name, &packed);
                }
            }
        }
    }
}
