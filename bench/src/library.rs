//! `get_or_load` on a hit, beside the caches that do less.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::cache::Cache;

use crate::harness::{Effort, Table};
use crate::keys::{KEYS, text, texts};
use crate::runtime;

type Value = Arc<[u8]>;

fn value() -> Value {
    Arc::from(vec![7; 256])
}

pub fn measure(effort: Effort) {
    let mut table = Table::new(
        "get_or_load, hit, 10,000 keys, text keys, Arc value",
        "moka, TTL, get_with",
    );
    table.row("tower-redis get_or_load", ours());
    table.row("tower-redis get", ours_get());
    table.row("quick_cache get_or_insert_async (no TTL)", quick());
    table.row("moka, TTL, get_with", moka());
    table.measure(effort);
}

fn filled() -> Cache<String, Value> {
    let cache = Toolkit::in_memory()
        .cache("bench")
        .capacity(2 * KEYS as u64)
        .ttl(Duration::from_secs(3_600))
        .build()
        .expect("a valid cache");
    runtime().block_on(async {
        for n in 0..KEYS {
            cache
                .put(text(n).as_str(), value(), Duration::from_secs(3_600))
                .await;
        }
    });
    cache
}

fn ours() -> impl FnMut(u64) {
    let (cache, mut keys, runtime) = (filled(), texts(), runtime());
    move |n| {
        runtime.block_on(async {
            for _ in 0..n {
                let load = || async { Ok::<_, Infallible>(value()) };
                let found = cache.get_or_load(keys.next().as_str(), load).await;
                black_box(found.is_ok());
            }
        });
    }
}

fn ours_get() -> impl FnMut(u64) {
    let (cache, mut keys, runtime) = (filled(), texts(), runtime());
    move |n| {
        runtime.block_on(async {
            for _ in 0..n {
                black_box(cache.get(keys.next().as_str()).await);
            }
        });
    }
}

fn quick() -> impl FnMut(u64) {
    let cache = quick_cache::sync::Cache::<String, Value>::new(2 * KEYS);
    for n in 0..KEYS {
        cache.insert(text(n), value());
    }
    let (mut keys, runtime) = (texts(), runtime());
    move |n| {
        runtime.block_on(async {
            for _ in 0..n {
                let load = async { Ok::<_, Infallible>(value()) };
                let found = cache.get_or_insert_async(keys.next().as_str(), load).await;
                black_box(found.is_ok());
            }
        });
    }
}

fn moka() -> impl FnMut(u64) {
    let cache = moka::future::Cache::<String, Value>::builder()
        .max_capacity(2 * KEYS as u64)
        .time_to_live(Duration::from_secs(3_600))
        .build();
    let (mut keys, runtime) = (texts(), runtime());
    runtime.block_on(async {
        for n in 0..KEYS {
            cache.insert(text(n), value()).await;
        }
    });
    move |n| {
        runtime.block_on(async {
            for _ in 0..n {
                let load = async { value() };
                black_box(cache.get_with_by_ref(keys.next().as_str(), load).await);
            }
        });
    }
}
