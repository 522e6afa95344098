//! Numbers nobody can guess and no two processes share.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// 64 bits, different for every call in every process.
pub(crate) fn draw() -> u64 {
    // each state has keys of its own, drawn from the system's randomness
    RandomState::new().build_hasher().finish()
}

/// A number above 0 and up to 1, evenly spread.
pub(crate) fn chance() -> f64 {
    const STEPS: u64 = 1 << 53;
    ((draw() % STEPS) + 1) as f64 / STEPS as f64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_number_comes_twice() {
        let draws = || (0..1_000).map(|_| draw()).collect::<Vec<_>>();
        let other = std::thread::spawn(draws);
        let mut all: HashSet<u64> = draws().into_iter().collect();
        all.extend(other.join().unwrap());
        assert_eq!(all.len(), 2_000);
    }
}
