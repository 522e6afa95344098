//! State in this process, bounded by keys.
//!
//! Keys are spread over shards by a hash that is seeded for each process. A check takes one lock and
//! looks once, by borrowed bytes. There is no sweep and no task: each new key looks at the next few
//! entries and removes those at rest, so cleaning is paid for by what makes it necessary.

use crate::limit::contract::{Rule, Tick};
use crate::limit::decision::Decision;
use crate::limit::full::OnFull;
use crate::limit::stats::Counts;

use super::digest::Digest;
use super::kept::Kept;
use super::lock::{Guard, Lock};
use super::shard::{Hashed, Seat, Shard, hash};

/// Enough that a handful of threads rarely meet; with fewer keys than this has room for, fewer.
const MOST_SHARDS: usize = 64;
/// A shard smaller than this would be full long before the others.
const KEYS_PER_SHARD: usize = 64;

/// The states of all keys of one limiter.
#[derive(Debug)]
pub(crate) struct Memory<R: Rule> {
    rule: R,
    shards: Box<[Padded<R::State>]>,
    hasher: foldhash::quality::RandomState,
    digest: Digest,
}

/// A lock on cache lines of its own.
#[derive(Debug)]
#[repr(align(128))]
struct Padded<S>(Lock<Shard<S>>);

impl<R: Rule> Memory<R> {
    /// Room for `capacity` keys and at most one more for each shard.
    pub(crate) fn new(rule: R, capacity: usize, on_full: OnFull) -> Self {
        let shards = (capacity / KEYS_PER_SHARD)
            .clamp(1, MOST_SHARDS)
            .next_power_of_two();
        let hasher = foldhash::quality::RandomState::default();
        let shard = |at: usize| {
            // as even as it gets, and not one key more
            let capacity = capacity / shards + usize::from(at < capacity % shards);
            Padded(Lock::new(Shard::new(capacity, on_full, hasher.clone())))
        };
        Self {
            shards: (0..shards).map(shard).collect(),
            rule,
            hasher,
            digest: Digest::new(),
        }
    }

    pub(crate) fn rule(&self) -> &R {
        &self.rule
    }

    /// As [`decide`](Self::decide), for `then`. `cost` is charged if it is allowed.
    ///
    /// `then` is called in each of both cases by itself: a decision that could be either would lie in memory in
    /// between, to be copied word by word. The lock is free again by then.
    #[inline(always)]
    pub(crate) fn decide_then<T>(
        &self,
        key: &[u8],
        now: Tick,
        cost: u64,
        then: impl FnOnce(Decision, Seat) -> T,
    ) -> T {
        let mut space = [0; 17];
        let bytes = self.digest.shorten(key, &mut space);
        let hash = hash(&self.hasher, bytes);
        let key = Hashed { hash, bytes };
        let mut shard = self.shard(hash).lock();
        if let Some(judgement) = shard.judge(&self.rule, key, now, cost) {
            drop(shard);
            return then(judgement.told(&self.rule), Seat::Own);
        }
        let (decision, seat) = shard.decide_new(&self.rule, key, now, cost);
        drop(shard);
        then(decision, seat)
    }

    /// Decides one call of `key`, and tells where its permits were counted.
    pub(crate) fn decide(&self, key: &[u8], now: Tick, cost: u64) -> (Decision, Seat) {
        self.decide_then(key, now, cost, |decision, seat| (decision, seat))
    }

    /// Keeps everybody else from deciding about `key`.
    pub(crate) fn hold(&self, key: &[u8]) -> Held<'_, R> {
        let mut space = [0; 17];
        let bytes = self.digest.shorten(key, &mut space);
        let hash = hash(&self.hasher, bytes);
        Held {
            rule: &self.rule,
            shard: self.shard(hash).lock(),
            hash,
            key: bytes.into(),
        }
    }

    /// Keys remembered now.
    pub(crate) fn len(&self) -> usize {
        self.each().map(|shard| shard.len()).sum()
    }

    /// What was decided so far.
    pub(crate) fn counts(&self) -> Counts {
        self.each()
            .map(|shard| shard.counts())
            .fold(Counts::default(), Counts::and)
    }

    fn each(&self) -> impl Iterator<Item = Guard<'_, Shard<R::State>>> {
        self.shards.iter().map(|shard| shard.0.lock())
    }

    #[inline]
    fn shard(&self, hash: u64) -> &Lock<Shard<R::State>> {
        // the map inside uses the lowest and the highest bits
        let at = (hash >> 32) as usize & (self.shards.len() - 1);
        &self.shards[at].0
    }
}

/// A key of one limiter under its lock, to be decided about together with those of others.
#[derive(Debug)]
pub(crate) struct Held<'a, R: Rule> {
    rule: &'a R,
    shard: Guard<'a, Shard<R::State>>,
    hash: u64,
    key: Kept,
}

impl<R: Rule> Held<'_, R> {
    /// What would be decided; nothing is charged or counted.
    pub(crate) fn would(&self, now: Tick, cost: u64) -> Decision {
        let key = hashed(self.hash, &self.key);
        self.shard.would(self.rule, key, now, cost)
    }

    /// What would be decided, if there is an entry of this key.
    pub(crate) fn own(&self, now: Tick, cost: u64) -> Option<Decision> {
        let key = hashed(self.hash, &self.key);
        self.shard.own(self.rule, key, now, cost)
    }

    /// Decides, as [`Memory::decide_then`] does.
    pub(crate) fn decide(&mut self, now: Tick, cost: u64) -> (Decision, Seat) {
        let key = hashed(self.hash, &self.key);
        self.shard.decide(self.rule, key, now, cost)
    }

    /// Counts a refusal that was seen coming, and says whether it was for want of room.
    pub(crate) fn refuse(&mut self, now: Tick, refusal: &Decision) -> Seat {
        let key = hashed(self.hash, &self.key);
        self.shard.refuse(self.rule, key, now, refusal)
    }

    /// Charges what was decided elsewhere, if it fits, and counts no decision.
    #[cfg(feature = "redis")]
    pub(crate) fn note(&mut self, now: Tick, cost: u64) {
        let key = hashed(self.hash, &self.key);
        self.shard.note(self.rule, key, now, cost);
    }

    /// The instant that a call at `now` counts as.
    pub(crate) fn instant(&self, now: Tick) -> Tick {
        self.shard.instant(now)
    }

    /// Gives back what was charged at an instant, and says how much that was.
    pub(crate) fn refund(&mut self, now: Tick, charged: (Tick, u64)) -> u64 {
        let key = hashed(self.hash, &self.key);
        self.shard.refund(self.rule, key, now, charged, false)
    }

    /// Charges at `now` what was charged at another instant, if all of it is still held.
    pub(crate) fn renew(&mut self, now: Tick, charged: (Tick, u64)) -> u64 {
        let key = hashed(self.hash, &self.key);
        self.shard.refund(self.rule, key, now, charged, true)
    }

    /// Forgets the key.
    pub(crate) fn forget(&mut self) {
        let key = hashed(self.hash, &self.key);
        self.shard.forget(key);
    }
}

fn hashed(hash: u64, key: &Kept) -> Hashed<'_> {
    Hashed {
        hash,
        bytes: key.as_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::limit::algorithm::{Concurrency, FixedWindow, Gcra, StrictWindow, TokenBucket};
    use crate::limit::full::UNTIL_ASKED_AGAIN;
    use crate::limit::quota::Quota;

    const MINUTE: Tick = 60_000_000;

    fn strict(permits: u64, capacity: usize) -> Memory<StrictWindow> {
        let rule = StrictWindow::new(&Quota::per_minute(permits)).unwrap();
        Memory::new(rule, capacity, OnFull::Share)
    }

    fn allowed<R: Rule>(memory: &Memory<R>, key: &str, now: Tick) -> bool {
        memory.decide(key.as_bytes(), now, 1).0.is_allowed()
    }

    /// What was admitted to one key in the last minute, by a log of everything.
    fn used(admitted: &[(u8, Tick)], key: u8, now: Tick) -> usize {
        let of_key = admitted.iter().filter(|(owner, _)| *owner == key);
        of_key.filter(|(_, at)| at + MINUTE > now).count()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// With more keys than there is room for, and all of them coming and going.
        #[test]
        fn no_key_is_ever_over(
            calls in vec((0_u8..12, prop_oneof![0..2_u64, 0..MINUTE / 2]), 1..200),
            capacity in 1_usize..14,
        ) {
            let memory = strict(3, capacity);
            let (mut now, mut admitted) = (0, Vec::new());
            for (key, gap) in calls {
                now += gap;
                let before = used(&admitted, key, now);
                let (decision, seat) = memory.decide(&[key], now, 1);
                if decision.is_allowed() {
                    admitted.push((key, now));
                    prop_assert!(before < 3, "key {key} was over with {before}");
                }
                if capacity >= 12 {
                    prop_assert_eq!(seat, Seat::Own);
                    prop_assert_eq!(decision.is_allowed(), before < 3);
                }
                prop_assert!(memory.len() <= capacity);
            }
        }
    }

    /// An attacker with `keys` keys, all within the minute of one throttled key.
    fn attack<R: Rule>(rule: R, keys: u64) {
        const BOUND: usize = 1_000;
        let memory = Memory::new(rule, BOUND, OnFull::Share);
        assert!(allowed(&memory, "throttled", 0));
        assert!(!allowed(&memory, "throttled", 0));
        for n in 0..keys {
            let now = n * (MINUTE / keys);
            memory.decide(&n.to_le_bytes(), now, 1);
            if n % 1_000 == 0 {
                assert!(memory.len() <= BOUND);
                assert!(!allowed(&memory, "throttled", now), "freed after {n} keys");
            }
        }
        assert!(memory.len() <= BOUND);
        assert!(!allowed(&memory, "throttled", MINUTE - 1));
        assert!(allowed(&memory, "throttled", MINUTE));
    }

    #[test]
    fn a_million_keys_neither_fill_memory_nor_free_a_throttled_key() {
        attack(StrictWindow::new(&Quota::per_minute(1)).unwrap(), 1_000_000);
    }

    #[test]
    fn nor_do_they_with_another_algorithm() {
        attack(Gcra::new(&Quota::per_minute(1)).unwrap(), 100_000);
        attack(TokenBucket::new(&Quota::per_minute(1)).unwrap(), 100_000);
        attack(FixedWindow::new(&Quota::per_minute(1)).unwrap(), 100_000);
        attack(Concurrency::new(&Quota::per_minute(1)).unwrap(), 100_000);
    }

    #[test]
    fn keys_at_rest_make_room() {
        let memory = strict(1, 100);
        for round in 0..100 {
            for n in 0..50 {
                let key = format!("{round} {n}");
                let (decision, seat) = memory.decide(key.as_bytes(), round * MINUTE, 1);
                assert!(decision.is_allowed());
                assert_eq!(seat, Seat::Own);
            }
        }
    }

    #[test]
    fn keys_without_room_share_one_quota() {
        let memory = strict(2, 10);
        for n in 0..10 {
            assert_eq!(memory.decide(&[b'a' + n], 0, 1).1, Seat::Own);
        }
        let admitted = (0..100_u32)
            .map(|n| memory.decide(format!("late {n}").as_bytes(), 1, 1))
            .inspect(|(_, seat)| assert_eq!(*seat, Seat::Shared))
            .filter(|(decision, _)| decision.is_allowed())
            .count();
        assert_eq!(admitted, 2);
        // those with an entry are not affected
        assert!(allowed(&memory, "a", 2));
        assert!(!allowed(&memory, "a", 2));
    }

    #[test]
    fn a_key_that_gets_room_again_is_not_given_a_second_quota() {
        let memory = strict(2, 10);
        for n in 0..10 {
            assert!(memory.decide(&[b'a' + n], 0, 1).0.is_allowed());
        }
        // without room, at the last instant before there is some
        assert!(allowed(&memory, "late", MINUTE - 1));
        assert!(allowed(&memory, "late", MINUTE - 1));
        let (decision, seat) = memory.decide(b"late", MINUTE, 1);
        assert_eq!(seat, Seat::Own);
        assert!(!decision.is_allowed());
        assert!(allowed(&memory, "late", 2 * MINUTE - 1));
    }

    #[test]
    fn what_charges_nothing_leaves_no_entry() {
        let memory = strict(2, 10);
        assert!(memory.decide(b"looked at", 0, 0).0.is_allowed());
        assert!(memory.decide(b"too much", 0, 3).0.is_never());
        assert_eq!(memory.len(), 0);
    }

    #[test]
    fn a_thread_that_read_the_clock_early_and_came_late_gains_nothing() {
        let memory = strict(1, 2);
        assert!(allowed(&memory, "slow", 0));
        assert!(allowed(&memory, "third", 0));
        // there is no room, so this removes what is at rest at this instant
        assert!(allowed(&memory, "other", MINUTE));
        assert_eq!(memory.len(), 1);
        // and so this one, who was not let in at his instant, is counted at the latest there was
        assert!(allowed(&memory, "slow", MINUTE - 1));
        assert!(!allowed(&memory, "slow", 2 * MINUTE - 1));
        assert!(allowed(&memory, "slow", 2 * MINUTE));
    }

    /// Each of 64 shards has room for 100.
    #[test]
    fn no_shard_is_full_before_the_others() {
        for _ in 0..100 {
            let memory = strict(1, 6_400);
            for key in 0..3_200 {
                memory.decide(format!("user:{key}").as_bytes(), 0, 1);
            }
            assert_eq!(memory.len(), 3_200);
        }
    }

    #[test]
    fn of_many_keys_at_rest_few_stay() {
        let memory = strict(1, 1 << 20);
        let all: Vec<_> = (0..200_000).map(|key| key.to_string()).collect();
        for (now, key) in all.iter().enumerate() {
            // each at rest when the next but a few comes
            assert!(allowed(&memory, key, now as u64 * MINUTE / 8));
        }
        assert!(memory.len() <= 64 * 300, "{}", memory.len());
    }

    #[test]
    fn long_keys_are_told_apart() {
        let memory = strict(1, 100);
        let long = "x".repeat(10_000);
        let longer = "x".repeat(10_001);
        assert!(allowed(&memory, &long, 0));
        assert!(!allowed(&memory, &long, 0));
        assert!(allowed(&memory, &longer, 0));
        assert_eq!(memory.len(), 2);
    }

    #[test]
    fn capacity_is_divided_without_remainder() {
        for capacity in [1, 2, 63, 64, 65, 127, 1_000, 100_000] {
            let memory = strict(1, capacity);
            let sum: usize = memory
                .shards
                .iter()
                .map(|shard| shard.0.lock().capacity())
                .sum();
            assert_eq!(sum, capacity);
        }
    }

    #[test]
    fn who_decides_about_keys_without_room_is_chosen() {
        let rule = || StrictWindow::new(&Quota::per_minute(2)).unwrap();
        for (on_full, expected) in [(OnFull::Open, 100), (OnFull::Closed, 0)] {
            let memory = Memory::new(rule(), 1, on_full);
            assert!(allowed(&memory, "known", 0));
            let passed = (0..100).filter(|n: &u32| {
                let key = n.to_le_bytes();
                let would = memory.hold(&key).would(1, 1);
                let (decision, seat) = memory.decide(&key, 1, 1);
                assert_eq!((would, seat), (decision, Seat::Shared), "{on_full:?}");
                decision.is_allowed()
            });
            assert_eq!(passed.count(), expected, "{on_full:?}");
            assert_eq!(memory.counts().overflowed, 100);
            // one that is known notices nothing, and what is not possible stays so
            assert!(allowed(&memory, "known", 1));
            assert!(!allowed(&memory, "known", 1));
            assert!(memory.decide(b"other", 1, 3).0.is_never());
            assert!(memory.decide(b"other", 1, 0).0.is_allowed());
            // as soon as one is at rest there is room
            let (decision, seat) = memory.decide(b"other", 2 * MINUTE, 2);
            assert!(decision.is_allowed() && seat == Seat::Own, "{on_full:?}");
        }
    }

    #[test]
    fn a_refusal_that_was_seen_coming_is_counted_and_makes_room_for_the_next() {
        let rule = StrictWindow::new(&Quota::per_minute(2)).unwrap();
        let memory = Memory::new(rule, 1, OnFull::Closed);
        assert!(allowed(&memory, "known", 0));
        let mut hold = memory.hold(b"new");
        let would = hold.would(MINUTE, 1);
        assert_eq!(would.retry_after(), Some(UNTIL_ASKED_AGAIN));
        assert_eq!(hold.refuse(MINUTE, &would), Seat::Shared);
        drop(hold);
        let counts = memory.counts();
        assert_eq!((counts.denied, counts.overflowed), (1, 1));
        assert!(memory.hold(b"new").would(MINUTE, 1).is_allowed());
    }
}
