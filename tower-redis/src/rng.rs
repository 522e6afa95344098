//! Numbers nobody can guess and no two processes share.

#[cfg(any(test, feature = "testing"))]
use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
#[cfg(any(test, feature = "testing"))]
use std::marker::PhantomData;

#[cfg(any(test, feature = "testing"))]
use foldhash::quality::FixedState;

/// 64 bits, different for every call in every process.
pub(crate) fn draw() -> u64 {
    // each state has keys of its own, drawn from the system's randomness
    RandomState::new().build_hasher().finish()
}

/// A number above 0 and up to 1, evenly spread.
pub(crate) fn chance() -> f64 {
    const STEPS: u64 = 1 << 53;
    #[cfg(any(test, feature = "testing"))]
    let drawn = seeded().unwrap_or_else(draw);
    #[cfg(not(any(test, feature = "testing")))]
    let drawn = draw();
    ((drawn % STEPS) + 1) as f64 / STEPS as f64
}

#[cfg(any(test, feature = "testing"))]
thread_local! {
    /// The seed, and how many numbers were drawn from it.
    static SEEDED: Cell<Option<(u64, u64)>> = const { Cell::new(None) };
}

#[cfg(any(test, feature = "testing"))]
/// As long as it lives, what is left to chance on this thread follows from a seed: the jitter of lives, and when
/// something is loaded before it ends. What tells processes and entries apart does not.
///
/// ```
/// use tower_redis::testing::SeededChance;
///
/// let _same_every_time = SeededChance::from_seed(7);
/// ```
#[derive(Debug)]
#[must_use = "chance is itself again when it is dropped"]
pub struct SeededChance(PhantomData<*const ()>);

#[cfg(any(test, feature = "testing"))]
impl SeededChance {
    /// Chance as `seed` has it, in place of that of any other seed.
    pub fn from_seed(seed: u64) -> Self {
        SEEDED.set(Some((seed, 0)));
        Self(PhantomData)
    }
}

#[cfg(any(test, feature = "testing"))]
impl Drop for SeededChance {
    fn drop(&mut self) {
        SEEDED.set(None);
    }
}

#[cfg(any(test, feature = "testing"))]
fn seeded() -> Option<u64> {
    let (seed, drawn) = SEEDED.get()?;
    SEEDED.set(Some((seed, drawn + 1)));
    Some(FixedState::with_seed(seed).hash_one(drawn))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_chances_as_long_as_it_is_held() {
        let chances = || [0; 100].map(|_| chance());
        let seeded = |seed| {
            let _seeded = SeededChance::from_seed(seed);
            chances()
        };
        let one = seeded(1);
        assert_eq!(one, seeded(1));
        assert_ne!(one, seeded(2));
        assert_ne!(chances(), chances());
        assert!(one.iter().all(|chance| (0.0..=1.0).contains(chance)));
        let mean = one.iter().sum::<f64>() / 100.0;
        assert!((0.35..0.65).contains(&mean), "{mean}");
    }

    #[test]
    fn no_number_comes_twice() {
        let draws = || (0..1_000).map(|_| draw()).collect::<Vec<_>>();
        let other = std::thread::spawn(draws);
        let mut all: HashSet<u64> = draws().into_iter().collect();
        all.extend(other.join().unwrap());
        assert_eq!(all.len(), 2_000);
    }
}
