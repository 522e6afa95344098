//! Points in time as RFC 3339 writes them.

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

/// `time` in UTC to the millisecond: `2026-01-01T00:00:00.000Z`.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    const TO_MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    // a clock beyond the year 9999 has no such text
    let time = Timestamp::try_from(time).unwrap_or(Timestamp::MAX);
    TO_MILLISECONDS.timestamp_to_string(&time)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn has_milliseconds_always() {
        assert_eq!(rfc3339(SystemTime::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
        let later = SystemTime::UNIX_EPOCH + Duration::from_micros(1_767_225_600_123_456);
        assert_eq!(rfc3339(later), "2026-01-01T00:00:00.123Z");
    }
}
