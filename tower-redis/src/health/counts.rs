//! What the way to Redis has done so far.

/// A snapshot of the calls to Redis since the toolkit was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RedisStats {
    /// Commands and scripts that were sent.
    pub operations: u64,
    /// Those nobody answered in time, or whose connection broke: nobody knows whether they were done.
    pub timeouts: u64,
    /// Those that were not sent, since Redis was known to be away.
    pub refused: u64,
    /// Connections that were made.
    pub connects: u64,
    /// Connections that broke, or were given up because nothing came back.
    pub losses: u64,
    /// Whether calls are refused at once now, until Redis answers a probe.
    pub away: bool,
}
