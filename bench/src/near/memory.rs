//! What an entry takes, by a counting allocator.
//!
//! Every cache is filled with a million keys, and has room for an eighth more. The value is an `Arc` of 256
//! bytes that all entries share, so that what is counted is what the cache adds: the key, the pointer to the
//! value and its own upkeep.

use std::sync::Arc;
use std::time::Duration;

use cached::{Cached, ConcurrentCacheBase, ConcurrentCached};
use tower_redis::Toolkit;
use tower_redis::key::KeyFor;

use crate::figure::figure;
use crate::runtime;

use super::functions::{Key, MOST, Value, one};

const CAPACITY: usize = MOST + MOST / 8;
const TTL: Duration = Duration::from_secs(3_600);
/// How many bytes an entry may take more than one of `quick_cache`.
const BOUND: f64 = 48.0;

pub fn measure() {
    by::<u64>();
    by::<String>();
}

fn by<K: Key + KeyFor<K>>() {
    let value = one();
    let ours = bytes(function::<K>);
    let quick = bytes(|| quick::<K>(&value));
    let rows = [
        ("tower-redis #[cached]", ours),
        ("tower-redis Cache", bytes(|| cache::<K>(&value))),
        ("quick_cache", quick),
        ("moka, TTL", bytes(|| moka::<K>(&value))),
        ("cached LruTtlCache", bytes(|| cached::<K>(&value))),
        ("cached ShardedLruTtlCache", bytes(|| sharded::<K>(&value))),
    ];
    let what = format!("memory of an entry, {}", K::NAME);
    println!("\n### {what} key, Arc value, {MOST} entries\n");
    println!("| alternative | bytes | more than quick_cache |");
    println!("|---|---:|---:|");
    for (name, bytes) in rows {
        println!("| {name} | {bytes:.1} | {:.1} |", bytes - quick);
    }
    println!();
    figure(
        &format!("{what}: more than quick_cache"),
        ours - quick,
        "bytes",
        BOUND,
    );
}

/// How many bytes are held for each of the entries of the cache that `fill` makes, and how many it holds.
fn bytes<C>(fill: impl FnOnce() -> (C, usize)) -> f64 {
    let mut filled = None;
    let counted = allocation_counter::measure(|| filled = Some(fill()));
    let entries = filled.as_ref().map_or(0, |(_, entries)| *entries);
    // a few may have gone where a cache is divided
    assert!(entries > MOST / 10 * 9, "{entries} entries");
    counted.bytes_current as f64 / entries as f64
}

/// Held by a `static` of its own.
fn function<K: Key>() -> ((), usize) {
    for n in 0..MOST {
        K::of(n).remembered();
    }
    ((), K::remembered_entries())
}

fn cache<K: Key + KeyFor<K>>(value: &Value) -> (impl Sized, usize) {
    let cache = Toolkit::in_memory()
        .cache::<K, Value>("memory")
        .capacity(CAPACITY as u64)
        .build()
        .expect("a valid cache");
    runtime().block_on(async {
        for n in 0..MOST {
            cache.put(&K::of(n), Arc::clone(value), TTL).await;
        }
    });
    let entries = cache.stats().entries;
    (cache, entries)
}

fn quick<K: Key>(value: &Value) -> (impl Sized, usize) {
    let cache = quick_cache::sync::Cache::new(CAPACITY);
    for n in 0..MOST {
        cache.insert(K::of(n), Arc::clone(value));
    }
    let entries = cache.len();
    (cache, entries)
}

fn moka<K: Key>(value: &Value) -> (impl Sized, usize) {
    let cache = moka::sync::Cache::builder()
        .max_capacity(CAPACITY as u64)
        .time_to_live(TTL)
        .build();
    for n in 0..MOST {
        cache.insert(K::of(n), Arc::clone(value));
    }
    cache.run_pending_tasks();
    let entries = cache.entry_count() as usize;
    (cache, entries)
}

fn cached<K: Key>(value: &Value) -> (impl Sized, usize) {
    let cache = cached::LruTtlCache::builder().max_size(CAPACITY).ttl(TTL);
    let mut cache = cache.build().expect("a valid cache");
    for n in 0..MOST {
        cache.cache_set(K::of(n), Arc::clone(value));
    }
    let entries = cache.cache_size();
    (cache, entries)
}

fn sharded<K: Key>(value: &Value) -> (impl Sized, usize) {
    let cache = cached::ShardedLruTtlCache::builder()
        .max_size(CAPACITY)
        .ttl(TTL);
    let cache = cache.build().expect("a valid cache");
    for n in 0..MOST {
        let set = cache.cache_set(K::of(n), Arc::clone(value));
        set.expect("a value is set");
    }
    let entries = cache.cache_size().ok().flatten().expect("a size");
    (cache, entries)
}
