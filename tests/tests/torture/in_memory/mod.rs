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
use tests::torture::What;

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
        let (history, violations) = run(seed, mode, None);
        assert!(
            violations.is_empty(),
            "seed {seed}, {mode:?}: {}",
            told(&history, &violations)
        );
    }
}

/// A run in which nothing happens shows nothing.
#[test]
fn every_kind_of_thing_happens() {
    let (history, _) = run(1, Mode::Default, None);
    let mut kinds = std::collections::BTreeMap::<String, u64>::new();
    for event in history.events() {
        let kind = match &event.what {
            What::Read { status, .. } => format!("read {status:?}"),
            What::Invalidate { reach, .. } => format!("invalidation {reach:?}"),
            What::Put { reach, .. } => format!("put {reach:?}"),
            What::Load { dropped, .. } => format!("load, dropped {dropped}"),
            What::Trouble(trouble) => format!("trouble {trouble:?}"),
            What::Write { .. } => "write".to_owned(),
            What::Wiped => "wiped".to_owned(),
        };
        *kinds.entry(kind).or_default() += 1;
    }
    println!("{kinds:#?}");
    assert!(kinds.len() >= 15, "{kinds:#?}");
}

#[test]
fn what_was_promised_holds() {
    holds(Mode::Default);
}

#[test]
fn what_was_promised_holds_in_strict_mode() {
    holds(Mode::Strict);
}
