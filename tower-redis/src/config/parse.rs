//! From the text of a setting to its value. `None` means that the text is not one of the expected
//! forms; the caller knows their description.

use std::time::Duration;

pub(super) const FLAG: &str = "`true` or `false`";
pub(super) const TTL: &str =
    "a time greater than zero: seconds, or a number with `ms`, `s`, `m`, `h` or `d`";

/// `true`, `yes`, `on` and `1`, or `false`, `no`, `off` and `0`, in any case.
pub(super) fn flag(text: &str) -> Option<bool> {
    let is_one_of = |words: [&str; 4]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_one_of(["true", "yes", "on", "1"]) {
        Some(true)
    } else if is_one_of(["false", "no", "off", "0"]) {
        Some(false)
    } else {
        None
    }
}

/// Whole seconds, or a whole number with a unit. More than a `u64` of milliseconds saturates.
pub(super) fn ttl(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let millis = match unit.trim_start() {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let duration = Duration::from_millis(number.saturating_mul(millis));
    (!duration.is_zero()).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags() {
        for (text, value) in [
            ("true", Some(true)),
            ("1", Some(true)),
            ("On", Some(true)),
            ("FALSE", Some(false)),
            ("no", Some(false)),
            ("0", Some(false)),
            ("2", None),
            ("truee", None),
        ] {
            assert_eq!(flag(text), value, "{text}");
        }
    }

    #[test]
    fn times() {
        for (text, millis) in [
            ("3600", Some(3_600_000)),
            ("250ms", Some(250)),
            ("90s", Some(90_000)),
            ("15 m", Some(900_000)),
            ("1h", Some(3_600_000)),
            ("7d", Some(604_800_000)),
            ("18446744073709551615d", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("0", None),
            ("0h", None),
            ("", None),
            ("h", None),
            ("-1", None),
            ("1.5h", None),
            ("1h30m", None),
            ("1H", None),
        ] {
            assert_eq!(ttl(text), millis.map(Duration::from_millis), "{text}");
        }
    }
}
