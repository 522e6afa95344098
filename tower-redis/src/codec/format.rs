//! The forms in which values are written.

use std::fmt;

/// How the values of a cache are written on their way to Redis.
///
/// Both write the names of fields, so a reader that knows more or fewer of them reads what it knows, as
/// `serde` says. Which one to take, and what has no place in either: see the [module docs](crate::codec).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Compact, and readable in `redis-cli` and by any other program.
    #[default]
    Json,
    /// [MessagePack](https://msgpack.org): shorter, and no detour through text for numbers. Needs the
    /// feature `msgpack`.
    MessagePack,
}

impl Format {
    /// All of them, whatever this build can do.
    pub const ALL: [Self; 2] = [Self::Json, Self::MessagePack];

    /// The feature that it needs and this build lacks, if there is one.
    #[must_use]
    pub const fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::MessagePack if cfg!(not(feature = "msgpack")) => Some("msgpack"),
            Self::Json | Self::MessagePack => None,
        }
    }

    /// The name beside every payload, and in settings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::MessagePack => "msgpack",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::MessagePack => "MessagePack",
        })
    }
}
