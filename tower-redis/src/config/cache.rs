//! What holds for every cache that does not say otherwise.

use std::time::Duration;

use crate::codec::{Compression, Format, Packing};

use super::names;
use super::outage::Outage;
use super::packing;
use super::parse;
use super::reader::Reader;
#[cfg(feature = "redis")]
use super::redis::RedisSettings;

/// Settings of the caches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheSettings {
    /// `CACHE_ENABLED`: whether anything is kept at all. Where it is not, invalidations still reach the
    /// other processes.
    pub enabled: bool,
    /// `CACHE_DEFAULT_TTL`: how long a value lives whose cache or function names no TTL. It never
    /// makes an HTTP response reusable.
    pub default_ttl: Duration,
    /// `CACHE_OUTAGE`: what happens while Redis does not answer.
    pub outage: Outage,
    /// `CACHE_OUTAGE_GRACE`: how long what was in memory before may still be served then, although
    /// nobody would tell that it was invalidated.
    pub outage_grace: Duration,
    /// `CACHE_OUTAGE_TTL`: how long what is loaded then is kept, at most.
    pub outage_ttl: Duration,
    /// `CACHE_CODEC`: how values are written on their way to Redis.
    pub codec: Format,
    /// `CACHE_COMPRESSION`: how large values are compressed on their way to Redis.
    pub compression: Compression,
    /// `CACHE_COMPRESS_FROM`: from how many bytes on.
    pub compress_from: usize,
    /// `CACHE_REDIS_URL`: a Redis for the caches alone. `None`: they use that of everything else, and
    /// memory alone when there is none.
    #[cfg(feature = "redis")]
    pub redis: Option<RedisSettings>,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            default_ttl: Duration::from_secs(3600),
            outage: Outage::Grace,
            outage_grace: Duration::from_secs(10),
            outage_ttl: Duration::from_secs(30),
            codec: Format::Json,
            compression: Compression::Lz4,
            compress_from: 1024,
            #[cfg(feature = "redis")]
            redis: None,
        }
    }
}

impl CacheSettings {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let default = Self::default();
        Self {
            enabled: from
                .read(names::ENABLED, parse::FLAG, parse::flag)
                .unwrap_or(default.enabled),
            default_ttl: from
                .read(names::DEFAULT_TTL, parse::TTL, parse::ttl)
                .unwrap_or(default.default_ttl),
            outage: from
                .read(names::OUTAGE, Outage::FORMS, Outage::parse)
                .unwrap_or(default.outage),
            outage_grace: from
                .read(names::OUTAGE_GRACE, parse::TTL, parse::ttl)
                .unwrap_or(default.outage_grace),
            outage_ttl: from
                .read(names::OUTAGE_TTL, parse::TTL, parse::ttl)
                .unwrap_or(default.outage_ttl),
            codec: packing::codec(from).unwrap_or(default.codec),
            compression: packing::compression(from).unwrap_or(default.compression),
            compress_from: from
                .read(names::COMPRESS_FROM, parse::SIZE, parse::size)
                .unwrap_or(default.compress_from),
            ..default
        }
    }

    /// How the values of a cache are packed that says nothing.
    pub(crate) fn packing(&self) -> Packing {
        Packing {
            format: self.codec,
            compression: self.compression,
            compress_from: self.compress_from,
        }
    }
}
