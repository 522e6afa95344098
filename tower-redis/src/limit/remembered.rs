//! What sets were refused, so that it need not be asked for again, as [`refusals`](super::refusals) are of one policy.
//!
//! A call that one policy refuses is refused by the set, so it is remembered for as long as that. What the other
//! policies have left is told as it was then. What this process gives back to any of them ends it.

use crate::bounded::{Bounded, Weigh, shards_of};

use super::contract::Tick;
use super::decision::Decided;
use super::refusals::{KEYS, later};

/// The last refusals of one set.
pub(super) struct Remembered(Bounded<Box<[u8]>, Refusal>);

/// What was decided of a call, and what it was asked at.
#[derive(Clone)]
pub(super) struct Refusal {
    pub(super) each: Decided,
    pub(super) cost: u32,
    /// How often something had been given back to one of the policies.
    pub(super) forgotten: u64,
    pub(super) at: Tick,
    pub(super) until: Tick,
}

impl Weigh for Refusal {}

impl Default for Remembered {
    fn default() -> Self {
        Self(Bounded::new(KEYS as u64, shards_of(KEYS as u64)))
    }
}

impl Remembered {
    /// The refusal of the same call, if it still holds.
    pub(super) fn recall(
        &self,
        keys: &[u8],
        cost: u32,
        forgotten: u64,
        now: Tick,
    ) -> Option<Decided> {
        let refusal = self.0.read(keys, Refusal::clone)?;
        let holds = refusal.cost == cost && refusal.forgotten == forgotten && now < refusal.until;
        let passed = now.saturating_sub(refusal.at);
        let each = || refusal.each.iter().map(|one| later(*one, passed)).collect();
        holds.then(each)
    }

    pub(super) fn learn(&self, keys: Vec<u8>, refusal: Refusal) {
        self.0.insert(keys.into(), refusal);
    }
}
