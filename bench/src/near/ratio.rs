//! How many lookups are hits where not everything fits, beside `quick_cache` of the same size.

use std::convert::Infallible;
use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::cache::Cache;

use crate::figure::figure;
use crate::keys::zipf;
use crate::runtime;

use super::functions::MOST;

const CAPACITY: usize = 10_000;
const LONG: Duration = Duration::from_secs(3_600);
/// By how many points the ratio may be less than that of `quick_cache`.
const BOUND: f64 = 0.5;

pub fn measure(lookups: usize) {
    println!("\n### hit ratio, {MOST} keys, room for {CAPACITY}, {lookups} lookups\n");
    println!("| trace | tower-redis | quick_cache |");
    println!("|---|---:|---:|");
    let traces = [
        ("zipf 1.0", zipf(MOST, 1.0, lookups)),
        ("zipf 0.8", zipf(MOST, 0.8, lookups)),
        (
            "zipf 1.0, a quarter asked for once",
            with_strangers(lookups),
        ),
    ];
    let mut figures: Vec<(&str, f64)> = Vec::new();
    for (name, trace) in traces {
        let (ours, quick) = (ours(&empty(), &trace), quick(&trace));
        println!("| {name} | {ours:.2} % | {quick:.2} % |");
        figures.push((name, quick - ours));
    }
    let name = "zipf 1.0, after as many as fit have ended";
    let trace = zipf(MOST, 1.0, lookups);
    let (ours, quick) = (ours(&full_of_ended(), &trace), quick(&trace));
    println!("| {name} | {ours:.2} % | {quick:.2} % (empty before) |");
    figures.push((name, quick - ours));
    println!();
    for (name, less) in figures {
        let what = format!("hit ratio, {name}: less than quick_cache");
        figure(&what, less, "points", BOUND);
    }
}

/// Every fourth lookup is for a key that is never asked for again.
fn with_strangers(lookups: usize) -> Vec<usize> {
    let known = zipf(MOST, 1.0, lookups).into_iter().enumerate();
    let stranger = |(at, key)| if at % 4 == 3 { MOST + at } else { key };
    known.map(stranger).collect()
}

fn empty() -> Cache<u64, u64> {
    Toolkit::in_memory()
        .cache("ratio")
        .capacity(CAPACITY as u64)
        .ttl(LONG)
        .build()
        .expect("a valid cache")
}

/// A cache in which entries that were asked for often have ended, and nothing else is.
fn full_of_ended() -> Cache<u64, u64> {
    const SHORT: Duration = Duration::from_millis(500);
    const OFTEN: usize = 4;
    let cache = empty();
    // no key of the trace
    let keys = || (0..CAPACITY).map(|n| u64::MAX - n as u64);
    runtime().block_on(async {
        for key in keys() {
            cache.put(&key, key, SHORT).await;
        }
        for _ in 0..OFTEN {
            for key in keys() {
                cache.get(&key).await;
            }
        }
        for key in keys() {
            while cache.get(&key).await.is_some() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    cache
}

fn ours(cache: &Cache<u64, u64>, trace: &[usize]) -> f64 {
    let before = cache.stats().near_hits;
    runtime().block_on(async {
        for key in trace.iter().map(|n| *n as u64) {
            let loaded = cache
                .get_or_load(&key, || async { Ok::<_, Infallible>(key) })
                .await;
            assert_eq!(loaded, Ok(key));
        }
    });
    percent(cache.stats().near_hits - before, trace)
}

fn quick(trace: &[usize]) -> f64 {
    let cache = quick_cache::sync::Cache::<u64, u64>::new(CAPACITY);
    let mut hits = 0;
    for key in trace.iter().map(|n| *n as u64) {
        match cache.get(&key) {
            Some(_) => hits += 1,
            None => cache.insert(key, key),
        }
    }
    percent(hits, trace)
}

fn percent(hits: u64, trace: &[usize]) -> f64 {
    100.0 * hits as f64 / trace.len() as f64
}
