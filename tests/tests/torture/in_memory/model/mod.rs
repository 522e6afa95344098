//! Many short histories of three keys in two processes, held against a simple reference while they go on.
//!
//! Loads are late, fail, panic, are cancelled and need each other; keys are invalidated and made stale in every
//! way; the clock moves, and Redis and the messages do not come through. All of it follows from a seed.
//!
//! What the [`reference`] demands:
//!
//! 1. *own*, *others*: nothing is read that is older than the last invalidation that was done before; what was
//!    made stale is not read as fresh, and what was removed is not read as stale either. Errors that are remembered
//!    are no exception;
//! 2. *lives*: nothing is fresh for longer than it was brought for, or unused for longer than it may be, or stale
//!    for longer than the windows allow, counted from the end of the last load that brought it;
//! 3. *older*: what a load has brought something in place of is not read again, also when what it brought is not
//!    kept;
//! 4. *loads*: of the lookups of a key in a process one loads at a time, until it has ended with what it brought.
//!    Another one may load beside it when something has been invalidated since it began, or may have been; when
//!    the load they waited for panicked; and within a load. A refresh loads beside everything;
//! 5. *hangs*: everything ends, and nothing is loading then;
//! 6. *memory*: there are never more entries than there is room for, and nothing is held by nobody.
//!
//! `TORTURE_SEED=7 cargo test -p tower-redis-tests --test torture model` runs that one history and tells what
//! happens in it; `TORTURE_SEEDS=100000` runs so many.

mod change;
mod faults;
mod load;
mod plan;
mod reference;
mod run;
mod seat;
mod sky;
mod state;
mod value;

use std::ops::Range;
use std::thread;

use run::run;

/// How many histories there are when nothing else is said.
const HISTORIES: u64 = 10_000;

/// Every history is run by one of as many threads as there are cores.
fn all(seeds: Range<u64>) {
    let threads = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let each = |first: u64| {
        let seeds = seeds.clone();
        move || {
            let mut seeds = (seeds.start + first..seeds.end).step_by(threads as usize);
            seeds.find(|seed| !run(*seed, None, false).broken.is_empty())
        }
    };
    let broken = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(each(first))).collect();
        let ended = running
            .into_iter()
            .filter_map(|thread| thread.join().unwrap());
        ended.min()
    });
    let told = broken.map(|seed| told(seed, &run(seed, None, true)));
    assert!(told.is_none(), "{}", told.unwrap_or_default());
}

fn told(seed: u64, ran: &run::Ran) -> String {
    let mut text = format!(
        "seed {seed}: TORTURE_SEED={seed} cargo test -p tower-redis-tests --test torture model\n{:?}\n",
        ran.plan
    );
    let (told, broken) = (ran.told.join("\n"), &ran.broken);
    text.push_str(&told);
    for broken in broken.iter().take(3) {
        text.push_str(&format!("\n{broken}"));
    }
    text
}

#[test]
fn nothing_is_broken_in_ten_thousand_histories() {
    all(tests::seeds(HISTORIES));
}

#[test]
fn a_seed_gives_the_same_history() {
    for seed in 0..20 {
        let [one, other] = [0, 1].map(|_| run(seed, None, true).told);
        assert_eq!(one, other, "seed {seed}");
    }
}
