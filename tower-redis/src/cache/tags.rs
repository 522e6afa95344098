//! Tags: one invalidation for many entries, in constant time.
//!
//! A tag is a cell with a version. An entry remembers the cells of its tags and the versions they had
//! *before* its load began; it is valid while they are equal. Invalidating a tag bumps its cell, so it
//! costs the same for one entry and for a million, and a load that was under way cannot slip through.
//!
//! The table holds cells weakly: a tag that no entry and no load uses takes no memory, and
//! invalidating it is a no-op, since there is nothing it could concern.
//!
//! Where there is a far tier a cell also remembers the tag's token there, if it is known.

use std::collections::VecDeque;
use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};

use hashbrown::HashMap;

use crate::store::TokenKey;
use crate::sync::{AtomicU64, Mutex, MutexGuard};

#[cfg(any(test, feature = "testing"))]
use super::fault::CacheFault;
use super::known::Known;

type Table = HashMap<Box<str>, Weak<Cell>, foldhash::fast::RandomState>;

/// All tags of one toolkit: they reach across its caches.
#[derive(Default)]
pub(crate) struct Tags {
    table: Mutex<Swept>,
    /// How many tags have been invalidated.
    stamp: AtomicU64,
}

#[derive(Default)]
struct Swept {
    table: Table,
    sweep_at: usize,
    recent: Recent,
}

// a tag is what a user made of a key, and as much of a secret
impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tags").finish_non_exhaustive()
    }
}

/// One tag, as this process sees it.
#[derive(Debug)]
pub(crate) struct Cell {
    version: AtomicU64,
    /// Where its token lies.
    pub(super) key: TokenKey,
    pub(super) token: Known,
}

impl Cell {
    fn of(tag: &str) -> Self {
        Self {
            version: AtomicU64::new(0),
            key: TokenKey::tag(tag),
            token: Known::default(),
        }
    }

    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }
}

/// The last tags that were invalidated: a tag that nothing uses has no cell to tell.
#[derive(Default)]
struct Recent(VecDeque<(u64, u64)>);

impl Recent {
    /// As many as a load may see.
    const MOST: usize = 4_096;

    fn add(&mut self, stamp: u64, hash: u64) {
        if self.0.len() == Self::MOST {
            self.0.pop_front();
        }
        self.0.push_back((stamp, hash));
    }

    /// Whether a tag of this hash was, or may have been, invalidated after `stamp`.
    fn has_since(&self, stamp: u64, hash: u64) -> bool {
        let forgotten = self.0.front().is_none_or(|(first, _)| *first > stamp + 1);
        let mut since = self.0.iter().rev().take_while(|(at, _)| *at > stamp);
        forgotten || since.any(|(_, of)| *of == hash)
    }
}

/// What happens to what carries a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// It is not used any more.
    Remove,
    /// It is stale.
    Expire,
}

impl Severity {
    /// What a version grows by: a removal counts above whatever expires.
    fn step(self) -> u64 {
        match self {
            Self::Remove => 1 << EXPIRIES,
            Self::Expire => 1,
        }
    }
}

/// Bits of a version that count what has expired.
const EXPIRIES: u32 = 32;

/// A tag and the version it had.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub(super) cell: Arc<Cell>,
    pub(super) seen: u64,
}

/// The tags of an entry or of a load, as they were when it began.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marks(Option<Arc<[Mark]>>);

impl Marks {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// True while none of the tags has been invalidated since.
    pub(crate) fn hold(&self) -> bool {
        let holds = |mark: &Mark| mark.cell.version() == mark.seen;
        self.each().iter().all(holds)
    }

    /// True while none of the tags has been removed since; one may have expired.
    pub(crate) fn stay(&self) -> bool {
        #[cfg(any(test, feature = "testing"))]
        if CacheFault::StaleIsRevived.is_committed() {
            return true;
        }
        let stays = |mark: &Mark| mark.cell.version() >> EXPIRIES == mark.seen >> EXPIRIES;
        self.each().iter().all(stays)
    }

    /// These and `others`.
    #[must_use]
    pub(crate) fn and(self, others: Self) -> Self {
        match (&self.0, &others.0) {
            (_, None) => self,
            (None, Some(_)) => others,
            (Some(own), Some(others)) => own.iter().chain(&**others).cloned().collect(),
        }
    }

    /// Each of them, in the order in which the tags were named.
    pub(super) fn each(&self) -> &[Mark] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl FromIterator<Mark> for Marks {
    fn from_iter<I: IntoIterator<Item = Mark>>(marks: I) -> Self {
        let marks: Arc<[Mark]> = marks.into_iter().collect();
        Self((!marks.is_empty()).then_some(marks))
    }
}

impl Tags {
    /// The present versions of `tags`. Take them before the load begins.
    pub(crate) fn mark<T: AsRef<str>>(&self, tags: &[T]) -> Marks {
        if tags.is_empty() {
            return Marks::default();
        }
        let mut swept = self.lock();
        swept.sweep();
        let mark = |tag: &T| {
            let cell = swept.cell(tag.as_ref());
            let seen = cell.version();
            Mark { cell, seen }
        };
        Marks(Some(tags.iter().map(mark).collect()))
    }

    /// Makes every entry and every load that carries one of `tags` invalid, or stale.
    pub(crate) fn invalidate<T: AsRef<str>>(&self, tags: &[T], severity: Severity) {
        let mut swept = self.lock();
        for tag in tags {
            // remembered first: who sees no more than this has seen the version before
            let stamp = self.stamp.fetch_add(1, Ordering::AcqRel) + 1;
            let hash = swept.table.hasher().hash_one(tag.as_ref());
            swept.recent.add(stamp, hash);
            if let Some(cell) = swept.table.get(tag.as_ref()).and_then(Weak::upgrade) {
                cell.version.fetch_add(severity.step(), Ordering::AcqRel);
            }
        }
    }

    /// How many tags have been invalidated. Taken before a load, it tells afterwards whether one of those that
    /// came with the value was.
    pub(crate) fn stamp(&self) -> u64 {
        self.stamp.load(Ordering::Acquire)
    }

    /// Whether one of `tags` may have been invalidated since `stamp` was taken. Mark them before.
    pub(crate) fn changed_since<T: AsRef<str>>(&self, stamp: u64, tags: &[T]) -> bool {
        if tags.is_empty() || self.stamp() == stamp {
            return false;
        }
        let swept = self.lock();
        let hash = |tag: &T| swept.table.hasher().hash_one(tag.as_ref());
        let mut hashes = tags.iter().map(hash);
        hashes.any(|hash| swept.recent.has_since(stamp, hash))
    }

    fn lock(&self) -> MutexGuard<'_, Swept> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Swept {
    fn cell(&mut self, tag: &str) -> Arc<Cell> {
        if let Some(cell) = self.table.get(tag).and_then(Weak::upgrade) {
            return cell;
        }
        let cell = Arc::new(Cell::of(tag));
        self.table.insert(tag.into(), Arc::downgrade(&cell));
        cell
    }

    // Amortised: a sweep costs what was inserted since the one before it.
    fn sweep(&mut self) {
        const FLOOR: usize = 1_024;
        if self.table.len() < self.sweep_at.max(FLOOR) {
            return;
        }
        self.table.retain(|_, cell| cell.strong_count() > 0);
        self.sweep_at = self.table.len() * 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalidation_reaches_marks_made_before_it_and_no_other() {
        let tags = Tags::default();
        let (before, other) = (tags.mark(&["org:1", "users"]), tags.mark(&["org:2"]));
        tags.invalidate(&["org:1"], Severity::Remove);
        let after = tags.mark(&["org:1"]);
        assert!(!before.hold());
        assert!(other.hold());
        assert!(after.hold());
        assert!(Marks::default().hold());
    }

    #[test]
    fn what_expires_stays_and_what_is_removed_does_not() {
        let tags = Tags::default();
        let marks = tags.mark(&["org:1"]);
        tags.invalidate(&["org:1"], Severity::Expire);
        assert!(!marks.hold() && marks.stay());
        tags.invalidate(&["org:1"], Severity::Remove);
        assert!(!marks.hold() && !marks.stay());
    }

    #[test]
    fn what_was_invalidated_before_its_tags_were_known_is_found_out() {
        let tags = Tags::default();
        let before = tags.stamp();
        assert!(!tags.changed_since(before, &["org:1"]));
        tags.invalidate(&["org:1"], Severity::Remove);
        assert!(tags.changed_since(before, &["users", "org:1"]));
        assert!(!tags.changed_since(before, &["org:2"]));
        assert!(!tags.changed_since(tags.stamp(), &["org:1"]));
        // more than is remembered: nobody knows
        for _ in 0..=Recent::MOST {
            tags.invalidate(&["users"], Severity::Expire);
        }
        assert!(tags.changed_since(before, &["org:2"]));
    }

    #[test]
    fn tags_that_nothing_uses_take_no_memory() {
        let tags = Tags::default();
        let kept = tags.mark(&["kept"]);
        for n in 0..100_000 {
            tags.mark(&[format!("org:{n}")]);
        }
        assert!(tags.lock().table.len() <= 2_048);
        tags.invalidate(&["kept"], Severity::Remove);
        assert!(!kept.hold());
    }
}
