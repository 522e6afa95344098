//! How what travels is made shorter.

use tests::RedisServer;
use tower_redis::codec::Compression;
use tower_redis::config::{Settings, Variables};
use tower_redis::{Toolkit, cached};

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

#[tokio::test]
async fn what_travels_is_compressed_as_the_attribute_says() {
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
