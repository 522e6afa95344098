//! HTTP-date, RFC 9110 section 5.6.7.

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LONG_DAYS: [&str; 7] = [
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

fn is_leap(year: u64) -> bool {
    (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
}

fn days_of(month: usize, year: u64) -> u64 {
    match month {
        1 if is_leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

/// Year, month from 0, day from 1, hour, minute, second, and the day of the week from Monday.
fn civil(seconds: u64) -> (u64, usize, u64, [u64; 3], usize) {
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    // 1 January 1970 was a Thursday
    let weekday = usize::try_from((days + 3) % 7).unwrap();
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let mut month = 0;
    while days >= days_of(month, year) {
        days -= days_of(month, year);
        month += 1;
    }
    let time = [rest / 3_600, rest / 60 % 60, rest % 60];
    (year, month, days + 1, time, weekday)
}

/// The preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn imf(seconds: u64) -> String {
    let (year, month, day, [hour, minute, second], weekday) = civil(seconds);
    let (weekday, month) = (DAYS[weekday], MONTHS[month]);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

/// The first obsolete form: `Sunday, 06-Nov-94 08:49:37 GMT`.
pub(crate) fn rfc850(seconds: u64) -> String {
    let (year, month, day, [hour, minute, second], weekday) = civil(seconds);
    let (weekday, month, year) = (LONG_DAYS[weekday], MONTHS[month], year % 100);
    format!("{weekday}, {day:02}-{month}-{year:02} {hour:02}:{minute:02}:{second:02} GMT")
}

/// The other one: `Sun Nov  6 08:49:37 1994`.
pub(crate) fn asctime(seconds: u64) -> String {
    let (year, month, day, [hour, minute, second], weekday) = civil(seconds);
    let (weekday, month) = (DAYS[weekday], MONTHS[month]);
    format!("{weekday} {month} {day:2} {hour:02}:{minute:02}:{second:02} {year}")
}

/// Seconds since 1970, if `text` is one of the three.
pub(crate) fn read(text: &str) -> Option<u64> {
    read_as(text, |one, other| one == other)
}

/// The same without case, as section 4.2 wants it for freshness.
pub(crate) fn read_any_case(text: &str) -> Option<u64> {
    read_as(text, str::eq_ignore_ascii_case)
}

/// What is written back is what was read, so there is no leniency but for what is the `same`.
fn read_as(text: &str, same: impl Fn(&str, &str) -> bool) -> Option<u64> {
    let words: Vec<&str> = text.split([' ', '-', ':', ',']).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word.parse::<u64>().ok();
    let (day, month, year, time) = match words.as_slice() {
        [_, day, month, year, h, m, s, zone] if same(zone, "GMT") => (day, month, year, [h, m, s]),
        [_, month, day, h, m, s, year] => (day, month, year, [h, m, s]),
        _ => return None,
    };
    let month = MONTHS.iter().position(|known| same(known, month))?;
    let mut year = number(year)?;
    if year < 100 {
        // to the year that is nearest: all dates of the histories are in this century
        year += 2000;
    }
    let (day, hour, minute, second) = (
        number(day)?,
        number(time[0])?,
        number(time[1])?,
        number(time[2])?,
    );
    if !(1970..10_000).contains(&year) || day == 0 {
        return None;
    }
    let mut days = (1970..year)
        .map(|year| 365 + u64::from(is_leap(year)))
        .sum::<u64>();
    days += (0..month).map(|month| days_of(month, year)).sum::<u64>();
    days += day - 1;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    let forms = [imf(seconds), rfc850(seconds), asctime(seconds)];
    forms.iter().any(|form| same(form, text)).then_some(seconds)
}
