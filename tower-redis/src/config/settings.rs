//! All sections together.

use crate::error::Error;

use super::cache::CacheSettings;
use super::reader::Reader;
#[cfg(feature = "redis")]
use super::redis::RedisSettings;
use super::source::Source;
#[cfg(not(feature = "redis"))]
use super::without_redis;

/// Everything that can be set from outside. `Settings::default()` is what counts when nothing is set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Settings {
    /// What holds for every cache that does not say otherwise.
    pub cache: CacheSettings,
    /// The Redis that instances share caches, limits and events through; `None` is memory alone.
    #[cfg(feature = "redis")]
    pub redis: Option<RedisSettings>,
}

impl Settings {
    /// Reads every setting from `source`.
    ///
    /// # Errors
    /// When values cannot be used: one error that names each variable, what was found and what is
    /// expected. The values of variables that may hold a secret are not shown. Without the feature
    /// `redis` a variable that says where Redis is is a mistake.
    pub fn read(source: &impl Source) -> Result<Self, Error> {
        let mut reader = Reader::new(source);
        let cache = CacheSettings::read(&mut reader);
        #[cfg(feature = "redis")]
        let settings = {
            let (redis, of_caches) = RedisSettings::read(&mut reader);
            let cache = CacheSettings {
                redis: of_caches,
                ..cache
            };
            Self { cache, redis }
        };
        #[cfg(not(feature = "redis"))]
        let settings = {
            without_redis::refuse(&mut reader);
            Self { cache }
        };
        reader.finish(settings)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::config::names;
    use crate::config::outage::Outage;
    use crate::config::source::Variables;

    #[cfg(feature = "redis")]
    impl RedisSettings {
        /// As a process has them in whose environment these are `REDIS_URL` and `REDIS_TIMEOUT`.
        pub(crate) fn of(url: &str, timeout: &str) -> Self {
            let variables = Variables::from([("REDIS_URL", url), ("REDIS_TIMEOUT", timeout)]);
            Settings::read(&variables).unwrap().redis.unwrap()
        }
    }

    #[test]
    fn nothing_set_is_the_default() {
        let settings = Settings::read(&Variables::default()).unwrap();
        assert_eq!(settings, Settings::default());
        assert!(settings.cache.enabled);
        assert_eq!(settings.cache.default_ttl, Duration::from_secs(3600));
    }

    #[test]
    fn an_empty_value_is_none() {
        let empty: Variables = names::ALL.into_iter().map(|name| (name, " ")).collect();
        assert_eq!(Settings::read(&empty).unwrap(), Settings::default());
    }

    #[test]
    fn what_is_set_is_read() {
        let variables = Variables::from([
            ("CACHE_ENABLED", "false"),
            ("CACHE_DEFAULT_TTL", " 1h "),
            ("CACHE_OUTAGE", "strict"),
            ("CACHE_OUTAGE_GRACE", "3"),
            ("CACHE_OUTAGE_TTL", "1m"),
            ("CACHE_COMPRESS_FROM", "4096"),
        ]);
        let cache = Settings::read(&variables).unwrap().cache;
        assert!(!cache.enabled);
        assert_eq!(cache.default_ttl, Duration::from_secs(3600));
        assert_eq!(cache.outage, Outage::Strict);
        assert_eq!(cache.outage_grace, Duration::from_secs(3));
        assert_eq!(cache.outage_ttl, Duration::from_secs(60));
        assert_eq!(cache.compress_from, 4_096);
    }

    #[cfg(feature = "redis")]
    #[test]
    fn how_redis_is_used_is_read() {
        let variables = Variables::from([
            ("REDIS_URL", "redis://localhost"),
            ("REDIS_MAX_CONNECTIONS", "9"),
            ("REDIS_RETRY_ON_TIMEOUT", "no"),
            ("REDIS_NAMESPACE", "my_shop-1.0"),
            ("REDIS_TIMEOUT", "20ms"),
        ]);
        let redis = Settings::read(&variables).unwrap().redis.unwrap();
        assert_eq!(redis.max_connections, 9);
        assert!(!redis.retry_on_timeout);
        assert_eq!(redis.namespace, "my_shop-1.0");
        assert_eq!(redis.timeout, Duration::from_millis(20));
    }

    #[cfg(feature = "redis")]
    #[test]
    fn how_redis_is_used_has_bounds() {
        for (variable, value) in [
            ("REDIS_MAX_CONNECTIONS", "4"),
            ("REDIS_MAX_CONNECTIONS", "many"),
            ("REDIS_RETRY_ON_TIMEOUT", "2"),
            ("REDIS_NAMESPACE", "my shop"),
            ("REDIS_NAMESPACE", "{tr}"),
            ("REDIS_TIMEOUT", "50"),
            ("REDIS_TIMEOUT", "1ms"),
            ("CACHE_OUTAGE", "never"),
            ("CACHE_OUTAGE_GRACE", "0"),
            ("CACHE_COMPRESS_FROM", "0"),
            ("CACHE_COMPRESS_FROM", "off"),
        ] {
            let error = Settings::read(&Variables::from([(variable, value)])).unwrap_err();
            let error = error.to_string();
            let found = format!("{variable}: found `{value}`; expected ");
            assert!(error.contains(&found), "{error}");
        }
    }

    #[cfg(not(feature = "redis"))]
    #[test]
    fn a_redis_stops_the_start_names_the_feature_and_keeps_its_secret() {
        for variable in names::WHERE {
            let variables = Variables::from([(variable, "redis://:hunter2@example.com")]);
            let error = Settings::read(&variables).unwrap_err();
            assert!(error.is_config());
            assert_eq!(
                error.to_string(),
                format!(
                    "a setting cannot be used: {variable}: is set, but this build of tower-redis keeps \
                     everything in memory, since its feature `redis` is off; turn the feature on, or \
                     unset the variable"
                )
            );
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let variables = Variables::from([
            ("CACHE_ENABLED", "perhaps"),
            ("CACHE_DEFAULT_TTL", "an hour"),
            ("REDIS_URL", "rediss://localhost"),
        ]);
        let error = Settings::read(&variables).unwrap_err().to_string();
        assert!(error.starts_with("3 settings cannot be used:\n"), "{error}");
        for variable in ["CACHE_ENABLED", "CACHE_DEFAULT_TTL", "REDIS_URL"] {
            assert!(error.contains(&format!("\n  {variable}: ")), "{error}");
        }
    }

    #[test]
    fn the_table_names_every_variable_and_no_other() {
        let table: BTreeSet<&str> = include_str!("mod.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | `")?.split('`').next())
            .collect();
        assert_eq!(table, names::ALL.into_iter().collect());
        assert!(names::WHERE.iter().all(|name| table.contains(name)));
    }
}
