//! What holds while Redis does not answer.

use std::time::Duration;

/// What holds while Redis does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    /// What is near may be used for a while.
    Grace {
        /// For how long after the feed was last known to be live, what was near before.
        grace: Duration,
        /// For how long at most, what is loaded meanwhile.
        ttl: Duration,
    },
    /// Nothing of what is shared is kept or used.
    Strict,
}
