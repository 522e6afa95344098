//! What time it is at the server.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::Value;

use crate::clock::{Clock, Moment};

const UNKNOWN: i64 = i64::MIN;

/// What may be further from the truth, in nanoseconds, is no time to go by: an answer took twice as long.
const MOST_WRONG: i64 = 50_000_000;

/// How far the server's calendar is from our own monotonic axis, in nanoseconds.
#[derive(Debug)]
pub(super) struct ServerClock {
    /// What is known, if that is good enough to go by.
    offset: AtomicI64,
    known: Mutex<Option<Known>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    offset: i64,
    /// How wrong it may have been when it was learnt: half the time the answer took.
    error: i64,
    at: Moment,
}

impl Default for ServerClock {
    fn default() -> Self {
        Self {
            offset: AtomicI64::new(UNKNOWN),
            known: Mutex::default(),
        }
    }
}

impl ServerClock {
    /// The server's calendar, as time since 1970, to within 50 milliseconds; `None` before it was learnt
    /// as well as that.
    pub(super) fn now(&self, clock: &Clock) -> Option<Duration> {
        let offset = self.offset.load(Ordering::Relaxed);
        if offset == UNKNOWN {
            return None;
        }
        calendar(clock.now(), offset)
    }

    /// Whether there is an answer to [`now`](Self::now).
    pub(super) fn is_known(&self) -> bool {
        self.offset.load(Ordering::Relaxed) != UNKNOWN
    }

    /// When `limit` from now is over at the server, whatever is wrong about what is known: never earlier,
    /// and later by no more than the answer took that it was learnt from. `None` before there was one.
    pub(super) fn latest(&self, limit: Duration, clock: &Clock) -> Option<Duration> {
        let known = (*self.known())?;
        let now = clock.now();
        let offset = known.offset.saturating_add(known.error_at(now));
        calendar(now, offset)?.checked_add(limit)
    }

    /// Learns from the answer to a TIME that was sent at `sent` and came at `now`: it was given between
    /// the two. Anything but a time is ignored, and so is what says less than is known: an answer that
    /// took long, unless it contradicts what is known, as after a change of the server or of its clock.
    pub(super) fn learn(&self, answer: &Value, sent: Moment, now: Moment) {
        let middle = sent.as_nanos() / 2 + now.as_nanos() / 2;
        let (Some(there), Ok(here)) = (nanos(answer), i64::try_from(middle)) else {
            return;
        };
        // what the halves lose is rounded up
        let took = now.since(sent).as_nanos() / 2 + 1;
        let new = Known {
            offset: there.saturating_sub(here),
            error: i64::try_from(took).unwrap_or(i64::MAX),
            at: now,
        };
        let mut known = self.known();
        if known.is_none_or(|known| new.says_more_than(known)) {
            *known = Some(new);
            let is_good = new.error <= MOST_WRONG;
            let offset = if is_good { new.offset } else { UNKNOWN };
            self.offset.store(offset, Ordering::Relaxed);
        }
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// How wrong it may be at `now`.
    fn error_at(self, now: Moment) -> i64 {
        // two clocks drift apart by some fifty millionths; quartz that is four times as bad is allowed
        let drift = now.since(self.at).as_nanos() / 5_000;
        let drift = i64::try_from(drift).unwrap_or(i64::MAX);
        self.error.saturating_add(drift)
    }

    fn says_more_than(self, known: Self) -> bool {
        let worse = known.error_at(self.at);
        let apart = self.offset.saturating_sub(known.offset).saturating_abs();
        self.error <= worse || apart > worse.saturating_add(self.error)
    }
}

/// The server's calendar at `here`.
fn calendar(here: Moment, offset: i64) -> Option<Duration> {
    let here = i64::try_from(here.as_nanos()).ok()?;
    let there = u64::try_from(here.saturating_add(offset)).ok()?;
    Some(Duration::from_nanos(there))
}

fn nanos(answer: &Value) -> Option<i64> {
    let Value::Array(parts) = answer else {
        return None;
    };
    let [seconds, micros] = &parts[..] else {
        return None;
    };
    let seconds = number(seconds)?.checked_mul(1_000_000_000)?;
    seconds.checked_add(number(micros)?.checked_mul(1_000)?)
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::BulkString(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn time(seconds: &str, micros: &str) -> Value {
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        Value::Array(vec![text(seconds), text(micros)])
    }

    #[test]
    fn it_goes_on_from_what_was_learnt() {
        let manual = ManualClock::new();
        let (clock, server) = (manual.clock(), ServerClock::default());
        assert_eq!(server.now(&clock), None);
        let sent = clock.now();
        manual.advance(Duration::from_millis(10));
        server.learn(&time("1700000000", "500000"), sent, clock.now());
        assert_eq!(
            server.now(&clock),
            Some(Duration::from_millis(1_700_000_000_505))
        );
        manual.advance(Duration::from_secs(3));
        assert_eq!(
            server.now(&clock),
            Some(Duration::from_millis(1_700_000_003_505))
        );
    }

    #[test]
    fn a_slow_answer_teaches_only_what_was_not_known() {
        let manual = ManualClock::new();
        let (clock, server) = (manual.clock(), ServerClock::default());
        let origin = clock.now();
        let now = |server: &ServerClock| server.now(&clock).unwrap().as_millis();
        server.learn(&time("1700000000", "0"), origin, origin);
        // half a second late, which its own slowness explains
        manual.advance(Duration::from_secs(1));
        server.learn(&time("1700000000", "900000"), origin, clock.now());
        assert_eq!(now(&server), 1_700_000_001_000);
        // an hour late, which nothing explains but another clock
        let sent = clock.now();
        manual.advance(Duration::from_millis(80));
        server.learn(&time("1700003600", "0"), sent, clock.now());
        assert_eq!(now(&server), 1_700_003_600_040);
    }

    #[test]
    fn what_is_done_in_time_is_never_too_late_however_slow_the_answer_was() {
        let limit = Duration::from_millis(50);
        for (before, after) in [(0, 0), (0, 300), (300, 0), (150, 150), (1, 4_000)] {
            let manual = ManualClock::new();
            let (clock, server) = (manual.clock(), ServerClock::default());
            let begin = Duration::from_secs(1_700_000_000);
            let sent = clock.now();
            let [before, after] = [before, after].map(Duration::from_millis);
            manual.advance(before + after);
            let millis = before.as_millis() as u64;
            server.learn(
                &time("1700000000", &(millis * 1_000).to_string()),
                sent,
                clock.now(),
            );
            for passed in [0, 1, 3_600].map(Duration::from_secs) {
                manual.advance(passed);
                let latest = server.latest(limit, &clock).unwrap();
                let now = begin + clock.now().since(sent);
                assert!(latest >= now + limit, "{before:?} {after:?} {passed:?}");
                // nor much later than that
                let slack = before + after + Duration::from_secs(2);
                assert!(latest <= now + limit + slack, "{before:?} {after:?}");
            }
        }
    }

    #[test]
    fn what_may_be_far_from_the_truth_is_not_told_as_the_time() {
        let manual = ManualClock::new();
        let (clock, server) = (manual.clock(), ServerClock::default());
        let sent = clock.now();
        manual.advance(Duration::from_millis(300));
        server.learn(&time("1700000000", "0"), sent, clock.now());
        assert_eq!(server.now(&clock), None);
        let sent = clock.now();
        manual.advance(Duration::from_millis(10));
        server.learn(&time("1700000000", "305000"), sent, clock.now());
        let now = Duration::from_millis(1_700_000_000_310);
        assert_eq!(server.now(&clock), Some(now));
    }

    #[test]
    fn what_is_no_time_teaches_nothing() {
        let (clock, server) = (ManualClock::new().clock(), ServerClock::default());
        for answer in [
            Value::Nil,
            Value::Array(vec![]),
            time("many", "1"),
            time("9223372036854775807", "1"),
        ] {
            server.learn(&answer, clock.now(), clock.now());
            assert_eq!(server.now(&clock), None);
        }
    }
}
