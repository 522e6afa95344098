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

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use hashbrown::HashMap;

use super::known::Known;

type Table = HashMap<Box<str>, Weak<Cell>, foldhash::fast::RandomState>;

/// All tags of one toolkit: they reach across its caches.
#[derive(Default)]
pub(crate) struct Tags(Mutex<Swept>);

#[derive(Default)]
struct Swept {
    table: Table,
    sweep_at: usize,
}

// a tag is what a user made of a key, and as much of a secret
impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tags").finish_non_exhaustive()
    }
}

/// One tag, as this process sees it.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    version: AtomicU64,
    pub(super) token: Known,
}

impl Cell {
    pub(super) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }
}

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
    /// True while none of the tags has been invalidated since.
    pub(crate) fn hold(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|marks| marks.iter().all(|mark| mark.cell.version() == mark.seen))
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

    /// Makes every entry and every load that carries one of `tags` invalid. Answers the cells of those
    /// that something uses.
    pub(crate) fn invalidate<T: AsRef<str>>(&self, tags: &[T]) -> Vec<Option<Mark>> {
        let swept = self.lock();
        let raise = |tag: &T| {
            let cell = swept.table.get(tag.as_ref()).and_then(Weak::upgrade)?;
            let seen = cell.version.fetch_add(1, Ordering::AcqRel) + 1;
            Some(Mark { cell, seen })
        };
        tags.iter().map(raise).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Swept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Swept {
    fn cell(&mut self, tag: &str) -> Arc<Cell> {
        if let Some(cell) = self.table.get(tag).and_then(Weak::upgrade) {
            return cell;
        }
        let cell = Arc::<Cell>::default();
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
        tags.invalidate(&["org:1"]);
        let after = tags.mark(&["org:1"]);
        assert!(!before.hold());
        assert!(other.hold());
        assert!(after.hold());
        assert!(Marks::default().hold());
    }

    #[test]
    fn tags_that_nothing_uses_take_no_memory() {
        let tags = Tags::default();
        let kept = tags.mark(&["kept"]);
        for n in 0..100_000 {
            tags.mark(&[format!("org:{n}")]);
        }
        assert!(tags.lock().table.len() <= 2_048);
        tags.invalidate(&["kept"]);
        assert!(!kept.hold());
    }
}
