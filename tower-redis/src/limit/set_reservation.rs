//! Permits of several limiters, taken before it is known how many are needed.

use std::fmt;

use futures_util::future::join_all;

use super::decisions::Decisions;
use super::reservation::Reservation;

/// Permits that [`LimiterSet::reserve`](super::LimiterSet::reserve) took of each of its limiters.
/// [`settle`](Self::settle) says how many were needed in the end; dropped before, all are given back, as with
/// [`Reservation`].
#[must_use = "dropped, it gives the permits back"]
pub struct SetReservation {
    each: Vec<Reservation>,
    decisions: Decisions,
}

impl SetReservation {
    pub(super) fn new(each: Vec<Reservation>, decisions: Decisions) -> Self {
        Self { each, decisions }
    }

    /// What was decided when it was made.
    #[must_use]
    pub fn decisions(&self) -> &Decisions {
        &self.decisions
    }

    /// Keeps what a call of `cost` takes charged and gives the rest back. If that is more than was reserved, each
    /// limiter is charged for as much of it as it has; how many permits could not be charged is the answer, of the
    /// limiter that lacks most.
    ///
    /// # Cancellation
    ///
    /// Dropped half-way, each limiter has given back what it was about to, or nothing: never more.
    pub async fn settle(self, cost: u32) -> u64 {
        let each = self.each.into_iter().map(|one| {
            let permits = one.limiter().member().price(cost.into());
            one.settle(permits)
        });
        join_all(each).await.into_iter().max().unwrap_or(0)
    }

    /// One for each limiter, in the order of the set.
    #[cfg(any(feature = "rate-limit", feature = "macros"))]
    pub(crate) fn into_each(self) -> Vec<Reservation> {
        self.each
    }
}

impl fmt::Debug for SetReservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetReservation")
            .field("each", &self.each)
            .finish_non_exhaustive()
    }
}
