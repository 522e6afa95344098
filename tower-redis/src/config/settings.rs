//! All sections together.

use crate::error::Error;

use super::cache::CacheSettings;
use super::reader::Reader;
use super::redis;
use super::source::Source;

/// Everything that can be set from outside. `Settings::default()` is what counts when nothing is set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Settings {
    /// What holds for every cache that does not say otherwise.
    pub cache: CacheSettings,
}

impl Settings {
    /// Reads every setting from `source`.
    ///
    /// # Errors
    /// When values cannot be used: one error that names each variable, what was found and what is
    /// expected. The values of variables that may hold a secret are not shown.
    pub fn read(source: &impl Source) -> Result<Self, Error> {
        let mut reader = Reader::new(source);
        let settings = Self {
            cache: CacheSettings::read(&mut reader),
        };
        redis::refuse(&mut reader);
        reader.finish(settings)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::config::cache;
    use crate::config::source::Variables;

    #[test]
    fn nothing_set_is_the_default() {
        let settings = Settings::read(&Variables::default()).unwrap();
        assert_eq!(settings, Settings::default());
        assert!(settings.cache.enabled);
        assert_eq!(settings.cache.default_ttl, Duration::from_secs(3600));
    }

    #[test]
    fn an_empty_value_is_none() {
        let names = redis::WHERE
            .into_iter()
            .chain([cache::ENABLED, cache::DEFAULT_TTL]);
        let empty: Variables = names.map(|name| (name, " ")).collect();
        assert_eq!(Settings::read(&empty).unwrap(), Settings::default());
    }

    #[test]
    fn what_is_set_is_read() {
        let variables =
            Variables::from([("CACHE_ENABLED", "false"), ("CACHE_DEFAULT_TTL", " 1h ")]);
        let settings = Settings::read(&variables).unwrap();
        assert!(!settings.cache.enabled);
        assert_eq!(settings.cache.default_ttl, Duration::from_secs(3600));
    }

    #[test]
    fn a_redis_stops_the_start_and_its_value_stays_secret() {
        for variable in redis::WHERE {
            let variables = Variables::from([(variable, "redis://:hunter2@example.com")]);
            let error = Settings::read(&variables).unwrap_err();
            assert!(error.is_config());
            assert_eq!(
                error.to_string(),
                format!(
                    "a setting cannot be used: {variable}: is set, but this version of tower-redis \
                     keeps everything in memory and cannot use Redis; unset it"
                )
            );
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let variables = Variables::from([
            ("CACHE_ENABLED", "perhaps"),
            ("CACHE_DEFAULT_TTL", "an hour"),
            ("REDIS_URL", "redis://localhost"),
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
        let read = redis::WHERE
            .into_iter()
            .chain([cache::ENABLED, cache::DEFAULT_TTL]);
        assert_eq!(table, read.collect());
    }
}
