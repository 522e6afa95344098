//! The value of a field, as bytes.

use std::time::Duration;

use http::HeaderValue;

/// As long as a field gets: a name of 64 characters, each of them escaped and all quoted, and twice a
/// parameter's name and the largest integer.
const LONGEST: usize = 64 * 2 + 2 + 2 * (3 + 20);

/// Rounded up, so that who waits as told is not early.
pub(super) fn seconds(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0))
}

/// A Structured Field String (RFC 9651, section 3.3.3), which is a JSON string as well (RFC 8259,
/// section 7): printable ASCII, where both escape the same two characters in the same way.
pub(super) fn quoted(name: &str) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for byte in name.bytes() {
        if matches!(byte, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    quoted
}

/// A field's value while it is put together, once for each answer: the only allocation is that of the
/// value.
pub(super) struct Line {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Line {
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            bytes: [0; LONGEST],
            len: 0,
        }
    }

    #[inline]
    pub(super) fn text(&mut self, text: &[u8]) {
        let end = self.len + text.len();
        // there is room for all that a limiter's name and two numbers take
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(text);
            self.len = end;
        }
    }

    #[inline]
    pub(super) fn number(&mut self, number: u64) {
        self.text(itoa::Buffer::new().format(number).as_bytes());
    }

    /// Always there, since a limiter's name is printable ASCII.
    #[inline]
    pub(super) fn value(&self) -> Option<HeaderValue> {
        HeaderValue::from_bytes(&self.bytes[..self.len]).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_field_fits() {
        let name = "\\".repeat(64);
        let mut line = Line::new();
        line.text(&quoted(&name));
        for parameter in [b";r=", b";t="] {
            line.text(parameter);
            line.number(u64::MAX);
        }
        assert_eq!(line.len, LONGEST);
        let value = line.value().unwrap();
        assert!(value.to_str().unwrap().ends_with(";t=18446744073709551615"));
    }

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!(seconds(Duration::ZERO), 0);
        assert_eq!(seconds(Duration::from_micros(1)), 1);
        assert_eq!(seconds(Duration::from_secs(1)), 1);
        assert_eq!(seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(seconds(Duration::MAX), u64::MAX);
    }
}
