//! What time it is at the server.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use redis::Value;

use crate::clock::{Clock, Moment};

const UNKNOWN: i64 = i64::MIN;

/// How far the server's calendar is from our own monotonic axis, in nanoseconds.
#[derive(Debug)]
pub(super) struct ServerClock(AtomicI64);

impl Default for ServerClock {
    fn default() -> Self {
        Self(AtomicI64::new(UNKNOWN))
    }
}

impl ServerClock {
    /// The server's calendar, as time since 1970; `None` before it was learnt.
    pub(super) fn now(&self, clock: &Clock) -> Option<Duration> {
        let offset = self.0.load(Ordering::Relaxed);
        if offset == UNKNOWN {
            return None;
        }
        let here = i64::try_from(clock.now().as_nanos()).ok()?;
        let there = u64::try_from(here.saturating_add(offset)).ok()?;
        Some(Duration::from_nanos(there))
    }

    /// Learns from the answer to a TIME that was sent at `sent` and came at `now`: it was given between
    /// the two. Anything but a time is ignored.
    pub(super) fn learn(&self, answer: &Value, sent: Moment, now: Moment) {
        let middle = sent.as_nanos() / 2 + now.as_nanos() / 2;
        let (Some(there), Ok(here)) = (nanos(answer), i64::try_from(middle)) else {
            return;
        };
        self.0.store(there.saturating_sub(here), Ordering::Relaxed);
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
