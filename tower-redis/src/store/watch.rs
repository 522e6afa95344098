//! What this process knows about what others did: whether it would have heard of it.
//!
//! Every hit near asks [`Watch::admits`], so that is two loads. The rest happens when a message comes: one
//! after the other, in order.

use std::fmt;
#[cfg(any(test, feature = "testing"))]
use std::sync::atomic::AtomicBool;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;

use crate::clock::{Clock, Moment};

use super::arrivals::{Arrival, Arrivals};
use super::hears::{Heard, Hears, Tends};
use super::message::Instance;
use super::names::Names;
use super::position::Position;

/// How long after the sending of an answered PING the feed counts as live.
const LIVE: Duration = Duration::from_secs(2);

/// A stretch of time in which this process missed nothing. What is near is marked with the one its load
/// began in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct FeedEpoch(u64);

impl FeedEpoch {
    pub(crate) fn of(number: u64) -> Self {
        Self(number)
    }

    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

/// The feed of one instance: its epoch, whether it is live, and who is told what comes.
pub(crate) struct Watch {
    pub(super) instance: Instance,
    pub(super) channel: Bytes,
    pub(super) foreign: Bytes,
    clock: Clock,
    epoch: AtomicU64,
    /// In nanoseconds of the coarse clock.
    live_until: AtomicU64,
    /// Until when the epoch before the present one was known to be live.
    lost_at: AtomicU64,
    /// What the last message since the subscription said.
    pub(super) position: Mutex<Option<Position>>,
    hearers: Mutex<Vec<Weak<dyn Hears>>>,
    pub(super) tenders: Mutex<Vec<Weak<dyn Tends>>>,
    pub(super) arrivals: Arrivals,
    #[cfg(any(test, feature = "testing"))]
    pub(super) deaf: AtomicBool,
}

impl Watch {
    pub(crate) fn new(instance: Instance, names: &Names, clock: Clock) -> Self {
        Self {
            instance,
            channel: names.channel(),
            foreign: names.foreign_channel(),
            clock,
            epoch: AtomicU64::new(0),
            live_until: AtomicU64::new(0),
            lost_at: AtomicU64::new(0),
            position: Mutex::default(),
            hearers: Mutex::default(),
            tenders: Mutex::default(),
            arrivals: Arrivals::default(),
            #[cfg(any(test, feature = "testing"))]
            deaf: AtomicBool::new(false),
        }
    }

    /// The present epoch: take it before what is to be marked with it is read.
    #[inline]
    pub(crate) fn epoch(&self) -> FeedEpoch {
        FeedEpoch(self.epoch.load(Ordering::Acquire))
    }

    /// Whether what was read in epoch `mark` may be used at `now`, by the coarse clock: everything that
    /// became of it since has been heard of, up to what may still be on its way.
    #[inline]
    pub(crate) fn admits(&self, mark: FeedEpoch, now: Moment) -> bool {
        // an epoch begins before anything makes it live, so the later look at the epoch sees it
        self.is_live(now) && self.epoch() == mark
    }

    /// Whether everything that others do is heard of at `now`.
    #[inline]
    pub(crate) fn is_live(&self, now: Moment) -> bool {
        now.as_nanos() < self.live_until.load(Ordering::Acquire)
    }

    /// Whether what was read in epoch `mark` was known to be good within `grace` before `now`.
    pub(crate) fn admitted_within(&self, grace: Duration, mark: FeedEpoch, now: Moment) -> bool {
        let epoch = self.epoch();
        let until = if epoch == mark {
            &self.live_until
        } else if epoch.0 == mark.0.wrapping_add(1) {
            &self.lost_at
        } else {
            return false;
        };
        let until = Moment::default().after(Duration::from_nanos(until.load(Ordering::Acquire)));
        now < until.after(grace) && self.epoch() == epoch
    }

    /// Tells `hearer` from now on, as long as it lives.
    pub(crate) fn listen(&self, hearer: Weak<dyn Hears>) {
        add(&self.hearers, hearer);
    }

    /// Waits for what becomes of `key`, from now on.
    pub(crate) fn arrival(&self, key: &Bytes) -> Arrival {
        self.arrivals.of(key)
    }

    pub(super) fn tend(&self, tender: Weak<dyn Tends>) {
        add(&self.tenders, tender);
    }

    /// Which instance listens here.
    pub(super) fn instance(&self) -> Instance {
        self.instance
    }

    /// The channels that have to be listened to.
    pub(super) fn channels(&self) -> [Bytes; 2] {
        [self.channel.clone(), self.foreign.clone()]
    }

    /// Everything is being listened to, for the first time or again. What was published while it was not is
    /// lost.
    pub(super) fn connected(&self) {
        *self.position() = None;
        // before anything can be read under the new epoch
        alive(&self.tenders)
            .iter()
            .for_each(|tender| tender.connected());
        self.begin_epoch();
    }

    /// A PING that was sent at `sent`, by the coarse clock, was answered, and every message before it was
    /// handed over.
    pub(super) fn alive(&self, sent: Moment) {
        let until = sent.after(LIVE).as_nanos();
        self.live_until.fetch_max(until, Ordering::AcqRel);
        alive(&self.tenders)
            .iter()
            .for_each(|tender| tender.alive());
    }

    /// Nothing more comes until it is connected again.
    pub(super) fn lost(&self) {
        let now = self.clock.coarse().as_nanos();
        self.live_until.fetch_min(now, Ordering::AcqRel);
        alive(&self.tenders).iter().for_each(|tender| tender.lost());
        // nobody would tell those who wait
        self.arrivals.ring_all();
    }

    /// Tells everybody in this process.
    pub(super) fn tell(&self, what: Heard<'_>) {
        alive(&self.hearers)
            .iter()
            .for_each(|hearer| hearer.hear(what));
    }

    /// Tells everybody in this process but `this` one.
    pub(crate) fn tell_others(&self, what: Heard<'_>, this: &dyn Hears) {
        for hearer in alive(&self.hearers) {
            if !std::ptr::addr_eq(std::sync::Arc::as_ptr(&hearer), this) {
                hearer.hear(what);
            }
        }
    }

    pub(super) fn begin_epoch(&self) {
        let now = self.clock.coarse().as_nanos();
        let until = self.live_until.load(Ordering::Acquire).min(now);
        // in this order: what is older than the epoch that ends never gets its grace
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.lost_at.store(until, Ordering::Release);
        self.tell(Heard::Everything);
        self.arrivals.ring_all();
    }

    pub(super) fn position(&self) -> std::sync::MutexGuard<'_, Option<Position>> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A broken watch, to see whether tests find out: it overlooks what it missed.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn overlook_gaps(&self) {
        self.deaf.store(true, Ordering::Relaxed);
    }
}

fn add<T: ?Sized>(to: &Mutex<Vec<Weak<T>>>, one: Weak<T>) {
    let mut known = to.lock().unwrap_or_else(PoisonError::into_inner);
    known.retain(|one| one.strong_count() > 0);
    known.push(one);
}

// code of others runs when one of them is told, or dropped for the last time: not under the lock
pub(super) fn alive<T: ?Sized>(known: &Mutex<Vec<Weak<T>>>) -> Vec<std::sync::Arc<T>> {
    let known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().filter_map(Weak::upgrade).collect()
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("instance", &self.instance)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const GRACE: Duration = Duration::from_secs(10);

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn what_was_known_to_be_good_is_so_for_a_grace() {
        let clock = ManualClock::new();
        let watch = Watch::new(Instance::draw(), &Names::new("tr", 0), clock.clock());
        let now = || clock.clock().coarse();
        watch.connected();
        watch.alive(now());
        let mark = watch.epoch();
        assert!(watch.admits(mark, now()));

        // lost now, and the grace is counted from here
        clock.advance(secs(1));
        watch.lost();
        assert!(!watch.admits(mark, now()) && watch.admitted_within(GRACE, mark, now()));
        clock.advance(secs(9));
        assert!(watch.admitted_within(GRACE, mark, now()));
        // a new epoch does not begin a new grace
        watch.connected();
        watch.alive(now());
        assert!(!watch.admits(mark, now()));
        assert!(watch.admitted_within(GRACE, mark, now()));
        clock.advance(secs(1));
        assert!(!watch.admitted_within(GRACE, mark, now()));
        // and what is older than the one before the present one has none
        let mark = watch.epoch();
        watch.connected();
        watch.connected();
        assert!(!watch.admitted_within(GRACE, mark, now()));
    }

    #[test]
    fn silence_counts_from_the_last_answer() {
        let clock = ManualClock::new();
        let watch = Watch::new(Instance::draw(), &Names::new("tr", 0), clock.clock());
        let now = || clock.clock().coarse();
        watch.connected();
        watch.alive(now());
        let mark = watch.epoch();
        clock.advance(secs(5));
        // nobody has noticed yet; what is known ends two seconds after the last answer
        watch.lost();
        clock.advance(secs(7) - Duration::from_nanos(1));
        assert!(watch.admitted_within(GRACE, mark, now()));
        clock.advance(Duration::from_nanos(1));
        assert!(!watch.admitted_within(GRACE, mark, now()));
    }
}
