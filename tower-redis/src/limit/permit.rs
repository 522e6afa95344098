//! Permits that are held while something is done.

use std::fmt;
use std::pin::pin;

use futures_util::future::{Either, select};

use super::decision::Decision;
use super::reservation::Reservation;

/// One that is at it, of as many as [`Algorithm::Concurrency`](super::Algorithm::Concurrency) lets be:
/// [`Limiter::hold`](super::Limiter::hold) gives it.
///
/// Dropped, it is given back. One that is neither dropped nor [renewed](Self::renew) ends a period after it was
/// made: a process that died holds nothing for longer than that.
#[must_use = "dropped, it is given back"]
pub struct Permit(Reservation);

impl Permit {
    pub(super) fn new(reservation: Reservation) -> Self {
        Self(reservation)
    }

    /// What was decided when it was made.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.0.decision()
    }

    /// Holds it for another period from now. `false` when it had ended before, and somebody else may hold it:
    /// then what it was held for should stop.
    ///
    /// While Redis does not answer it is held as long as it was, and `true`.
    ///
    /// # Cancellation
    ///
    /// Dropped half-way, it may have been renewed.
    pub async fn renew(&mut self) -> bool {
        self.0.renew().await
    }

    /// Does `work`, and renews the permit three times a period meanwhile. `None` when it ended all the same, as
    /// when the process was stopped for longer than that: then `work` is dropped.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, or in one without time: nothing tells the time there.
    pub async fn during<F: Future>(mut self, work: F) -> Option<F::Output> {
        let mut work = pin!(work);
        let pause = self.0.limiter().window() / 3;
        loop {
            let pause = pin!(tokio::time::sleep(pause));
            match select(work.as_mut(), pause).await {
                Either::Left((done, _)) => return Some(done),
                Either::Right(((), _)) => {}
            }
            if !self.renew().await {
                return None;
            }
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permit").field(&self.0).finish()
    }
}
