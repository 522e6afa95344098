//! What holds for every cache that does not say otherwise.

use std::time::Duration;

use super::parse;
use super::reader::Reader;

pub(super) const ENABLED: &str = "CACHE_ENABLED";
pub(super) const DEFAULT_TTL: &str = "CACHE_DEFAULT_TTL";

/// Settings of the caches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheSettings {
    /// `CACHE_ENABLED`: whether anything is kept at all.
    pub enabled: bool,
    /// `CACHE_DEFAULT_TTL`: how long a value lives whose cache or function names no TTL. It never
    /// makes an HTTP response reusable.
    pub default_ttl: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            default_ttl: Duration::from_secs(3600),
        }
    }
}

impl CacheSettings {
    pub(super) fn read(from: &mut Reader<'_>) -> Self {
        let default = Self::default();
        Self {
            enabled: from
                .read(ENABLED, parse::FLAG, parse::flag)
                .unwrap_or(default.enabled),
            default_ttl: from
                .read(DEFAULT_TTL, parse::TTL, parse::ttl)
                .unwrap_or(default.default_ttl),
        }
    }
}
