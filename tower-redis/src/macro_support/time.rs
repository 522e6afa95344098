//! Times, as expressions say them.

use std::time::Duration;

/// How long something takes. Of the integers it is only `u64`, so that one that nothing else types is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no time",
    label = "expected a `Duration`, or seconds as a `u64`",
    note = "write `Duration::from_secs(..)`, a text like \"90s\", or whole seconds: `60 * 60`, or a constant of type `u64`"
)]
pub trait Time {
    /// As a duration.
    fn time(self) -> Duration;
}

impl Time for Duration {
    fn time(self) -> Duration {
        self
    }
}

impl Time for u64 {
    fn time(self) -> Duration {
        Duration::from_secs(self)
    }
}

/// `time`, of which numbers are seconds.
pub fn time(time: impl Time) -> Duration {
    time.time()
}
