//! Waiting for a condition that is bound to come true.

use std::fmt::Debug;
use std::panic::Location;
use std::time::{Duration, Instant};

/// Far more than anything here takes, on the slowest machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// What a look at a condition gives: the value that was waited for, or what was seen instead.
pub trait Settled {
    /// What is waited for.
    type Value;

    /// The value, or what to tell of its absence.
    ///
    /// # Errors
    /// When it has not come yet.
    fn settled(self) -> Result<Self::Value, String>;
}

impl Settled for bool {
    type Value = ();

    fn settled(self) -> Result<(), String> {
        if self { Ok(()) } else { Err(String::new()) }
    }
}

impl<T> Settled for Option<T> {
    type Value = T;

    fn settled(self) -> Result<T, String> {
        self.ok_or_else(String::new)
    }
}

impl<T, E: Debug> Settled for Result<T, E> {
    type Value = T;

    fn settled(self) -> Result<T, String> {
        self.map_err(|error| format!("{error:?}"))
    }
}

/// Looks until there is what is waited for, and returns it. `look` gives a `bool`, an `Option` or a
/// `Result`; the last error is told when the time is over.
///
/// # Panics
/// After [`DEADLINE`], with `what` and what was seen last.
#[track_caller]
pub fn eventually<S: Settled>(what: &str, mut look: impl FnMut() -> S) -> S::Value {
    let mut wait = Wait::new(what, Location::caller());
    loop {
        match look().settled() {
            Ok(value) => return value,
            Err(seen) => pause(wait.pause(&seen)),
        }
    }
}

/// As [`eventually`], with a look that awaits. It needs a Tokio runtime with time; the deadline is one of
/// real time also where the runtime's is paused.
///
/// # Panics
/// After [`DEADLINE`], with `what` and what was seen last.
#[track_caller]
pub fn eventually_async<S, F>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> impl Future<Output = S::Value>
where
    S: Settled,
    F: Future<Output = S>,
{
    let mut wait = Wait::new(what, Location::caller());
    async move {
        loop {
            // the look itself may be what hangs
            let seen = match tokio::time::timeout(DEADLINE, look()).await {
                Ok(look) => match look.settled() {
                    Ok(value) => return value,
                    Err(seen) => seen,
                },
                Err(_) => "the look itself did not end".to_owned(),
            };
            tokio::time::sleep(wait.pause(&seen)).await;
        }
    }
}

struct Wait {
    what: String,
    asked: &'static Location<'static>,
    began: Instant,
    next: Duration,
}

impl Wait {
    fn new(what: &str, asked: &'static Location<'static>) -> Self {
        Self {
            what: what.to_owned(),
            asked,
            began: now(),
            next: Duration::from_millis(1),
        }
    }

    #[expect(clippy::panic, reason = "a helper of tests fails as a test does")]
    fn pause(&mut self, seen: &str) -> Duration {
        if now().duration_since(self.began) > DEADLINE {
            let last = if seen.is_empty() {
                String::new()
            } else {
                format!("; last seen: {seen}")
            };
            let Self { what, asked, .. } = self;
            panic!("waited {DEADLINE:?} in vain for this: {what} (asked at {asked}){last}");
        }
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST_PAUSE);
        pause
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a deadline for what happens outside this process, which no clock of ours turns"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "between two looks at a condition that tells nobody when it comes true"
)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
