//! Choices that come again with the same seed.

use std::ops::Range;
use std::time::Duration;

/// A sequence of choices: SplitMix64.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Those of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of the numbers below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.draw() % end
    }

    /// An index of something that has `len` elements.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// Whole milliseconds, `least` to below `end`.
    pub fn millis(&mut self, least: u64, end: u64) -> Duration {
        Duration::from_millis(least + self.below(end - least))
    }
}

/// The seeds that a test of many runs: the one that `TORTURE_SEED` says, or as many as `TORTURE_SEEDS` says, or
/// `most`.
///
/// # Panics
/// When one of them is no number.
#[must_use]
pub fn seeds(most: u64) -> Range<u64> {
    match number("TORTURE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TORTURE_SEEDS").unwrap_or(most),
    }
}

/// What a variable of the environment says of how much is to run.
///
/// # Panics
/// When it is no number.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "how much to run is said from outside, to a test"
)]
pub fn number(variable: &str) -> Option<u64> {
    let said = std::env::var(variable).ok();
    said.map(|text| text.parse().unwrap())
}
