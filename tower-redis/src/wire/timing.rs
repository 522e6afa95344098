//! How long things may take.

use std::time::Duration;

use crate::rng;

/// Calls in a row without an answer after which a connection counts as dead.
pub(super) const SILENT_CALLS: u32 = 5;
/// Steps in which a deadline is counted.
pub(super) const STEPS: u32 = 8;
/// Steps that are counted on after the last thing that a call may have started is over.
const IDLE_STEPS: u32 = 200;
/// Between two looks at a server that was last seen working.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);
/// Between two probes of a server that is away, once it has been away for a while.
pub(super) const PROBE: Duration = Duration::from_millis(250);
/// Before the first probe.
pub(super) const FIRST_PROBE: Duration = Duration::from_millis(10);
/// The least time that making a connection gets.
const CONNECT: Duration = Duration::from_millis(250);

/// What follows from the deadline of one operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timing {
    /// One operation.
    pub(super) deadline: Duration,
    /// One step of a deadline.
    pub(super) step: Duration,
    /// Making a connection, from the look-up of the name to the first answer.
    pub(super) connect: Duration,
}

impl Timing {
    pub(super) fn of(deadline: Duration) -> Self {
        Self {
            deadline,
            step: (deadline / STEPS).max(Duration::from_millis(1)),
            connect: deadline.max(CONNECT),
        }
    }

    /// Steps without a call after which nobody counts any more.
    pub(super) fn idle_steps(self) -> u32 {
        // an attempt to connect, and the longest pause after it
        let longest = self.steps(self.connect + 2 * PROBE);
        longest.saturating_add(IDLE_STEPS)
    }

    /// The steps that making a connection may take.
    pub(super) fn connect_steps(self) -> u32 {
        self.steps(self.connect)
    }

    /// The steps that take at least `time`.
    pub(super) fn steps(self, time: Duration) -> u32 {
        let steps = time.as_nanos().div_ceil(self.step.as_nanos());
        u32::try_from(steps).unwrap_or(u32::MAX)
    }
}

/// Pauses between attempts: short at first, then longer up to `most`, each a little different, so that
/// many processes do not come back at the same moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pauses {
    next: Duration,
    most: Duration,
}

impl Pauses {
    pub(super) fn up_to(most: Duration) -> Self {
        Self {
            next: FIRST_PROBE,
            most,
        }
    }

    /// At least this long from the next pause on.
    pub(super) fn slow_down(&mut self, most: Duration) {
        self.most = most;
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next.min(self.most);
        self.next = (pause * 2).min(self.most);
        // from three quarters to five quarters of it
        let [byte, ..] = rng::draw().to_le_bytes();
        let parts = 768 + u32::from(byte) * 2;
        Some(pause * parts / 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_most_and_differ() {
        let most = Duration::from_millis(250);
        let pauses: Vec<_> = Pauses::up_to(most).take(200).collect();
        assert!(pauses[0] < Duration::from_millis(13), "{:?}", pauses[0]);
        let late = &pauses[6..];
        assert!(late.iter().all(|pause| *pause >= most * 3 / 4));
        assert!(late.iter().all(|pause| *pause <= most * 5 / 4));
        assert!(late.iter().any(|pause| *pause != late[0]));
    }

    #[test]
    fn a_deadline_has_steps_of_at_least_a_millisecond() {
        let timing = Timing::of(Duration::from_millis(50));
        assert_eq!(timing.step, Duration::from_micros(6_250));
        assert_eq!(timing.connect_steps(), 40);
        assert_eq!(
            Timing::of(Duration::from_millis(2)).step,
            Duration::from_millis(1)
        );
    }

    #[test]
    fn steps_are_counted_for_longer_than_anything_takes() {
        for millis in 1..1_000 {
            let timing = Timing::of(Duration::from_millis(millis));
            let pause = timing.steps(PROBE * 5 / 4);
            let longest = (timing.connect_steps() + pause).max(STEPS);
            assert!(timing.idle_steps() > longest + 3, "{millis} ms");
        }
    }
}
