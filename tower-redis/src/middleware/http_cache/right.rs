//! The right to store an answer, here and in Redis.

use std::sync::Arc;

use crate::cache::far::Flight;
use crate::cache::flight::{Awaited, Fills as _, Permit, Waiters};
use crate::cache::lineage::Node;
use crate::clock::Moment;

use super::kept::Kept;

/// The right to store an answer, here and in Redis. Dropped, it stores nothing, and one of those who wait for the
/// answer asks the origin.
#[derive(Debug)]
pub(crate) struct Right(Flight<Kept>);

impl Right {
    /// To store it in this process alone.
    pub(crate) fn near(permit: Permit<Kept>) -> Self {
        Self(Flight::near(permit))
    }

    /// As the far tier has granted it.
    pub(crate) fn of(flight: Flight<Kept>) -> Self {
        Self(flight)
    }

    pub(crate) fn key(&self) -> &[u8] {
        self.0.permit.key()
    }

    /// The load it belongs to.
    pub(crate) fn node(&self) -> &Arc<Node> {
        self.0.permit.node()
    }

    /// Whether anybody waits for the answer.
    pub(crate) fn awaited(&self) -> Awaited<Kept> {
        self.0.permit.awaited()
    }

    /// Lets others have what is `coming`, before it can be stored. The request was `sent` then.
    pub(crate) fn announce(&mut self, coming: &Kept, sent: Moment) {
        self.0.permit.announce(coming, sent);
    }

    /// Ends the flight, and keeps the right.
    pub(crate) fn dismiss(&mut self) -> Waiters<Kept> {
        self.0.permit.dismiss()
    }

    /// Gives it back.
    pub(crate) fn settle(self) -> Waiters<Kept> {
        self.0.permit.settle()
    }

    pub(crate) fn into_flight(self) -> Flight<Kept> {
        self.0
    }

    /// The same, in this process alone.
    pub(crate) fn into_near(self) -> Flight<Kept> {
        Flight::near(self.0.permit)
    }
}
