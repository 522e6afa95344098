//! HTTP-date (RFC 9110 section 5.6.7).

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Seconds since 1970, if `text` is a date in one of the three forms (the last has two ways to write a day),
/// spaces around it aside. Each form is written with what stands in its places, and has to be the text.
pub(crate) fn read(text: &str) -> Option<u64> {
    read_as(text, |one, other| one == other)
}

/// The same without case, as RFC 9111 section 4.2 wants it for freshness.
pub(crate) fn read_any_case(text: &str) -> Option<u64> {
    read_as(text, str::eq_ignore_ascii_case)
}

fn read_as(text: &str, same: impl Fn(&str, &str) -> bool) -> Option<u64> {
    let text = text.trim();
    let number = |place: &str| -> Option<u64> {
        let digits = place.trim_start_matches(' ');
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| plain)
    };
    let words: Vec<&str> = text.split(' ').collect();
    let (year, month, day, clock) = match &words[..] {
        [_, day, month, year, clock, zone] if same(zone, "GMT") => {
            (number(year)?, *month, number(day)?, *clock)
        }
        [_, date, clock, zone] if same(zone, "GMT") => {
            let [day, month, year] = three(date, '-')?;
            let year = number(year)?;
            let century = if year < 70 { 2000 } else { 1900 };
            (century + year, month, number(day)?, *clock)
        }
        [_, month, day, clock, year] | [_, month, "", day, clock, year] => {
            (number(year)?, *month, number(day)?, *clock)
        }
        _ => return None,
    };
    let [hour, minute, second] = three(clock, ':')?;
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    let month = MONTHS.iter().position(|known| same(known, month))?;
    if !(1970..10_000).contains(&year) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let before = (1970..year).map(days_in_year).sum::<u64>();
    let months = (0..month).map(|month| days_in(month, year)).sum::<u64>();
    let days = before + months + day.checked_sub(1)?;
    if day > days_in(month, year) {
        return None;
    }
    // 1 January 1970 was a Thursday
    let weekday = DAYS.get(usize::try_from((days + 3) % 7).ok()?)?;
    let (short, month, of_century) = (weekday.get(..3)?, MONTHS.get(month)?, year % 100);
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    let forms = [
        format!("{short}, {day:02} {month} {year} {clock} GMT"),
        format!("{weekday}, {day:02}-{month}-{of_century:02} {clock} GMT"),
        format!("{short} {month} {day:2} {clock} {year}"),
        format!("{short} {month} {day:02} {clock} {year}"),
    ];
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    forms.iter().any(|form| same(form, text)).then_some(seconds)
}

fn three(text: &str, between: char) -> Option<[&str; 3]> {
    let parts: Vec<&str> = text.split(between).collect();
    parts.try_into().ok()
}

fn days_in_year(year: u64) -> u64 {
    (0..12).map(|month| days_in(month, year)).sum()
}

fn days_in(month: usize, year: u64) -> u64 {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        1 if leap => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}
