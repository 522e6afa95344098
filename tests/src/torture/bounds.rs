//! What is promised, in numbers.

use std::time::Duration;

/// What `docs/protocol.md` states, and what the run adds to it. A run on a clock that stands still between
/// its steps adds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How long what is loaded lives.
    pub ttl: Duration,
    /// How much later another process sees an invalidation while messages flow.
    pub message: Duration,
    /// The same after messages were lost in silence.
    pub silence: Duration,
    /// What may be served while Redis does not answer; `None` in strict mode: nothing.
    pub outage: Option<Outage>,
    /// How long after a trouble has ended it may still be felt: connections have to be made again.
    pub recovery: Duration,
    /// How much longer than its lifetime something may be served: the clock is coarse, and a load is over
    /// before it is stored.
    pub slack: Duration,
    /// How long a read may take.
    pub patience: Duration,
}

/// What may be served while Redis does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// What was there before: for so long after the feed was last known to be live.
    pub grace: Duration,
    /// What is loaded meanwhile: for so long.
    pub ttl: Duration,
    /// And for so long of that nobody asks whether Redis answers again.
    pub unasked: Duration,
}
