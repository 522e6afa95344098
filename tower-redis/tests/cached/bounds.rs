//! How much is held in this process, and how what travels is made shorter.

use tower_redis::codec::Compression;
use tower_redis::{Toolkit, cached};

const ROOM: u64 = 64 * 1_024;

#[cached(capacity_bytes(ROOM, |text| text.len()))]
fn text(length: usize, which: u64) -> String {
    which.to_string().repeat(length)
}

#[test]
fn a_cache_is_bounded_by_the_bytes_of_its_values() {
    Toolkit::in_memory().scope_sync(|| {
        for which in 0..1_000 {
            text(1_024, which);
        }
        let stats = text::stats();
        assert!(stats.weight <= ROOM, "{stats:?}");
        assert!(stats.entries > 8 && stats.entries < 64, "{stats:?}");
        // what is heavier than all there is room for is not kept
        let heavy = usize::try_from(ROOM).unwrap() + 1;
        text(heavy, 1);
        assert_eq!(text::peek(heavy, 1), None);
    });
}

#[cached(capacity_bytes(1 << 20, Vec::len), compression = "none", compress_from = 1)]
async fn plain(count: u64) -> Vec<u64> {
    vec![7; usize::try_from(count).unwrap()]
}

#[cached(compress_from = 64)]
async fn short(count: u64) -> Vec<u64> {
    vec![7; usize::try_from(count).unwrap()]
}

#[cfg(feature = "zstd")]
#[cached(compression = Compression::Zstd { level: 19 }, compress_from = 64)]
async fn shortest(count: u64) -> Vec<u64> {
    vec![7; usize::try_from(count).unwrap()]
}

#[cached(compression = Compression::Lz4)]
async fn usual(count: u64) -> Vec<u64> {
    vec![7; usize::try_from(count).unwrap()]
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn what_travels_is_compressed_as_the_attribute_says() {
    use tests::RedisServer;
    use tower_redis::config::{Settings, Variables};

    let server = RedisServer::start();
    let url = server.url();
    let variables = Variables::from([("REDIS_URL", &*url), ("REDIS_TIMEOUT", "10s")]);
    let settings = Settings::read(&variables).unwrap();
    let toolkit = Toolkit::builder().settings(settings).build().unwrap();
    toolkit
        .scope(async {
            plain(400).await;
            short(400).await;
            #[cfg(feature = "zstd")]
            shortest(400).await;
            usual(400).await;
        })
        .await;
    let key = |function: &str| {
        let keys = server.cli(&["KEYS", &format!("*{function}.*:400")]);
        keys.items()[0].text()
    };
    let bytes = |function: &str| server.cli(&["STRLEN", &key(function)]).int();
    let says = |function: &str, word: &str| {
        let find = "return string.find(redis.call('GET', KEYS[1]), ARGV[1], 1, true) and 1 or 0";
        server.cli(&["EVAL", find, "1", &key(function), word]).int() == 1
    };
    // 400 times "7,"
    assert!(bytes("plain") > 800);
    assert!(bytes("short") < 200 && says("short", "lz4"));
    #[cfg(feature = "zstd")]
    assert!(bytes("shortest") < 200 && says("shortest", "zstd"));
    // by default nothing as short as this is
    assert!(bytes("usual") > 800);
}
