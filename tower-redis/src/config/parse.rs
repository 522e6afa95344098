//! From the text of a setting to its value. `None` means that the text is not one of the expected
//! forms; the caller knows their description.

use std::str::FromStr;
use std::time::Duration;

pub(super) const FLAG: &str = "`true` or `false`";
pub(super) const SIZE: &str =
    "a number of bytes greater than zero (`CACHE_COMPRESSION=none` compresses nothing)";
pub(super) const TTL: &str =
    "a time greater than zero: whole seconds, or one like `500ms`, `90s`, `15m` or `1h30m`";

/// Longest first, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

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

/// Whole seconds, or numbers with units as `#[cached(ttl = "..")]` takes them: the longer unit first,
/// each once. More than a `u64` of milliseconds saturates.
pub(super) fn ttl(text: &str) -> Option<Duration> {
    let millis = match text.parse::<u64>() {
        Ok(seconds) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            seconds.saturating_mul(1_000)
        }
        _ => with_units(text)?,
    };
    (millis > 0).then_some(Duration::from_millis(millis))
}

/// A whole number in digits alone.
pub(super) fn count<N: FromStr>(text: &str) -> Option<N> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Bytes.
pub(super) fn size(text: &str) -> Option<usize> {
    count(text).filter(|bytes| *bytes > 0)
}

/// A port to connect to.
#[cfg(feature = "redis")]
pub(super) fn port(text: &str) -> Option<u16> {
    count(text).filter(|port| *port > 0)
}

/// What may be the name of a host or its address, also with brackets around it.
#[cfg(feature = "redis")]
pub(super) fn host(text: &str) -> Option<String> {
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let text = inner.unwrap_or(text);
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/@[]?#\u{FFFD}".contains(c);
    (!text.is_empty() && !text.contains(odd)).then(|| text.to_owned())
}

fn with_units(text: &str) -> Option<u64> {
    let (mut rest, mut units, mut millis) = (text, UNITS.iter(), 0_u64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(|byte| !byte.is_ascii_digit());
        let (unit, after) = after.split_at(letters.count());
        let (_, each) = units.find(|(known, _)| *known == unit)?;
        let number: u64 = number.parse().ok()?;
        millis = millis.saturating_add(number.saturating_mul(*each));
        rest = after;
    }
    Some(millis)
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
    fn numbers() {
        assert_eq!(count("20"), Some(20_usize));
        for text in ["", "+1", "-1", "1.0", "1 000", "99999999999999999999"] {
            assert_eq!(count::<usize>(text), None, "{text}");
        }
        assert_eq!(size("1024"), Some(1024));
        assert_eq!(size("off"), None);
        assert_eq!(size("0"), None);
        assert_eq!(size("1k"), None);
    }

    #[test]
    fn times() {
        for (text, millis) in [
            ("3600", Some(3_600_000)),
            ("250ms", Some(250)),
            ("90s", Some(90_000)),
            ("15m", Some(900_000)),
            ("1h30m", Some(5_400_000)),
            ("1d2h3m4s5ms", Some(93_784_005)),
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
            ("+1", None),
            ("15 m", None),
            ("30m1h", None),
            ("1m1m", None),
            ("1h30", None),
            ("1H", None),
            ("1\u{e9}", None),
        ] {
            assert_eq!(ttl(text), millis.map(Duration::from_millis), "{text}");
        }
    }
}
