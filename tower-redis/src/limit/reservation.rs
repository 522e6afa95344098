//! Permits that are taken before it is known how many are needed.

use std::fmt;

use super::charge::{Charged, Judged};
use super::decision::Decision;
use super::limiter::Limiter;
use super::resets::Age;

/// Permits that [`Limiter::reserve`] took. [`settle`](Self::settle) says how many were needed in the end;
/// dropped before, all are given back.
///
/// What is given back is what the call was charged, and no more: what has come back by itself meanwhile is not
/// given twice. While Redis does not answer it stays charged there, until it comes back by itself.
#[must_use = "dropped, it gives the permits back"]
pub struct Reservation {
    limiter: Limiter,
    key: Box<[u8]>,
    permits: u64,
    judged: Judged,
    age: Age,
}

impl Reservation {
    pub(super) fn new(
        limiter: Limiter,
        key: Box<[u8]>,
        permits: u64,
        (judged, age): (Judged, Age),
    ) -> Self {
        Self {
            limiter,
            key,
            permits,
            judged,
            age,
        }
    }

    /// Whether its permits were given back already, with all of its key.
    fn is_past(&self) -> bool {
        let resets = &self.limiter.member().resets;
        resets.is_past(&self.key, self.age)
    }

    /// What was decided when it was made.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.judged.decision
    }

    /// The permits it holds.
    #[must_use]
    pub fn permits(&self) -> u64 {
        self.permits
    }

    /// Keeps `permits` of them charged and gives the rest back. If more were needed than it holds, what is there
    /// of them is charged as well; how many could not be is the answer.
    ///
    /// # Cancellation
    ///
    /// Dropped half-way, it has given back what it was about to, or nothing: never more.
    pub async fn settle(mut self, permits: u64) -> u64 {
        let rest = self.permits.saturating_sub(permits);
        let more = permits.saturating_sub(self.permits);
        self.permits = 0;
        if rest > 0 && !self.is_past() {
            self.limiter
                .give_back(&self.key, self.judged.charged, rest)
                .await;
        }
        if more == 0 {
            return 0;
        }
        more - self.limiter.take(&self.key, 1, more).await.passed
    }

    /// Leaves all of them charged.
    #[cfg(any(feature = "rate-limit", feature = "macros"))]
    pub(crate) fn keep(mut self) {
        self.permits = 0;
    }

    /// Charges its permits now instead of when they were, so that they end a period from now; whether it still
    /// held them.
    pub(super) async fn renew(&mut self) -> bool {
        let renewed = self.renewal().ask().await;
        self.is_renewed(&renewed)
    }

    /// The question whether it may hold its permits for longer.
    pub(super) fn renewal(&self) -> Renewal {
        Renewal {
            limiter: self.limiter.clone(),
            key: self.key.clone(),
            charged: Some(self.judged.charged),
            permits: self.permits,
        }
    }

    /// Learns the answer; whether it still holds them.
    pub(super) fn is_renewed(&mut self, renewed: &Renewal) -> bool {
        match renewed.charged {
            Some(charged) => self.judged.charged = charged,
            None => self.permits = 0,
        }
        renewed.charged.is_some()
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.limiter
    }
}

/// A reservation that is to be charged now instead of when it was.
#[must_use]
pub(super) struct Renewal {
    limiter: Limiter,
    key: Box<[u8]>,
    /// Nothing, if the permits were not held any more.
    charged: Option<Charged>,
    permits: u64,
}

impl Renewal {
    pub(super) async fn ask(mut self) -> Self {
        if let Some(charged) = self.charged {
            self.charged = self.limiter.renew(&self.key, charged, self.permits).await;
        }
        self
    }

    /// Nobody holds it any more.
    #[cfg(any(feature = "rate-limit", feature = "macros"))]
    pub(super) fn give_back(self) {
        if let Some(charged) = self.charged {
            self.limiter
                .give_back_behind(&self.key, charged, self.permits);
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.permits > 0 && !self.is_past() {
            self.limiter
                .give_back_behind(&self.key, self.judged.charged, self.permits);
        }
    }
}

// the key may be a secret
impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation")
            .field("limiter", &self.limiter)
            .field("permits", &self.permits)
            .finish_non_exhaustive()
    }
}
