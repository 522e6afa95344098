//! A limit for the time of a load.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::time::Duration;

/// A load took longer than it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOut {
    limit: Duration,
}

impl TimedOut {
    /// How long it was given.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.limit
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the load took longer than {:?}", self.limit)
    }
}

impl StdError for TimedOut {}

/// Gives `load` at most `limit`, and drops it then: the hard timeout of a load. It is a failure like any other,
/// so something stale may answer in its place.
///
/// ```
/// use std::time::Duration;
/// use tower_redis::Toolkit;
/// use tower_redis::cache::{TimedOut, within};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let slow = std::future::pending::<Result<String, anyhow::Error>>;
/// let users = Toolkit::in_memory().cache::<u64, String>("users").build()?;
/// let load = || within(Duration::from_millis(10), slow());
/// let error = users.get_or_load(&7, load).await.unwrap_err();
/// assert!(error.is::<TimedOut>());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The error of the load, or one made of [`TimedOut`].
///
/// # Panics
/// Outside a Tokio runtime, or in one without time: nothing tells the time there.
pub async fn within<T, E: From<TimedOut>>(
    limit: Duration,
    load: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    within_or(limit, load, |late| Err(late.into())).await
}

/// The same of what need not be a `Result`: `late` answers for a load that takes too long.
pub(crate) async fn within_or<R>(
    limit: Duration,
    load: impl Future<Output = R>,
    late: impl FnOnce(TimedOut) -> R,
) -> R {
    match tokio::time::timeout(limit, load).await {
        Ok(loaded) => loaded,
        Err(_) => late(TimedOut { limit }),
    }
}
