//! Loads that failed a moment ago, so that they are not tried again at once.
//!
//! While a key *rests*, what is stale is served without another try, and where errors are remembered they are
//! answered. It is a small table that few lookups ever look at: it is empty as long as nothing fails.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use hashbrown::HashMap;

use crate::clock::Moment;
use crate::key::Key;
use crate::store::FeedEpoch;
use crate::sync::{AtomicUsize, Mutex, MutexGuard};

use super::premises::{Epoch, Premises};
use super::share::Found;

/// How many failures are remembered, and how many bytes of their keys. Beyond either the next try comes early for
/// those that failed first.
const MOST: usize = 4_096;
const MOST_BYTES: usize = 1 << 20;

/// The failures of one cache.
#[derive(Default)]
pub(super) struct Failures {
    table: Mutex<Table>,
    // read before the lock is taken
    len: AtomicUsize,
}

/// What is remembered, in the order in which it failed. All keys of a cache rest for the same time, so that is the
/// order in which they are over as well.
#[derive(Default)]
struct Table {
    failures: HashMap<Key, (u64, Failure), foldhash::fast::RandomState>,
    order: BTreeMap<u64, Key>,
    next: u64,
    /// Of all keys.
    bytes: usize,
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
        (epoch, feed, stamp): (Epoch, FeedEpoch, u64),
    ) -> Option<Option<Found>> {
        if self.len.load(Ordering::Acquire) == 0 {
            return None;
        }
        let table = self.lock();
        let (_, failure) = table.failures.get(key)?;
        let premises = &failure.premises;
        // an invalidation that this process has missed has forgotten nothing here
        let heard = premises.feed == feed;
        let holds = heard && premises.hold(epoch) && !premises.may_be_outdated(stamp);
        let rests = now < failure.until && holds;
        rests.then(|| failure.error.clone())
    }

    /// Notes a failure. What is forgotten for it is for the caller to drop: an error's `Drop` is the user's.
    pub(super) fn note(&self, key: &[u8], failure: Failure, now: Moment) -> Vec<Failure> {
        let mut table = self.lock();
        let mut gone = Vec::from_iter(table.take(key));
        if key.len() <= MOST_BYTES {
            table.put(Key::from(key), failure);
        } else {
            gone.push(failure);
        }
        // what is over goes two at a time: faster than it comes, and at no cost that grows with what there is
        for _ in 0..2 {
            gone.extend(table.take_oldest(|failure| failure.until <= now));
        }
        while table.is_too_large() {
            gone.extend(table.take_oldest(|_| true));
        }
        self.len.store(table.failures.len(), Ordering::Release);
        gone
    }

    /// Nothing is known of a failure of `key` any more.
    pub(super) fn forget(&self, key: &[u8]) {
        if self.len.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut table = self.lock();
        let gone = table.take(key);
        self.len.store(table.failures.len(), Ordering::Release);
        drop(table);
        drop(gone);
    }

    /// [`forget`](Self::forget) for every key that `matches`.
    pub(super) fn forget_matching(&self, matches: impl Fn(&[u8]) -> bool) {
        if self.len.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut table = self.lock();
        let keys = table.failures.keys();
        let keys: Vec<_> = keys
            .filter(|key| matches(key.as_bytes()))
            .cloned()
            .collect();
        let gone: Vec<_> = keys
            .iter()
            .filter_map(|key| table.take(key.as_bytes()))
            .collect();
        self.len.store(table.failures.len(), Ordering::Release);
        drop(table);
        drop(gone);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn put(&mut self, key: Key, failure: Failure) {
        self.next += 1;
        self.bytes += key.as_bytes().len();
        self.order.insert(self.next, key.clone());
        self.failures.insert(key, (self.next, failure));
    }

    fn take(&mut self, key: &[u8]) -> Option<Failure> {
        let (at, failure) = self.failures.remove(key)?;
        self.order.remove(&at);
        self.bytes -= key.len();
        Some(failure)
    }

    /// The oldest one, if it is one that is to go.
    fn take_oldest(&mut self, is_to_go: impl FnOnce(&Failure) -> bool) -> Option<Failure> {
        let (_, key) = self.order.first_key_value()?;
        let (_, failure) = self.failures.get(key)?;
        let key = is_to_go(failure).then(|| key.clone())?;
        self.take(key.as_bytes())
    }

    fn is_too_large(&self) -> bool {
        self.failures.len() > MOST || self.bytes > MOST_BYTES
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

    use super::*;
    use crate::cache::tags::{Severity, Tags};

    fn at(seconds: u64) -> Moment {
        Moment::default().after(Duration::from_secs(seconds))
    }

    fn failure(until: u64, tags: &Tags) -> Failure {
        Failure {
            until: at(until),
            premises: Premises {
                marks: tags.mark(&["tag"]),
                ..Premises::first()
            },
            error: Some(Arc::new("boom")),
        }
    }

    fn rests(failures: &Failures, key: &[u8], now: u64, epoch: u64) -> bool {
        failures
            .of(key, at(now), (Epoch(epoch), FeedEpoch::default(), 0))
            .is_some()
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
    fn what_may_have_been_missed_ends_the_rest() {
        let failures = Failures::default();
        _ = failures.note(b"key", failure(10, &Tags::default()), at(0));
        let rests = |feed| {
            let present = (Epoch(0), FeedEpoch::of(feed), 0);
            failures.of(b"key", at(9), present).is_some()
        };
        assert!(rests(0) && !rests(1));
    }

    #[test]
    fn a_tag_that_might_have_come_with_the_value_ends_the_rest() {
        let (failures, tags) = (Failures::default(), Tags::default());
        for late in [false, true] {
            let mut failure = failure(10, &tags);
            failure.premises.late = late;
            _ = failures.note(b"key", failure, at(0));
            let present = |stamp| (Epoch(0), FeedEpoch::default(), stamp);
            let rests = |stamp| failures.of(b"key", at(9), present(stamp)).is_some();
            assert_eq!((rests(0), rests(1)), (true, !late));
        }
    }

    fn keys(failures: &Failures) -> (usize, usize, usize) {
        let table = failures.lock();
        (table.failures.len(), table.order.len(), table.bytes)
    }

    #[test]
    fn they_take_no_more_room_than_they_may() {
        let (failures, tags) = (Failures::default(), Tags::default());
        let key = |n: usize| format!("{n:05}").into_bytes();
        for n in 0..3 * MOST {
            _ = failures.note(&key(n), failure(10, &tags), at(0));
            _ = failures.note(&key(n), failure(10, &tags), at(0));
        }
        assert_eq!(keys(&failures), (MOST, MOST, 5 * MOST));
        assert!(!rests(&failures, &key(2 * MOST - 1), 0, 0), "it was first");
        assert!(rests(&failures, &key(2 * MOST), 0, 0));
        failures.forget_matching(|key| key.starts_with(b"1"));
        let (left, order, bytes) = keys(&failures);
        assert!(left < MOST && left == order && bytes == 5 * left);
    }

    #[test]
    fn what_is_over_goes_faster_than_it_comes() {
        let (failures, tags) = (Failures::default(), Tags::default());
        for n in 0..10 {
            _ = failures.note(&[n], failure(10, &tags), at(0));
        }
        for n in 10..20 {
            let gone = failures.note(&[n], failure(20, &tags), at(10));
            assert_eq!(gone.len(), if n < 15 { 2 } else { 0 });
        }
        assert_eq!(keys(&failures), (10, 10, 10));
    }

    #[test]
    fn long_keys_count_by_their_bytes() {
        let (failures, tags) = (Failures::default(), Tags::default());
        for n in 0..100 {
            _ = failures.note(&[n; MOST_BYTES / 10], failure(10, &tags), at(0));
        }
        assert_eq!(keys(&failures), (10, 10, MOST_BYTES / 10 * 10));
        let longer = [1; MOST_BYTES + 1];
        _ = failures.note(&longer, failure(10, &tags), at(0));
        assert!(!rests(&failures, &longer, 0, 0));
        assert_eq!(keys(&failures).0, 10, "it pushes nothing out");
    }
}
