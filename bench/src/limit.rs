//! `Limiter::check`, beside `governor`.

use std::hint::black_box;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota as GovernorQuota};
use tower_redis::Toolkit;
use tower_redis::limit::{Algorithm, Limiter, Policy, Quota};

use crate::harness::{Effort, Table};
use crate::keys::{Turning, text, texts};
use crate::runtime;

const RATE: u32 = 1_000_000;

pub fn measure(effort: Effort) {
    let mut table = Table::new("one check, 10,000 text keys, allowed", "governor, GCRA");
    table.row("tower-redis, GCRA", ours(gcra(), texts()));
    table.row("tower-redis, strict window of 100", ours(strict(), texts()));
    table.row("governor, GCRA", governor(texts()));
    table.measure(effort);

    let hot = || Turning::new(vec![text(7)]);
    let mut table = Table::new("one check, one text key, allowed", "governor, GCRA");
    table.row("tower-redis, GCRA", ours(gcra(), hot()));
    table.row("governor, GCRA", governor(hot()));
    table.measure(effort);
}

/// What `governor` does, but each check also says what is left and until when, which takes a division,
/// and is counted; and the number of keys is bounded.
fn gcra() -> Limiter {
    let quota = Quota::per_second(RATE.into()).burst(RATE.into());
    limiter(Policy::new("bench", quota).algorithm(Algorithm::Gcra))
}

/// The default. Its hundred permits are soon used up for the most frequent keys, so this row is mostly
/// refusals there, and each check reads and writes a log where the others have two numbers.
fn strict() -> Limiter {
    limiter(Policy::new("bench", Quota::per_second(100)))
}

fn limiter(policy: Policy) -> Limiter {
    Toolkit::in_memory()
        .limiter(&policy)
        .expect("a valid policy")
}

fn ours(limiter: Limiter, mut keys: Turning<String>) -> impl FnMut(u64) {
    let runtime = runtime();
    move |n| {
        runtime.block_on(async {
            for _ in 0..n {
                black_box(limiter.check(keys.next().as_str()).await);
            }
        });
    }
}

fn governor(mut keys: Turning<String>) -> impl FnMut(u64) {
    let rate = NonZeroU32::new(RATE).expect("not zero");
    let limiter = DefaultKeyedRateLimiter::keyed(GovernorQuota::per_second(rate));
    move |n| {
        for _ in 0..n {
            black_box(limiter.check_key(keys.next()).is_ok());
        }
    }
}
