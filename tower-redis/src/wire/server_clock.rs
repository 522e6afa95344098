//! What time it is at the server.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::Value;

use crate::clock::{Clock, Moment};

const UNKNOWN: i64 = i64::MIN;

/// How far the server's calendar is from our own monotonic axis, in nanoseconds.
#[derive(Debug)]
pub(super) struct ServerClock {
    offset: AtomicI64,
    known: Mutex<Option<Known>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    offset: i64,
    /// How wrong it may be: half the time the answer took.
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
    /// The server's calendar, as time since 1970; `None` before it was learnt.
    pub(super) fn now(&self, clock: &Clock) -> Option<Duration> {
        let offset = self.offset.load(Ordering::Relaxed);
        if offset == UNKNOWN {
            return None;
        }
        let here = i64::try_from(clock.now().as_nanos()).ok()?;
        let there = u64::try_from(here.saturating_add(offset)).ok()?;
        Some(Duration::from_nanos(there))
    }

    /// Learns from the answer to a TIME that was sent at `sent` and came at `now`: it was given between
    /// the two. Anything but a time is ignored, and so is what says less than is known: an answer that
    /// took long, unless it contradicts what is known, as after a change of the server or of its clock.
    pub(super) fn learn(&self, answer: &Value, sent: Moment, now: Moment) {
        let middle = sent.as_nanos() / 2 + now.as_nanos() / 2;
        let (Some(there), Ok(here)) = (nanos(answer), i64::try_from(middle)) else {
            return;
        };
        let took = now.since(sent).as_nanos() / 2;
        let new = Known {
            offset: there.saturating_sub(here),
            error: i64::try_from(took).unwrap_or(i64::MAX),
            at: now,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none_or(|known| new.says_more_than(known)) {
            *known = Some(new);
            self.offset.store(new.offset, Ordering::Relaxed);
        }
    }
}

impl Known {
    fn says_more_than(self, known: Self) -> bool {
        // two clocks drift apart by some fifty millionths; quartz that is four times as bad is allowed
        let drift = self.at.since(known.at).as_nanos() / 5_000;
        let drift = i64::try_from(drift).unwrap_or(i64::MAX);
        let worse = known.error.saturating_add(drift);
        let apart = self.offset.saturating_sub(known.offset).saturating_abs();
        self.error <= worse || apart > worse.saturating_add(self.error)
    }
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
        manual.advance(Duration::from_secs(1));
        server.learn(&time("1700003600", "0"), sent, clock.now());
        assert_eq!(now(&server), 1_700_003_600_500);
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
