//! Permits that are held for as long as somebody works, however long that is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::timers;

use super::reservation::Reservation;

/// No shorter than what a timer can tell.
const SHORTEST: Duration = Duration::from_millis(1);

/// Permits that are renewed three times a period until this is dropped, which gives them back. They end by themselves a
/// period after the process died that holds them, or after it was stopped for as long.
///
/// Where nothing tells the time, outside a Tokio runtime or in one without timers, nobody renews them.
#[derive(Debug)]
pub(crate) struct Kept {
    // before the sender: a task that is woken finds it gone
    _reservation: Arc<Mutex<Reservation>>,
    _ends: oneshot::Sender<()>,
}

impl Kept {
    pub(crate) fn new(reservation: Reservation) -> Self {
        let pause = (reservation.limiter().window() / 3).max(SHORTEST);
        let (ends, ended) = oneshot::channel();
        let reservation = Arc::new(Mutex::new(reservation));
        if let (Ok(runtime), Some(_)) = (Handle::try_current(), timers::sleep(pause)) {
            runtime.spawn(renew(Arc::downgrade(&reservation), pause, ended));
        }
        Self {
            _reservation: reservation,
            _ends: ends,
        }
    }
}

fn lock(reservation: &Mutex<Reservation>) -> MutexGuard<'_, Reservation> {
    reservation.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn renew(held: Weak<Mutex<Reservation>>, pause: Duration, mut ended: oneshot::Receiver<()>) {
    loop {
        let Some(sleep) = timers::sleep(pause) else {
            return;
        };
        match select(Box::pin(sleep), &mut ended).await {
            Either::Left(_) => {}
            Either::Right(_) => return,
        }
        // not kept alive while Redis is asked, so that who drops it gives it back at once
        let Some(renewal) = held.upgrade().map(|held| lock(&held).renewal()) else {
            return;
        };
        let renewed = renewal.ask().await;
        let Some(held) = held.upgrade() else {
            return renewed.give_back();
        };
        if !lock(&held).is_renewed(&renewed) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;
    use crate::clock::ManualClock;
    use crate::limit::limiter::Limiter;
    use crate::limit::policy::{Algorithm, Policy};
    use crate::limit::quota::Quota;

    const SECOND: Duration = Duration::from_secs(1);

    fn one_at_once(clock: &ManualClock) -> Limiter {
        let policy = Policy::new("p", Quota::per_minute(1)).algorithm(Algorithm::Concurrency);
        Limiter::new(&policy, clock.clock()).unwrap()
    }

    async fn pass(clock: &ManualClock, seconds: u32) {
        for _ in 0..seconds {
            clock.advance(SECOND);
            tokio::time::advance(SECOND).await;
            yield_now().await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_held_for_as_long_as_it_is_kept_and_then_not_any_more() {
        let clock = ManualClock::new();
        let limiter = one_at_once(&clock);
        let kept = Kept::new(limiter.reserve("ada", 1).await.unwrap());
        pass(&clock, 200).await;
        assert!(limiter.reserve("ada", 1).await.is_err());
        drop(kept);
        assert!(limiter.reserve("ada", 1).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_dropped_is_renewed_by_nobody() {
        let clock = ManualClock::new();
        let limiter = one_at_once(&clock);
        drop(Kept::new(limiter.reserve("ada", 1).await.unwrap()));
        pass(&clock, 200).await;
        assert_eq!(limiter.peek("ada").await.remaining, 1);
    }

    #[test]
    fn without_a_runtime_it_ends_by_itself() {
        let clock = ManualClock::new();
        let limiter = one_at_once(&clock);
        let reserve = || pollster::block_on(limiter.reserve("ada", 1));
        let kept = Kept::new(reserve().unwrap());
        clock.advance(61 * SECOND);
        let other = reserve().unwrap();
        drop(kept);
        assert!(reserve().is_err(), "what ended is not given back twice");
        drop(other);
    }
}
