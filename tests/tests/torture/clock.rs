//! A clock that several processes of one machine share.

use std::time::{Duration, SystemTime};

use tests::torture::Instant;

/// Tells how long ago a run began. It goes on steadily; the calendar is asked once, when a process starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: std::time::Instant,
    /// How long the run had lasted then.
    before: Duration,
}

impl Clock {
    /// That of a run which began at `origin`, in nanoseconds since 1970.
    pub(crate) fn since(origin: u64) -> Self {
        Self {
            started: now(),
            before: wall().saturating_sub(Duration::from_nanos(origin)),
        }
    }

    pub(crate) fn now(self) -> Instant {
        Instant::at(self.before + now().duration_since(self.started))
    }
}

/// An origin for a run that begins now.
pub(crate) fn origin() -> u64 {
    u64::try_from(wall().as_nanos()).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "what real processes do is measured on a real clock"
)]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "all processes of a machine read the same calendar"
)]
fn wall() -> Duration {
    let now = SystemTime::now();
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap()
}
