//! `"90s"`, `"1m"`, `"1h30m"`, `"500ms"`.

use std::time::Duration;

/// The units, longest first, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The duration that `text` spells: numbers with units, the longer unit first, each once.
///
/// # Errors
/// What was found instead.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut millis = 0_u64;
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        if number.is_empty() {
            return Err(format!("found `{rest}` where a number is expected"));
        }
        let (unit, after) = split(after, |c| !c.is_ascii_digit());
        if unit.is_empty() {
            return Err(format!("the number {number} has no unit"));
        }
        let Some((_, each)) = units.find(|(known, _)| *known == unit) else {
            return Err(if UNITS.iter().any(|(known, _)| *known == unit) {
                format!("`{unit}` comes after a shorter unit or twice")
            } else {
                format!("`{unit}` is no unit")
            });
        };
        let number = number.parse::<u64>().ok();
        let added = number
            .and_then(|number| number.checked_mul(*each))
            .and_then(|added| millis.checked_add(added));
        millis = added.ok_or("it is longer than 584 million years")?;
        rest = after;
    }
    Ok(Duration::from_millis(millis))
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, millis) in [
            ("500ms", 500),
            ("90s", 90_000),
            ("1m", 60_000),
            ("1h30m", 5_400_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, why) in [
            ("", "it is empty"),
            ("60", "the number 60 has no unit"),
            ("s", "found `s` where a number is expected"),
            ("1.5s", "`.` is no unit"),
            ("1 m", "` m` is no unit"),
            ("5min", "`min` is no unit"),
            ("1s1m", "`m` comes after a shorter unit or twice"),
            ("1m1m", "`m` comes after a shorter unit or twice"),
            ("-1s", "found `-1s` where a number is expected"),
            (
                "99999999999999999999s",
                "it is longer than 584 million years",
            ),
        ] {
            assert_eq!(duration(text), Err(why.to_owned()), "{text}");
        }
    }
}
