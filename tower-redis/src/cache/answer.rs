//! What one lookup answers.

use super::status::{Lookup, Status};

/// What one lookup answers: the value, or the load's own error.
pub(crate) type Answer<V, E> = Lookup<Result<V, E>>;

/// A value that answers without a load.
pub(super) fn answer<V, E>(value: V, status: Status) -> Answer<V, E> {
    Lookup::new(Ok(value), status)
}

/// The answer of another call's load.
pub(super) fn coalesced<V, E>(answer: Result<V, E>) -> Answer<V, E> {
    Lookup::new(answer, Status::Coalesced)
}
