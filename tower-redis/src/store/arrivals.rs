//! Waiting for what somebody else loads.
//!
//! Who waits is known here as long as its future lives, and costs one entry; nothing is left of it then.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use hashbrown::HashMap;

use super::pattern::Pattern;

/// Ready when something has become of a key since this was made: it was filled, removed or made stale, its load
/// failed or was given up, or something was missed that may have been any of these. What it was has to be asked.
///
/// Made before the lease is asked for it misses nothing. It is ready once: who waits again makes another one.
#[must_use = "nobody waits for it"]
pub(crate) struct Arrival {
    key: Bytes,
    bell: Arc<Bell>,
    hall: Arc<Hall>,
}

/// All who wait.
#[derive(Default)]
pub(super) struct Arrivals(Arc<Hall>);

type Hall = Mutex<HashMap<Bytes, Vec<Arc<Bell>>, foldhash::fast::RandomState>>;

#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    waker: AtomicWaker,
}

impl Arrivals {
    pub(super) fn of(&self, key: &Bytes) -> Arrival {
        let bell = Arc::<Bell>::default();
        let mut hall = lock(&self.0);
        hall.entry(key.clone()).or_default().push(Arc::clone(&bell));
        drop(hall);
        Arrival {
            key: key.clone(),
            bell,
            hall: Arc::clone(&self.0),
        }
    }

    /// Something has become of `key`.
    pub(super) fn ring(&self, key: &[u8]) {
        let bells = lock(&self.0).remove(key);
        bells.into_iter().flatten().for_each(|bell| bell.ring());
    }

    /// The same of every key that `pattern` means.
    pub(super) fn ring_matching(&self, pattern: &Pattern) {
        self.ring_those(|key| pattern.matches(key));
    }

    /// Something may have become of any of them.
    pub(super) fn ring_all(&self) {
        self.ring_those(|_| true);
    }

    fn ring_those(&self, meant: impl Fn(&Bytes) -> bool) {
        let mut hall = lock(&self.0);
        let bells: Vec<_> = hall.extract_if(|key, _| meant(key)).collect();
        drop(hall);
        // code of others runs here: not under the lock
        let bells = bells.into_iter().flat_map(|(_, bells)| bells);
        bells.for_each(|bell| bell.ring());
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        lock(&self.0).values().map(Vec::len).sum()
    }
}

impl Bell {
    fn ring(&self) {
        self.rung.store(true, Ordering::Release);
        self.waker.wake();
    }
}

impl Future for Arrival {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.bell.waker.register(cx.waker());
        if self.bell.rung.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let mut hall = lock(&self.hall);
        let Some(bells) = hall.get_mut(&self.key) else {
            return;
        };
        // others may wait for the same key, and this one may have been rung
        bells.retain(|bell| !Arc::ptr_eq(bell, &self.bell));
        if bells.is_empty() {
            hall.remove(&self.key);
        }
    }
}

fn lock(
    hall: &Hall,
) -> MutexGuard<'_, HashMap<Bytes, Vec<Arc<Bell>>, foldhash::fast::RandomState>> {
    hall.lock().unwrap_or_else(PoisonError::into_inner)
}

// what is in a key may be a secret
impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrival").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn is_ready(arrival: &mut Arrival) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        Pin::new(arrival).poll(&mut context).is_ready()
    }

    fn key(name: &'static str) -> Bytes {
        Bytes::from_static(name.as_bytes())
    }

    #[test]
    fn who_waits_is_woken_for_its_key_only() {
        let arrivals = Arrivals::default();
        let mut all = ["a:1", "a:1", "a:2", "b"].map(|name| arrivals.of(&key(name)));
        let ready = |all: &mut [Arrival; 4]| all.each_mut().map(is_ready);
        assert_eq!(ready(&mut all), [false; 4]);
        arrivals.ring(b"a:1");
        assert_eq!(ready(&mut all), [true, true, false, false]);
        arrivals.ring_matching(&Pattern::prefix(b"a:"));
        assert_eq!(ready(&mut all), [true, true, true, false]);
        // who comes later has missed that
        let mut later = arrivals.of(&key("a:1"));
        assert!(!is_ready(&mut later));
        arrivals.ring_all();
        assert_eq!(ready(&mut all), [true; 4]);
        assert!(is_ready(&mut later));
    }

    #[test]
    fn nothing_is_left_of_who_no_longer_waits() {
        let arrivals = Arrivals::default();
        let (one, other) = (arrivals.of(&key("a")), arrivals.of(&key("a")));
        assert_eq!(arrivals.len(), 2);
        drop(one);
        assert_eq!(arrivals.len(), 1);
        arrivals.ring(b"a");
        let mut later = arrivals.of(&key("a"));
        // what was rung takes no other one with it
        drop(other);
        assert_eq!(arrivals.len(), 1);
        arrivals.ring(b"a");
        assert!(is_ready(&mut later));
        drop(later);
        assert!(lock(&arrivals.0).is_empty());
    }
}
