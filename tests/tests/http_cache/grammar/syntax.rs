//! How the same thing can be written, and how it is written wrong.

use tests::Random;

use crate::reference::{asctime, imf, rfc850};

pub(crate) fn one_of<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    &all[random.index(all.len())]
}

/// An argument of seconds.
pub(crate) fn seconds(random: &mut Random) -> String {
    let plain = *one_of(random, &["0", "1", "5", "10", "10", "20", "60"]);
    const ODD: [&str; 16] = [
        "\"10\"",
        "010",
        "\"1\\0\"",
        "",
        "\"\"",
        "abc",
        "-1",
        "+10",
        "1.5",
        "10s",
        "10 5",
        " 10",
        "\"10",
        "4294967296",
        "99999999999999999999",
        "0x10",
    ];
    match random.below(12) {
        0 => (*one_of(random, &ODD)).to_owned(),
        _ => plain.to_owned(),
    }
}

/// A name as somebody may write it.
pub(crate) fn cased(random: &mut Random, name: &str) -> String {
    match random.below(12) {
        0 => name.to_ascii_uppercase(),
        1 => name[..1].to_ascii_uppercase() + &name[1..],
        _ => name.to_owned(),
    }
}

/// A list in one or two lines.
pub(crate) fn lines(random: &mut Random, elements: &[String]) -> Vec<String> {
    const BETWEEN: [&str; 5] = [",", " , ", ",,", ", ,", ",\t"];
    let between = match random.below(4) {
        0 => *one_of(random, &BETWEEN),
        _ => ", ",
    };
    if elements.len() > 1 && random.once_in(6) {
        let (first, second) = elements.split_at(1 + random.index(elements.len() - 1));
        return vec![first.join(between), second.join(between)];
    }
    match random.below(30) {
        0 => vec![format!(", {}", elements.join(between))],
        1 => vec![format!("{},", elements.join(between))],
        _ => vec![elements.join(between)],
    }
}

/// A date near `now`, in one of the three forms.
pub(crate) fn date(random: &mut Random, at: u64) -> String {
    let date = match random.below(10) {
        0 => rfc850(at),
        1 => asctime(at),
        _ => imf(at),
    };
    match random.below(20) {
        0 => date.to_ascii_lowercase(),
        1 => date.to_ascii_uppercase(),
        _ => date,
    }
}

/// What some take for a date.
pub(crate) fn no_date(random: &mut Random, at: u64) -> String {
    let date = imf(at);
    match random.below(8) {
        0 => "0".to_owned(),
        1 => "-1".to_owned(),
        2 => String::new(),
        3 => date.replace("GMT", "+0000"),
        4 => date.replace("GMT", "UTC"),
        5 => date.replace(" GMT", ""),
        6 => date.replace(", ", " "),
        _ => at.to_string(),
    }
}
