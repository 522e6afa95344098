//! A hit of a cached function, beside a bare `quick_cache` with the same values and beside caches that do
//! less.
//!
//! Every alternative holds all the keys, and each key has a value of its own, the same `Arc` for all of them.
//! With two threads both run the same alternative at once, each from its own place in the sequence of keys;
//! real time is what each of them takes.

mod alternatives;
mod functions;
mod memory;
mod ratio;

use std::sync::Arc;

use crate::figure::figure;
use crate::harness::{Effort, Table};
use crate::keys::{KEYS, zipf};

use alternatives::{Alternative, awaited, blocking};
use functions::{Key, MOST};

pub use memory::measure as memory;
pub use ratio::measure as ratio;

/// How many times the peer's a hit may cost, and on how many threads.
const BOUNDS: [(usize, f64); 2] = [(1, 1.5), (2, 1.35)];

pub fn measure(effort: Effort) {
    for keys in [KEYS, MOST] {
        by::<u64>(effort, keys);
        by::<String>(effort, keys);
    }
}

fn by<K: Key>(effort: Effort, keys: usize) {
    let asked: Arc<[K]> = zipf(keys, 1.0, keys.max(1 << 16))
        .into_iter()
        .map(K::of)
        .collect();
    compare::<K>(
        effort,
        keys,
        "sync",
        "quick_cache get",
        &blocking(keys, &asked),
    );
    let peer = "quick_cache get_or_insert_async";
    compare::<K>(effort, keys, "async", peer, &awaited(keys, &asked));
}

fn compare<K: Key>(
    effort: Effort,
    keys: usize,
    how: &str,
    peer: &'static str,
    alternatives: &[Alternative],
) {
    for (threads, bound) in BOUNDS {
        let what = format!(
            "near hit, {how}, {}, {keys} keys, {threads} thread(s)",
            K::NAME
        );
        let mut table = Table::new(what.as_str(), peer);
        for alternative in alternatives {
            table.row_on_threads(alternative.name, alternative.runs(threads));
        }
        let longer = table.measure_together(effort);
        println!();
        for (name, longer) in longer {
            if name == peer {
                figure(&format!("{what}: of {peer}"), longer, "times", bound);
            } else {
                figure(&format!("{what}: of {name}"), 100.0 * longer, "%", 100.0);
            }
        }
    }
}
