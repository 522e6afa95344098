//! Over a server in memory, on a clock that only the run turns: every interleaving comes from a seed, and comes
//! again with it.
//!
//! `TORTURE_SEED=7 cargo test -p tower-redis-tests --test torture in_memory` runs that one seed; `TORTURE_SEEDS=5000`
//! runs so many.

mod faults;
mod log;
mod model;
mod run;
mod seat;
mod source;
mod tasks;
mod weather;
mod witness;

use std::collections::BTreeMap;

use tests::torture::{Event, History, Span, What};

use crate::report::told;
use run::{Mode, run};

/// How many seeds a test runs when nothing else is said.
const SEEDS: u64 = 40;

#[track_caller]
fn holds(mode: Mode) {
    for seed in tests::seeds(SEEDS) {
        let (history, violations) = run(seed, mode, None);
        assert!(
            violations.is_empty(),
            "seed {seed}, {mode:?}: {}",
            told(&history, &violations)
        );
    }
}

/// What `event` is.
fn kind(event: &Event) -> String {
    match &event.what {
        What::Read { status, .. } => format!("read {status:?}"),
        What::Invalidate { reach, .. } => format!("invalidation {reach:?}"),
        What::Put { reach, .. } => format!("put {reach:?}"),
        What::Refresh {
            brought,
            dropped,
            reach,
            ..
        } => {
            let loaded = brought.is_some();
            format!("refresh {reach:?}, loaded: {loaded}, dropped: {dropped}")
        }
        What::Load { dropped, .. } => format!("load, dropped: {dropped}"),
        What::Trouble(trouble) => format!("trouble {trouble:?}"),
        What::Write { .. } => "write".to_owned(),
        What::Wiped => "wiped".to_owned(),
    }
}

/// The reads that began while `put` was under way, and what they were.
fn looks(history: &History, put: &Event) -> Vec<String> {
    let What::Put { key, version, .. } = put.what else {
        return Vec::new();
    };
    let begun = |read: &Event| {
        let since = Span::new(read.span.begin, read.span.begin);
        put.span.meets(since)
    };
    let look = |event: &Event| match event.what {
        What::Read {
            key: of,
            found: Some(found),
            ..
        } if of == key && begun(event) => {
            let (own, older) = (event.process == put.process, found < version);
            Some(format!("a look at a put, own: {own}, older: {older}"))
        }
        _ => None,
    };
    history.events().iter().filter_map(look).collect()
}

/// A run in which little happens shows little.
#[test]
fn everything_happens() {
    for mode in [Mode::Default, Mode::Strict] {
        let mut counts = BTreeMap::<String, u64>::new();
        for seed in 0..20 {
            let (history, _) = run(seed, mode, None);
            let events = history.events().iter();
            let kinds = events.flat_map(|event| {
                let looks = looks(&history, event);
                looks.into_iter().chain([kind(event)])
            });
            kinds.for_each(|kind| *counts.entry(kind).or_default() += 1);
        }
        // where it is strict nothing suspect is served
        let kinds = if mode == Mode::Strict { 24 } else { 25 };
        assert_eq!(counts.len(), kinds, "{mode:?}: {counts:#?}");
        println!("{mode:?}: {counts:#?}");
    }
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
