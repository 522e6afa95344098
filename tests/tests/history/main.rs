//! What several processes read, held against what they wrote.
//!
//! Processes share a source of truth, in which every key has a version that only grows, and a cache of it
//! in Redis. They read, write and invalidate at random while their connections to Redis are cut, held,
//! delayed and lost. Each writes down what it did and when; a checker that knows all of it then looks for
//! a read that gave less than was promised.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does, and tells what led to it"
)]

mod checker;
mod deed;
mod log;
mod play;
mod random;
mod trouble;
mod worker;

use std::time::Duration;

use play::{Mode, Play};
use tower_redis::config::{Process, Source as _};

/// How long one play lasts; `./tests/nightly` sets a longer time.
fn length() -> Duration {
    let seconds = Process.get("HISTORY_SECONDS");
    let seconds = seconds.map_or(10, |seconds| seconds.to_str().unwrap().parse().unwrap());
    Duration::from_secs(seconds)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_read_is_older_than_was_promised() {
    Play::of(Mode::Grace, length()).with_trouble().run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_read_is_older_than_was_promised_when_outages_are_strict() {
    Play::of(Mode::Strict, length()).with_trouble().run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_when_redis_evicts_what_it_likes() {
    let play = Play::of(Mode::Grace, length());
    play.with_little_memory("allkeys-lru").run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_when_redis_evicts_what_expires_first() {
    let play = Play::of(Mode::Grace, length());
    play.with_little_memory("volatile-ttl").run().await;
}
