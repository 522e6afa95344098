//! Over a server in memory, on a clock that only the run turns: every interleaving comes from a seed, and comes
//! again with it.
//!
//! `TORTURE_SEED=7 cargo test -p tower-redis-tests --test torture in_memory` runs that one seed; `TORTURE_SEEDS=5000`
//! runs so many.

mod faults;
mod log;
mod run;
mod seat;
mod source;
mod tasks;
mod weather;

use crate::report::told;
use run::{Mode, run};

/// How many seeds a test runs when nothing else is said.
const SEEDS: u64 = 60;

/// The seeds to run.
#[expect(
    clippy::disallowed_methods,
    reason = "how much to run is said from outside"
)]
fn seeds() -> std::ops::Range<u64> {
    let variable = |name| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap())
    };
    match variable("TORTURE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..variable("TORTURE_SEEDS").unwrap_or(SEEDS),
    }
}

#[track_caller]
fn holds(mode: Mode) {
    for seed in seeds() {
        let violations = run(seed, mode, None);
        assert!(
            violations.is_empty(),
            "seed {seed}, {mode:?}: {}",
            told(&violations)
        );
    }
}

#[test]
fn what_was_promised_holds() {
    holds(Mode::Default);
}

#[test]
fn what_was_promised_holds_in_strict_mode() {
    holds(Mode::Strict);
}
