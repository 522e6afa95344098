//! A hit of `#[cached]`, beside the `cached` crate.

use std::hint::black_box;
use std::sync::Arc;

use crate::harness::{Effort, Table};
use crate::keys::{KEYS, text, texts};
use crate::runtime;

type Value = Arc<[u8]>;

fn value() -> Value {
    Arc::from(vec![7; 256])
}

#[tower_redis::cached(ttl = 3600, capacity = 20_000)]
async fn ours_async(key: &str) -> Value {
    black_box(key);
    value()
}

#[tower_redis::cached(ttl = 3600, capacity = 20_000)]
fn ours_sync(key: &str) -> Value {
    black_box(key);
    value()
}

#[cached::macros::cached(
    ttl_secs = 3600,
    max_size = 20_000,
    key = "String",
    convert = "{ key.to_owned() }"
)]
async fn cached_async(key: &str) -> Value {
    black_box(key);
    value()
}

#[cached::macros::cached(
    ttl_secs = 3600,
    max_size = 20_000,
    key = "String",
    convert = "{ key.to_owned() }"
)]
fn cached_sync(key: &str) -> Value {
    black_box(key);
    value()
}

#[cached::macros::concurrent_cached(
    ttl_secs = 3600,
    max_size = 20_000,
    key = "String",
    convert = "{ key.to_owned() }"
)]
fn cached_concurrent(key: &str) -> Value {
    black_box(key);
    value()
}

pub fn measure(effort: Effort) {
    let mut table = Table::new(
        "a cached function, hit, 10,000 keys, &str argument, Arc value",
        "cached #[cached], async",
    );
    table.row("tower-redis #[cached], async", {
        let (mut keys, runtime) = (texts(), runtime());
        runtime.block_on(async {
            for n in 0..KEYS {
                ours_async(&text(n)).await;
            }
        });
        move |n| {
            runtime.block_on(async {
                for _ in 0..n {
                    black_box(ours_async(keys.next()).await);
                }
            });
        }
    });
    table.row("cached #[cached], async", {
        let (mut keys, runtime) = (texts(), runtime());
        runtime.block_on(async {
            for n in 0..KEYS {
                cached_async(&text(n)).await;
            }
        });
        move |n| {
            runtime.block_on(async {
                for _ in 0..n {
                    black_box(cached_async(keys.next()).await);
                }
            });
        }
    });
    table.row("tower-redis #[cached], sync", blocking(ours_sync));
    table.row("cached #[cached], sync", blocking(cached_sync));
    table.row(
        "cached #[concurrent_cached], sync",
        blocking(cached_concurrent),
    );
    table.measure(effort);
}

fn blocking(function: fn(&str) -> Value) -> impl FnMut(u64) {
    let mut keys = texts();
    for n in 0..KEYS {
        function(&text(n));
    }
    move |n| {
        for _ in 0..n {
            black_box(function(keys.next()));
        }
    }
}
