//! When things happened.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point in time: on a clock that all processes share, and, where that stands still, the step of the run.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Instant {
    /// Nanoseconds since an origin of the run.
    pub nanos: u64,
    /// Orders what happens at the same time of the clock.
    pub step: u64,
}

/// From when to when something lasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// When it began.
    pub begin: Instant,
    /// When it ended; `None` if it has not.
    pub end: Option<Instant>,
}

impl Instant {
    /// Later than everything.
    pub const NEVER: Self = Self {
        nanos: u64::MAX,
        step: u64::MAX,
    };

    /// A point of a clock that goes on by itself.
    #[must_use]
    pub const fn at(since: Duration) -> Self {
        Self {
            nanos: nanos(since),
            step: 0,
        }
    }

    /// This and `duration` more.
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self {
            nanos: self.nanos.saturating_add(nanos(duration)),
            ..self
        }
    }

    /// So much earlier than this.
    #[must_use]
    pub const fn before(self, duration: Duration) -> Self {
        Self {
            nanos: self.nanos.saturating_sub(nanos(duration)),
            ..self
        }
    }

    /// How much later than `earlier` this is; zero if it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.nanos.saturating_sub(earlier.nanos))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.nanos / 1_000;
        write!(f, "{}.{:06} s", micros / 1_000_000, micros % 1_000_000)?;
        match self.step {
            0 => Ok(()),
            step => write!(f, " (step {step})"),
        }
    }
}

impl Span {
    /// Both ends are known.
    #[must_use]
    pub const fn new(begin: Instant, end: Instant) -> Self {
        Self {
            begin,
            end: Some(end),
        }
    }

    /// When it ended, or [`Instant::NEVER`].
    #[must_use]
    pub fn until(self) -> Instant {
        self.end.unwrap_or(Instant::NEVER)
    }

    /// Whether the two have a point in common.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.begin <= other.until() && other.begin <= self.until()
    }

    /// The same, ending `more` later.
    #[must_use]
    pub fn and(self, more: Duration) -> Self {
        Self {
            end: self.end.map(|end| end.after(more)),
            ..self
        }
    }
}

const fn nanos(duration: Duration) -> u64 {
    let nanos = duration.as_nanos();
    if nanos > u64::MAX as u128 {
        u64::MAX
    } else {
        nanos as u64
    }
}
