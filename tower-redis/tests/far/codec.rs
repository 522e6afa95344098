//! How values are written, and by whom they are read.

use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Status};
use tower_redis::codec::{Compression, Format};
use tower_redis::config::Settings;
use tower_redis::testing::{FarServer, ManualClock};

use super::support::{Process, Source, TTL, two};

/// What a value lies there as: the codec in its envelope.
fn codec(server: &FarServer, of: &str) -> String {
    let key = server
        .keys()
        .into_iter()
        .find(|key| key.contains(of))
        .unwrap();
    let envelope = server.get(&key).unwrap();
    let codec = envelope.split(|byte| *byte == b' ').nth(2).unwrap();
    String::from_utf8(codec.to_vec()).unwrap()
}

fn built() -> impl Iterator<Item = Format> {
    let all = Format::ALL.into_iter();
    all.filter(|format| format.missing_feature().is_none())
}

fn ways() -> impl Iterator<Item = Compression> {
    let all = [
        Compression::None,
        Compression::Lz4,
        Compression::Zstd { level: 5 },
    ];
    all.into_iter()
        .filter(|way| way.missing_feature().is_none())
}

fn texts(process: &Process, format: Format, compression: Compression) -> Cache<u64, String> {
    let builder = process.toolkit.cache("texts").ttl(TTL);
    let builder = builder.codec(format).compression(compression, 1_000);
    builder.build().unwrap()
}

#[tokio::test]
async fn processes_that_write_in_other_ways_share_values_and_invalidations() {
    for (format, compression) in built().flat_map(|format| ways().map(move |way| (format, way))) {
        for other in built() {
            let (_clock, server, a, b) = two();
            let here = texts(&a, format, compression);
            let there = texts(&b, other, Compression::None);
            let long = "long ".repeat(1_000);
            here.put(&1, long.clone(), TTL).await;
            let expected = match (format, compression) {
                (Format::Json, Compression::None) => "json",
                (Format::Json, Compression::Lz4) => "json+lz4",
                (Format::Json, _) => "json+zstd",
                (_, Compression::None) => "msgpack",
                (_, Compression::Lz4) => "msgpack+lz4",
                (_, _) => "msgpack+zstd",
            };
            assert_eq!(codec(&server, ":c:texts"), expected);
            assert_eq!(there.get(&1).await, Some(long));
            assert_eq!(there.stats().undecodable, 0);
            here.invalidate(&1).await;
            assert_eq!(there.get(&1).await, None);
        }
    }
}

#[tokio::test]
async fn the_settings_count_for_a_cache_that_says_nothing() {
    for (format, compression) in built().flat_map(|format| ways().map(move |way| (format, way))) {
        let clock = ManualClock::new();
        let server = FarServer::new(&clock);
        let mut settings = Settings::default();
        settings.cache.codec = format;
        settings.cache.compression = compression;
        settings.cache.compress_from = 1;
        let process = Process::with(&server, &clock, settings);
        process.cache.put(&1, 7, TTL).await;
        // too short to become shorter
        let name = match format {
            Format::Json => "json",
            _ => "msgpack",
        };
        assert_eq!(codec(&server, ":c:numbers"), name);
        let lists = process
            .toolkit
            .cache::<u64, Vec<u8>>("lists")
            .build()
            .unwrap();
        lists.put(&1, vec![0; 100], TTL).await;
        let is_compressed = compression != Compression::None;
        assert_eq!(codec(&server, ":c:lists").contains('+'), is_compressed);
    }
}

#[tokio::test]
async fn what_this_build_cannot_read_is_a_miss_that_is_counted_and_written_anew() {
    let (_clock, server, a, b) = two();
    let source = Source::default();
    for codec in ["cbor", "json+br", "json+lz4"] {
        let key = {
            a.cache.put(&1, 7, TTL).await;
            server
                .keys()
                .into_iter()
                .find(|key| key.ends_with(":1"))
                .unwrap()
        };
        let envelope = String::from_utf8(server.get(&key).unwrap()).unwrap();
        server.set(
            &key,
            envelope.replacen(" json ", &format!(" {codec} "), 1),
            Some(TTL),
        );
        let before = b.cache.stats().undecodable;
        source.says(8);
        assert_eq!(b.read(1, &source).await, (8, Status::Loaded), "{codec}");
        assert!(b.cache.stats().undecodable > before, "{codec}");
        b.cache.invalidate(&1).await;
    }
}

#[tokio::test]
async fn under_exact_keys_lies_json_whatever_is_usual() {
    for format in built() {
        let clock = ManualClock::new();
        let server = FarServer::new(&clock);
        let mut settings = Settings::default();
        settings.cache.codec = format;
        settings.cache.compress_from = 1;
        let process = Process::with(&server, &clock, settings);
        let builder = process
            .toolkit
            .cache::<u64, Vec<u8>>("lists")
            .exact_keys("list:");
        let lists = builder.build().unwrap();
        lists.put(&1, vec![0; 100], TTL).await;
        assert!(server.get("list:1").unwrap().starts_with(b"[0,0,"));
    }
}

#[test]
fn another_form_under_exact_keys_is_refused() {
    let toolkit = Toolkit::in_memory();
    let builder = toolkit.cache::<u64, u64>("numbers").exact_keys("number:");
    assert!(builder.codec(Format::Json).build().is_ok());
    let builder = toolkit.cache::<u64, u64>("numbers").exact_keys("number:");
    let error = builder.codec(Format::MessagePack).build().unwrap_err();
    assert!(error.is_config());
    let told =
        "cache `numbers`: found the codec MessagePack together with exact keys; expected JSON";
    assert!(error.to_string().starts_with(told), "{error}");
}

#[test]
fn what_cannot_be_had_stops_with_an_error_that_names_the_cache() {
    let toolkit = Toolkit::in_memory();
    let cache = || toolkit.cache::<u64, u64>("numbers");
    for (builder, feature) in [
        (
            cache().codec(Format::MessagePack),
            Format::MessagePack.missing_feature(),
        ),
        (
            cache().compression(Compression::Zstd { level: 3 }, 1),
            Compression::Zstd { level: 3 }.missing_feature(),
        ),
    ] {
        match (builder.build(), feature) {
            (Ok(_), None) => {}
            (Err(error), Some(feature)) => {
                let told = format!("the feature `{feature}` of tower-redis is off");
                assert!(
                    error.is_config() && error.to_string().contains(&told),
                    "{error}"
                );
                assert!(
                    error.to_string().starts_with("cache `numbers`: "),
                    "{error}"
                );
            }
            (built, feature) => panic!("{built:?} {feature:?}"),
        }
    }
    let builder = cache().compression(Compression::Zstd { level: 23 }, 1);
    assert!(builder.build().unwrap_err().is_config());
}

#[test]
fn settings_from_code_are_checked_when_the_toolkit_is_built() {
    let mut settings = Settings::default();
    settings.cache.compression = Compression::Zstd { level: 0 };
    let error = Toolkit::builder().settings(settings).build().unwrap_err();
    assert!(error.is_config(), "{error}");
}
