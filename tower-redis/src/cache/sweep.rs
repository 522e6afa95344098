//! When the near tier is looked through next; see `sweeping.rs`.

use std::sync::atomic::{AtomicBool, AtomicU64};

/// When the tier is swept next.
#[derive(Debug)]
pub(super) struct Sweep {
    /// Insertions since the last one.
    pub(super) inserted: AtomicU64,
    /// When the first of the entries ends, in nanoseconds: of those seen by the last one, and those since.
    pub(super) soonest: AtomicU64,
    pub(super) under_way: AtomicBool,
}

impl Default for Sweep {
    fn default() -> Self {
        Self {
            inserted: AtomicU64::new(0),
            soonest: AtomicU64::new(u64::MAX),
            under_way: AtomicBool::new(false),
        }
    }
}
