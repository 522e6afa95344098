//! Loads under way: one leader per key, the others wait, and an invalidation beats them all.
//!
//! Every load, led or not, holds a [`Permit`] and with it the right to fill. The table keeps one
//! record per key that is being loaded. Breaking a record takes it out of the table: whoever comes
//! later does not see it, and its permits may no longer fill. Filling and breaking exclude each other
//! (both hold the key's shard), so a fill lands entirely before an invalidation, which then removes
//! it, or is refused.
//!
//! What waiters find ([`Outcome`]) is told through a watch channel whose sender dies with the leader:
//! a leader that is dropped half-way wakes them, and the first to come back leads the next flight.
//! A leader that *panicked* would probably panic again, and one waiter after the other with it; they
//! are released together instead, a few at a time.

mod flights;
mod leader;
mod outcome;
mod permit;
mod shard;
mod table;

pub(crate) use flights::{Flights, Turn};
pub(crate) use leader::Present;
pub(crate) use outcome::{Follower, Gate, Outcome, Pass};
pub(crate) use permit::Permit;
