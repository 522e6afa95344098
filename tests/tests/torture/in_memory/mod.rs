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

use std::collections::BTreeMap;

use tests::torture::What;

use crate::report::told;
use run::{Mode, run};

/// How many seeds a test runs when nothing else is said.
const SEEDS: u64 = 40;

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
        let (history, violations) = run(seed, mode, None);
        assert!(
            violations.is_empty(),
            "seed {seed}, {mode:?}: {}",
            told(&history, &violations)
        );
    }
}

/// A run in which little happens shows little.
#[test]
fn everything_happens() {
    let mut counts = BTreeMap::<String, u64>::new();
    for seed in 0..20 {
        let (history, _) = run(seed, Mode::Default, None);
        for event in history.events() {
            let kind = match &event.what {
                What::Read { status, .. } => format!("read {status:?}"),
                What::Invalidate { reach, .. } => format!("invalidation {reach:?}"),
                What::Put { reach, .. } => format!("put {reach:?}"),
                What::Load { dropped, .. } => format!("load, dropped: {dropped}"),
                What::Trouble(trouble) => format!("trouble {trouble:?}"),
                What::Write { .. } => "write".to_owned(),
                What::Wiped => "wiped".to_owned(),
            };
            *counts.entry(kind).or_default() += 1;
        }
    }
    assert_eq!(counts.len(), 15, "{counts:#?}");
    println!("{counts:#?}");
}

#[test]
fn a_seed_gives_the_same_run() {
    for seed in 0..10 {
        let runs = [0, 1].map(|_| run(seed, Mode::Default, None).0);
        let [one, other] = runs.each_ref().map(|history| history.events());
        for (one, other) in one.iter().zip(other) {
            assert_eq!(one, other, "seed {seed}");
        }
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
