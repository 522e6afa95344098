//! A hundred thousand histories, and no difference.

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

use crate::counts::{Counts, count, print};
use crate::grammar::history;
use crate::history::History;
use crate::run::{Difference, run};
use crate::shrink::shrunk;

/// How many there are when nothing else is said.
const HISTORIES: u64 = 100_000;

/// Runs histories one after the other on this thread.
pub(crate) struct Runner(tokio::runtime::Runtime);

impl Runner {
    pub(crate) fn new() -> Self {
        Self(
            tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap(),
        )
    }

    pub(crate) fn difference(&self, history: &History) -> Option<Difference> {
        self.0.block_on(run(history)).1
    }
}

/// Where the history of `seed` differs, in as few steps as it takes to show it.
fn told(seed: u64) -> String {
    let runner = Runner::new();
    let shrunk = shrunk(history(seed), |history| {
        runner.difference(history).is_some()
    });
    let difference = runner.difference(&shrunk).unwrap();
    format!(
        "seed {seed}: TORTURE_SEED={seed} cargo test -p tower-redis-tests --test http_cache histories\n{shrunk:?}\n{difference:?}"
    )
}

/// Every history is run by one of as many threads as there are cores; the first that differs, and what happened.
fn all(seeds: Range<u64>) -> (Option<u64>, Counts) {
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let each = |first: u64| {
        let seeds = (seeds.start + first..seeds.end).step_by(threads as usize);
        move || {
            let (runner, mut counts) = (Runner::new(), BTreeMap::new());
            for seed in seeds {
                let history = history(seed);
                let (said, difference) = runner.0.block_on(run(&history));
                count(&history, &said, &mut counts);
                if difference.is_some() {
                    return (Some(seed), counts);
                }
            }
            (None, counts)
        }
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(each(first))).collect();
        let (mut differs, mut counts) = (None, BTreeMap::new());
        for thread in running {
            let (seed, counted) = thread.join().unwrap();
            differs = differs.into_iter().chain(seed).min();
            for (what, times) in counted {
                *counts.entry(what).or_default() += times;
            }
        }
        (differs, counts)
    })
}

#[test]
fn the_layer_does_what_the_rfcs_say_in_a_hundred_thousand_histories() {
    let seeds = tests::seeds(HISTORIES);
    let ((differs, counts), took) = tests::timed(|| all(seeds.clone()));
    let told = differs.map(told);
    assert!(told.is_none(), "{}", told.unwrap_or_default());
    println!("{} histories in {took:.1?}", seeds.end - seeds.start);
    print(&counts, seeds.end - seeds.start >= HISTORIES);
}

#[test]
fn a_seed_gives_the_same_history() {
    for seed in 0..100 {
        assert_eq!(history(seed), history(seed), "{seed}");
    }
}
