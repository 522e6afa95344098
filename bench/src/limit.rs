//! `Limiter::check`, beside `governor`.
//!
//! With two threads both ask the same limiter at once, each from its own place in the sequence of keys; real time
//! is what each of them takes.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultKeyedRateLimiter, Quota as GovernorQuota};
use tower_redis::Toolkit;
use tower_redis::limit::{Algorithm, Limiter, Policy, Quota};

use crate::figure::figure;
use crate::harness::{Effort, Table};
use crate::keys::{KEYS, Turning, text, zipf};
use crate::runtime;

const RATE: u32 = 1_000_000;
/// More than are asked for in a run, so that all of them pass.
const BURST: u32 = u32::MAX;
/// The most keys, and room for all of them.
const MOST: usize = 1_000_000;
const GOVERNOR: &str = "governor, GCRA";

/// How many times what governor takes a check may take, by the number of keys.
const BOUNDS: [(usize, f64); 3] = [(1, 0.7), (KEYS, 1.0), (MOST, 1.0)];

type Run = Box<dyn FnMut(u64) + Send>;

pub fn measure(effort: Effort) {
    for (keys, bound) in BOUNDS {
        // one key is one text: many of them would be more memory than a cache of the processor has
        let length = if keys == 1 { 1 } else { keys.max(1 << 16) };
        let asked = zipf(keys, 1.0, length);
        let asked: Arc<[String]> = asked.into_iter().map(text).collect();
        for threads in [1, 2] {
            let what = format!("one check, {keys} text key(s), {threads} thread(s), allowed");
            let mut table = Table::new(what.as_str(), GOVERNOR);
            let on_threads = |start: &dyn Fn(usize) -> Run| {
                const APART: usize = 4_711;
                let starts = (0..threads).map(|thread| start(thread * APART));
                starts.collect::<Vec<_>>()
            };
            let (limiter, strict, other) = (gcra(), strict(), governor());
            let ours = |at| ours(&limiter, Turning::shared(&asked, at));
            table.row_on_threads("tower-redis, GCRA", on_threads(&ours));
            let theirs = |at| theirs(&other, Turning::shared(&asked, at));
            table.row_on_threads(GOVERNOR, on_threads(&theirs));
            let ours = |at| self::ours(&strict, Turning::shared(&asked, at));
            table.row_on_threads("tower-redis, strict window of 100", on_threads(&ours));
            for (name, times) in table.measure_together(effort) {
                if name == GOVERNOR {
                    println!();
                    figure(&format!("{what}: of {name}"), times, "times", bound);
                }
            }
        }
    }
}

/// What `governor` does, but each check also says what is left and until when, which takes a division,
/// and is counted; and the number of keys is bounded.
fn gcra() -> Limiter {
    let quota = Quota::per_second(RATE.into()).burst(BURST.into());
    limiter(Policy::new("bench", quota).algorithm(Algorithm::Gcra))
}

/// The default. Its hundred permits are soon used up for the most frequent keys, so this row is mostly
/// refusals there, and each check reads and writes a log where the others have two numbers.
fn strict() -> Limiter {
    limiter(Policy::new("bench", Quota::per_second(100)))
}

fn limiter(policy: Policy) -> Limiter {
    Toolkit::in_memory()
        .limiter(&policy.max_keys(2 * MOST))
        .expect("a valid policy")
}

fn ours(limiter: &Limiter, mut keys: Turning<String>) -> Run {
    let (limiter, runtime) = (limiter.clone(), runtime());
    Box::new(move |n| {
        runtime.block_on(async {
            for _ in 0..n {
                black_box(limiter.check(keys.next().as_str()).await.is_allowed());
            }
        });
    })
}

fn governor() -> Arc<DefaultKeyedRateLimiter<String>> {
    let some = |number| NonZeroU32::new(number).expect("not zero");
    let quota = GovernorQuota::per_second(some(RATE)).allow_burst(some(BURST));
    Arc::new(DefaultKeyedRateLimiter::keyed(quota))
}

fn theirs(limiter: &Arc<DefaultKeyedRateLimiter<String>>, mut keys: Turning<String>) -> Run {
    let limiter = Arc::clone(limiter);
    Box::new(move |n| {
        for _ in 0..n {
            black_box(limiter.check_key(keys.next()).is_ok());
        }
    })
}
