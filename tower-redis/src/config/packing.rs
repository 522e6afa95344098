//! How values are packed.

use crate::codec::{Compression, Format};

use super::names;
use super::reader::Reader;

/// The form that `CACHE_CODEC` names.
pub(super) fn codec(from: &mut Reader<'_>) -> Option<Format> {
    let named = |text: &str| {
        let mut all = Format::ALL.into_iter();
        all.find(|format| format.name().eq_ignore_ascii_case(text))
    };
    let format = from.read(names::CODEC, "`json` or `msgpack`", named)?;
    match format.missing_feature() {
        None => Some(format),
        Some(feature) => refuse(from, names::CODEC, feature, "json"),
    }
}

/// What `CACHE_COMPRESSION` names.
pub(super) fn compression(from: &mut Reader<'_>) -> Option<Compression> {
    let named = |text: &str| {
        let mut all = [Compression::None, Compression::Lz4, Compression::ZSTD].into_iter();
        all.find(|compression| compression.name().eq_ignore_ascii_case(text))
    };
    let compression = from.read(names::COMPRESSION, "`none`, `lz4` or `zstd`", named)?;
    match compression.missing_feature() {
        None => Some(compression),
        Some(feature) => refuse(from, names::COMPRESSION, feature, "lz4"),
    }
}

fn refuse<T>(from: &mut Reader<'_>, variable: &str, feature: &str, instead: &str) -> Option<T> {
    from.complain(
        variable,
        &format!(
            "found `{feature}`, but the feature `{feature}` of tower-redis is off in this build; turn \
             it on, or write `{instead}`"
        ),
    );
    None
}

#[cfg(test)]
mod tests {
    use crate::config::settings::Settings;
    use crate::config::source::Variables;

    use super::*;

    #[test]
    fn a_form_and_a_compression_are_read() {
        let variables = Variables::from([("CACHE_CODEC", " JSON "), ("CACHE_COMPRESSION", "None")]);
        let cache = Settings::read(&variables).unwrap().cache;
        assert_eq!(
            (cache.codec, cache.compression),
            (Format::Json, Compression::None)
        );
        let variables = Variables::from([("CACHE_CODEC", "yaml"), ("CACHE_COMPRESSION", "off")]);
        let error = Settings::read(&variables).unwrap_err().to_string();
        for part in [
            "CACHE_CODEC: found `yaml`; expected `json` or `msgpack`",
            "CACHE_COMPRESSION: found `off`; expected `none`, `lz4` or `zstd`",
        ] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn one_whose_feature_is_off_stops_the_start_and_names_it() {
        for (variable, word, is_on) in [
            ("CACHE_CODEC", "msgpack", cfg!(feature = "msgpack")),
            ("CACHE_COMPRESSION", "zstd", cfg!(feature = "zstd")),
        ] {
            match Settings::read(&Variables::from([(variable, word)])) {
                Ok(settings) => {
                    let cache = settings.cache;
                    assert!(is_on);
                    assert!(cache.codec.name() == word || cache.compression.name() == word);
                }
                Err(error) => {
                    let told = format!("{variable}: found `{word}`, but the feature `{word}` of ");
                    assert!(!is_on && error.to_string().contains(&told), "{error}");
                }
            }
        }
    }
}
