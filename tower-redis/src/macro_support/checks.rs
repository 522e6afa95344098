//! What options give, checked in the compiler, where these functions are evaluated.

use crate::codec::{Compression, Format};

/// The capacity as an option gives it.
///
/// # Panics
/// When it is not an amount of entries.
#[must_use]
pub const fn capacity(entries: i128) -> u64 {
    assert!(
        entries > 0,
        "`capacity` of a cached function is zero or less; expected at least 1 entry"
    );
    assert!(
        entries <= u64::MAX as i128,
        "`capacity` of a cached function does not fit into a `u64`"
    );
    entries as u64
}

/// The capacity in bytes as an option gives it.
///
/// # Panics
/// When it is not an amount of bytes.
#[must_use]
pub const fn bytes(bytes: i128) -> u64 {
    assert!(
        bytes > 0,
        "`capacity_bytes` of a cached function is zero or less; expected at least 1 byte"
    );
    assert!(
        bytes <= u64::MAX as i128,
        "`capacity_bytes` of a cached function does not fit into a `u64`"
    );
    bytes as u64
}

/// From how many bytes on values are compressed, as an option gives it.
///
/// # Panics
/// When it is not an amount of bytes.
#[must_use]
pub const fn size(bytes: i128) -> usize {
    assert!(
        bytes >= 0 && bytes <= usize::MAX as i128,
        "`compress_from` of a cached function is not an amount of bytes; expected one like `4_096`"
    );
    bytes as usize
}

/// `codec = "json"`
#[must_use]
pub const fn json() -> Format {
    Format::Json
}

/// `codec = "msgpack"`
///
/// # Panics
/// When this build cannot do it.
#[must_use]
pub const fn msgpack() -> Format {
    assert!(
        Format::MessagePack.missing_feature().is_none(),
        "the codec \"msgpack\" of a cached function needs the feature `msgpack` of tower-redis; turn it on in \
         Cargo.toml, or write \"json\""
    );
    Format::MessagePack
}

/// `compression = "none"`
#[must_use]
pub const fn uncompressed() -> Compression {
    Compression::None
}

/// `compression = "lz4"`
#[must_use]
pub const fn lz4() -> Compression {
    Compression::Lz4
}

/// `compression = "zstd"`
///
/// # Panics
/// As [`compression`].
#[must_use]
pub const fn zstd() -> Compression {
    compression(Compression::ZSTD)
}

/// A compression as an option gives it.
///
/// # Panics
/// When this build cannot do it, or nobody can.
#[must_use]
pub const fn compression(compression: Compression) -> Compression {
    assert!(
        compression.missing_feature().is_none(),
        "the compression \"zstd\" of a cached function needs the feature `zstd` of tower-redis; turn it on in \
         Cargo.toml, or write \"lz4\""
    );
    assert!(
        compression.is_possible(),
        "the level of zstd of a cached function is none; expected 1 to 22, as in `Compression::Zstd {{ level: 3 }}`"
    );
    compression
}

/// A part of a life as an option gives it.
///
/// # Panics
/// When it is not between 0 and 1.
#[must_use]
pub const fn fraction(part: f64) -> f64 {
    assert!(
        part >= 0.0 && part <= 1.0,
        "`jitter` and `refresh_after` of a cached function are parts; expected a number from 0 to 1"
    );
    part
}

/// The factor of XFetch as an option gives it.
///
/// # Panics
/// When it is not positive.
#[must_use]
pub const fn beta(beta: f64) -> f64 {
    assert!(
        beta > 0.0 && beta < f64::INFINITY,
        "`refresh_by_chance` of a cached function is not positive; expected a number greater than zero"
    );
    beta
}
