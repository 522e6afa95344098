//! Loads that failed a moment ago, so that they are not tried again at once.
//!
//! While a key *rests*, what is stale is served without another try, and where errors are remembered they are
//! answered. It is a small table that few lookups ever look at: it is empty as long as nothing fails.

use std::fmt;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use hashbrown::HashMap;

use crate::clock::Moment;
use crate::key::Key;
use crate::sync::{AtomicUsize, Mutex, MutexGuard};

use super::entry::{Epoch, Premises};
use super::share::Found;

/// How many failures are remembered. Beyond it the next try comes early for some.
const MOST: usize = 4_096;

type Table = HashMap<Key, Failure, foldhash::fast::RandomState>;

/// The failures of one cache.
#[derive(Default)]
pub(super) struct Failures {
    table: Mutex<Table>,
    // read before the lock is taken
    len: AtomicUsize,
}

/// A load that failed.
pub(super) struct Failure {
    /// Until when there is no other try.
    pub(super) until: Moment,
    /// What the load rested on: an invalidation ends the rest.
    pub(super) premises: Premises,
    /// The error, where it is to be answered meanwhile and can be.
    pub(super) error: Option<Found>,
}

impl Failures {
    /// Whether the last load of `key` failed and is not to be tried again yet; and its error, where that is
    /// remembered.
    pub(super) fn of(
        &self,
        key: &[u8],
        now: Moment,
        (epoch, stamp): (Epoch, u64),
    ) -> Option<Option<Found>> {
        if self.len.load(Ordering::Acquire) == 0 {
            return None;
        }
        let table = self.lock();
        let failure = table.get(key)?;
        let holds = failure.premises.hold(epoch) && !failure.premises.may_be_outdated(stamp);
        let rests = now < failure.until && holds;
        rests.then(|| failure.error.clone())
    }

    /// Notes a failure. What is forgotten for it is for the caller to drop: an error's `Drop` is the user's.
    pub(super) fn note(&self, key: &[u8], failure: Failure, now: Moment) -> Vec<Failure> {
        let mut gone: Vec<Failure> = Vec::new();
        let mut table = self.lock();
        if table.len() >= MOST {
            gone.extend(
                table
                    .extract_if(|_, failure| failure.until <= now)
                    .map(|(_, failure)| failure),
            );
        }
        if table.len() >= MOST {
            let any = table.keys().next().cloned();
            gone.extend(any.and_then(|any| table.remove(&any)));
        }
        gone.extend(table.insert(Key::from(key), failure));
        self.len.store(table.len(), Ordering::Release);
        gone
    }

    /// Nothing is known of a failure of `key` any more.
    pub(super) fn forget(&self, key: &[u8]) {
        if self.len.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut table = self.lock();
        let gone = table.remove(key);
        self.len.store(table.len(), Ordering::Release);
        drop(table);
        drop(gone);
    }

    /// [`forget`](Self::forget) for every key that `matches`.
    pub(super) fn forget_matching(&self, matches: impl Fn(&[u8]) -> bool) {
        if self.len.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut table = self.lock();
        let gone: Vec<_> = table.extract_if(|key, _| matches(key.as_bytes())).collect();
        self.len.store(table.len(), Ordering::Release);
        drop(table);
        drop(gone);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failures").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::cache::tags::{Severity, Tags};
    use crate::store::FeedEpoch;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::default().after(Duration::from_secs(seconds))
    }

    fn failure(until: u64, tags: &Tags) -> Failure {
        Failure {
            until: at(until),
            premises: Premises {
                epoch: Epoch(0),
                stamp: 0,
                late: false,
                marks: tags.mark(&["tag"]),
                feed: FeedEpoch::default(),
            },
            error: Some(Arc::new("boom")),
        }
    }

    fn rests(failures: &Failures, key: &[u8], now: u64, epoch: u64) -> bool {
        failures.of(key, at(now), (Epoch(epoch), 0)).is_some()
    }

    #[test]
    fn a_key_rests_until_its_time_is_over_or_it_is_invalidated() {
        let (failures, tags) = (Failures::default(), Tags::default());
        assert!(!rests(&failures, b"key", 0, 0));
        _ = failures.note(b"key", failure(10, &tags), at(0));
        assert!(rests(&failures, b"key", 9, 0) && !rests(&failures, b"other", 9, 0));
        assert!(!rests(&failures, b"key", 10, 0), "it is over");
        assert!(!rests(&failures, b"key", 9, 1), "all was cleared");
        tags.invalidate(&["tag"], Severity::Expire);
        assert!(!rests(&failures, b"key", 9, 0), "the tag has expired");
        _ = failures.note(b"key", failure(10, &tags), at(0));
        failures.forget(b"key");
        assert!(!rests(&failures, b"key", 9, 0));
        _ = failures.note(b"key", failure(10, &tags), at(0));
        failures.forget_matching(|key| key == b"key");
        assert!(!rests(&failures, b"key", 9, 0));
    }

    #[test]
    fn a_tag_that_might_have_come_with_the_value_ends_the_rest() {
        let (failures, tags) = (Failures::default(), Tags::default());
        for late in [false, true] {
            let mut failure = failure(10, &tags);
            failure.premises.late = late;
            _ = failures.note(b"key", failure, at(0));
            let rests = |stamp| failures.of(b"key", at(9), (Epoch(0), stamp)).is_some();
            assert_eq!((rests(0), rests(1)), (true, !late));
        }
    }

    #[test]
    fn they_take_no_more_room_than_they_may() {
        let (failures, tags) = (Failures::default(), Tags::default());
        for n in 0..3 * MOST {
            _ = failures.note(n.to_string().as_bytes(), failure(10, &tags), at(0));
        }
        assert_eq!(failures.lock().len(), MOST);
        // those that are over make room first
        _ = failures.note(b"new", failure(20, &tags), at(10));
        assert_eq!(failures.lock().len(), 1);
    }
}
