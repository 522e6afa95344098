//! Section 4.2: how long a response is fresh, and how old it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{AGE, DATE, EXPIRES, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED};

use crate::clock::Moment;

use super::directives::delta_seconds;
use super::fields::elements;
use super::targeted::Control;
#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;

/// When an exchange with the origin took place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchanged {
    /// `request_time` of section 4.2.3.
    pub(crate) sent: Moment,
    /// `response_time` of section 4.2.3.
    pub(crate) received: Moment,
    /// The same, in the calendar: what `Date` and `Expires` are compared with.
    pub(crate) wall: SystemTime,
}

/// All that decides whether a stored response is fresh, on the monotonic clock: a calendar that is
/// set neither revives nor wipes what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Freshness {
    /// `freshness_lifetime`.
    pub(crate) lifetime: Duration,
    /// `corrected_initial_age`.
    pub(crate) initial_age: Duration,
    /// `response_time`.
    pub(crate) received: Moment,
}

/// How long something stays fresh, or has been stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remaining {
    Fresh(Duration),
    Stale(Duration),
}

impl Freshness {
    /// What remains of it at `now`.
    pub(crate) fn left(&self, now: Moment) -> Remaining {
        if self.is_fresh(now) {
            Remaining::Fresh(self.remaining(now))
        } else {
            Remaining::Stale(self.staleness(now))
        }
    }

    /// `current_age` (section 4.2.3).
    pub(crate) fn age(&self, now: Moment) -> Duration {
        self.initial_age.saturating_add(now.since(self.received))
    }

    /// `response_is_fresh` (section 4.2).
    pub(crate) fn is_fresh(&self, now: Moment) -> bool {
        self.lifetime > self.age(now)
    }

    /// The same, stale from `now` on.
    pub(crate) fn ended(self, now: Moment) -> Self {
        Self {
            lifetime: self.lifetime.min(self.age(now)),
            ..self
        }
    }

    /// For how long it has been stale (section 4.2.4).
    pub(crate) fn staleness(&self, now: Moment) -> Duration {
        self.age(now).saturating_sub(self.lifetime)
    }

    /// How long it stays fresh from `now` on.
    pub(crate) fn remaining(&self, now: Moment) -> Duration {
        self.lifetime.saturating_sub(self.age(now))
    }
}

/// The lifetime the origin gave explicitly, to a shared cache: `s-maxage`, else `max-age`, else
/// `Expires` minus `Date` (section 4.2.1). `Expires` does not count beside a targeted field (RFC 9213
/// section 2.2).
pub(crate) fn explicit_lifetime(
    control: &Control,
    fields: &HeaderMap,
    date: SystemTime,
) -> Option<Duration> {
    let directives = &control.directives;
    let seconds = directives.s_maxage.or(directives.max_age);
    #[cfg(any(test, feature = "testing"))]
    let seconds = match HttpCacheFault::SMaxageIsIgnored.is_committed() {
        true => directives.max_age,
        false => seconds,
    };
    seconds.map(Duration::from_secs).or_else(|| {
        let expires = if control.targeted {
            None
        } else {
            expires(fields)
        };
        expires.map(|expires| until(expires, date))
    })
}

/// How long to take a response for fresh that does not say it, by when it was last changed: section
/// 4.2.2, which suggests a tenth of the time since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heuristic {
    /// Of the time since the last change, in a thousand.
    pub(crate) per_mille: u32,
    pub(crate) longest: Duration,
}

impl Heuristic {
    /// `None` when `part` is no number above zero, or nothing may live.
    pub(crate) fn new(part: f64, longest: Duration) -> Option<Self> {
        let per_mille = (part.min(1.0) * 1000.0).round();
        if per_mille.is_nan() || per_mille < 1.0 || longest.is_zero() {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is between 1 and 1000"
        )]
        let per_mille = per_mille as u32;
        Some(Self { per_mille, longest })
    }

    /// `None` without a `Last-Modified` that lies before `date`.
    pub(crate) fn lifetime(&self, fields: &HeaderMap, date: SystemTime) -> Option<Duration> {
        let modified = fields.get(LAST_MODIFIED).and_then(date_of_any_case)?;
        let since = date.duration_since(modified).ok()?.as_secs();
        let part = u128::from(since) * u128::from(self.per_mille) / 1000;
        let part = Duration::from_secs(u64::try_from(part).unwrap_or(u64::MAX));
        let lifetime = part.min(self.longest);
        (!lifetime.is_zero()).then_some(lifetime)
    }
}

fn until(expires: SystemTime, date: SystemTime) -> Duration {
    expires.duration_since(date).unwrap_or_default()
}

/// `Expires`. What is not an HTTP-date, the value `0` especially, has expired (section 5.3); so has
/// what is said twice in different words (section 4.2.1).
fn expires(fields: &HeaderMap) -> Option<SystemTime> {
    let mut lines = fields.get_all(EXPIRES).iter();
    let first = lines.next()?;
    let agreed = lines.all(|line| line == first);
    let expires = agreed.then(|| date_of_any_case(first)).flatten();
    Some(expires.unwrap_or(UNIX_EPOCH))
}

/// `corrected_initial_age` (section 4.2.3).
pub(crate) fn initial_age(fields: &HeaderMap, date: SystemTime, exchanged: &Exchanged) -> Duration {
    let apparent_age = exchanged.wall.duration_since(date).unwrap_or_default();
    // a date has no fraction: what is less than a second is not an age
    let apparent_age = Duration::from_secs(apparent_age.as_secs());
    let response_delay = exchanged.received.since(exchanged.sent);
    let corrected_age_value = age_value(fields).saturating_add(response_delay);
    apparent_age.max(corrected_age_value)
}

/// `age_value`: the first member of the first line, if it is a number of seconds (section 5.1).
fn age_value(fields: &HeaderMap) -> Duration {
    #[cfg(any(test, feature = "testing"))]
    if HttpCacheFault::AgeIsNotCounted.is_committed() {
        return Duration::ZERO;
    }
    let first = fields
        .get(AGE)
        .and_then(|line| elements(line.as_bytes()).next());
    Duration::from_secs(first.and_then(delta_seconds).unwrap_or(0))
}

/// `date_value`, when the response has one.
pub(crate) fn date(fields: &HeaderMap) -> Option<SystemTime> {
    fields.get(DATE).and_then(date_of_any_case)
}

/// The HTTP-date in a field (RFC 9110 section 5.6.7: all three forms are read).
pub(crate) fn date_in(fields: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    fields.get(name).and_then(http_date)
}

fn http_date(value: &HeaderValue) -> Option<SystemTime> {
    read_date(value.to_str().ok()?)
}

/// The same, where freshness goes by it: "a cache recipient SHOULD match the field value case-insensitively" (section
/// 4.2).
fn date_of_any_case(value: &HeaderValue) -> Option<SystemTime> {
    let text = value.to_str().ok()?;
    read_date(text).or_else(|| read_date(&in_usual_case(text)))
}

/// Words with a capital and small letters, as days and months are written; and `GMT`.
fn in_usual_case(text: &str) -> String {
    let mut begins = true;
    let usual = text.chars().map(|letter| {
        let usual = match begins {
            true => letter.to_ascii_uppercase(),
            false => letter.to_ascii_lowercase(),
        };
        begins = !letter.is_ascii_alphabetic();
        usual
    });
    usual.collect::<String>().replace(" Gmt", " GMT")
}

fn read_date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    // the parser takes any character for the space before the time of the second form
    let spaced = text.strip_suffix(" GMT").is_none_or(|rest| {
        rest.rsplit_once(' ')
            .is_some_and(|(_, time)| time.len() == 8)
    });
    spaced
        .then(|| httpdate::parse_http_date(text).ok())
        .flatten()
}

/// Records when a response without `Date` was received (RFC 9110 section 6.6.1). A calendar that
/// stands before 1970 or after 9999 cannot be written, and is not.
pub(crate) fn append_missing_date(fields: &mut HeaderMap, wall: SystemTime) {
    const YEAR_10000: u64 = 253_402_300_800;
    if fields.contains_key(DATE) {
        return;
    }
    let since_epoch = wall.duration_since(UNIX_EPOCH);
    if !since_epoch.is_ok_and(|since| since.as_secs() < YEAR_10000) {
        return;
    }
    if let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(wall)) {
        fields.insert(DATE, date);
    }
}

#[cfg(test)]
mod tests {
    use crate::middleware::http_cache::rfc9111::targeted::CDN_CACHE_CONTROL;

    use super::*;

    const NOW: u64 = 1_767_225_600; // Thu, 01 Jan 2026 00:00:00 GMT

    fn wall(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn fields(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(*name, HeaderValue::from_str(value).unwrap());
        }
        fields
    }

    fn lifetime(lines: &[(&'static str, &str)]) -> Option<u64> {
        let fields = fields(lines);
        let date = date(&fields).unwrap_or(wall(NOW));
        let control = Control::of(&fields, &[CDN_CACHE_CONTROL]);
        explicit_lifetime(&control, &fields, date).map(|d| d.as_secs())
    }

    #[test]
    fn lifetimes() {
        const SOON: (&str, &str) = ("expires", "Thu, 01 Jan 2026 00:01:00 GMT");
        for (expected, lines) in [
            (None, &[][..]),
            (Some(60), &[SOON]),
            (Some(5), &[("cache-control", "max-age=5"), SOON]),
            (Some(0), &[("cache-control", "max-age=x"), SOON]),
            (Some(7), &[("cache-control", "max-age=5, s-maxage=7")]),
            (Some(0), &[("cache-control", "max-age=5, s-maxage=0")]),
            (Some(60), &[("cache-control", "public"), SOON]),
            // arithmetic is against Date
            (Some(90), &[SOON, ("date", "Wed, 31 Dec 2025 23:59:30 GMT")]),
            (Some(0), &[SOON, ("date", "Thu, 01 Jan 2026 00:02:00 GMT")]),
            (Some(60), &[SOON, ("date", "yesterday")]),
            // the other two forms
            (Some(60), &[("expires", "Thursday, 01-Jan-26 00:01:00 GMT")]),
            (Some(60), &[("expires", "Thu Jan  1 00:01:00 2026")]),
            // and none by its case
            (Some(60), &[("expires", "tHU, 01 jaN 2026 00:01:00 gmt")]),
            (Some(60), &[("expires", "THURSDAY, 01-JAN-26 00:01:00 Gmt")]),
            (Some(60), &[("expires", "thu jan  1 00:01:00 2026")]),
            (Some(90), &[SOON, ("date", "WED, 31 DEC 2025 23:59:30 GMT")]),
            // anything else has expired
            (Some(0), &[("expires", "0")]),
            (Some(0), &[("expires", "-1")]),
            (Some(0), &[("expires", "")]),
            (Some(0), &[("expires", "Thu, 01 Jan 2026 00:01:00 UTC")]),
            (Some(0), &[("expires", "Thursday, 01-Jan-26N00:01:00 GMT")]),
            (Some(0), &[("expires", "Thu, 01 Jan 2026 00:01:00 +0000")]),
            (Some(0), &[("expires", "Thu, 01 Jan 2026 00:01:00")]),
            (Some(0), &[("expires", "Thu, 1 Jan 2026 00:01:00 GMT")]),
            (Some(0), &[("expires", "Thu, 01  Jan 2026 00:01:00 GMT")]),
            (Some(0), &[("expires", "Thu, 01-Jan-2026 00:01:00 GMT")]),
            (Some(0), &[("expires", "Thu, 01 Jan 26 00:01:00 GMT")]),
            (Some(0), &[("expires", "01 Jan 2026 00:01:00 GMT")]),
            (Some(0), &[("expires", "1767225660")]),
            (Some(60), &[SOON, SOON]),
            // a targeted field is all that counts
            (Some(8), &[("cdn-cache-control", "max-age=8"), SOON]),
            (None, &[("cdn-cache-control", "public"), SOON]),
            (Some(60), &[("cdn-cache-control", "public="), SOON]),
            (
                Some(0),
                &[SOON, ("expires", "Thu, 01 Jan 2026 00:02:00 GMT")],
            ),
        ] {
            assert_eq!(lifetime(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_part_of_the_time_since_the_last_change() {
        let heuristic = Heuristic {
            per_mille: 100,
            longest: Duration::from_secs(1000),
        };
        let guess = |modified: &str| {
            let fields = fields(&[("last-modified", modified)]);
            heuristic
                .lifetime(&fields, wall(NOW))
                .map(|lifetime| lifetime.as_secs())
        };
        assert_eq!(guess("Wed, 31 Dec 2025 23:59:00 GMT"), Some(6));
        assert_eq!(guess("Tue, 31 Dec 2024 00:00:00 GMT"), Some(1000));
        assert_eq!(guess("TUE, 31 DEC 2024 00:00:00 GMT"), Some(1000));
        assert_eq!(guess("Wed, 31 Dec 2025 23:59:55 GMT"), None);
        assert_eq!(guess("Thu, 01 Jan 2026 00:00:01 GMT"), None);
        assert_eq!(guess("once"), None);
        assert_eq!(heuristic.lifetime(&HeaderMap::new(), wall(NOW)), None);
    }

    #[test]
    fn ages() {
        let sent = Moment::default();
        let at = |delay: u64| Exchanged {
            sent,
            received: sent.after(Duration::from_secs(delay)),
            wall: wall(NOW),
        };
        for (expected, delay, lines) in [
            (0, 0, &[][..]),
            (3, 3, &[]),
            (33, 3, &[("age", "30")]),
            (30, 0, &[("age", " 30\t")]),
            (30, 0, &[("age", "30,99")]),
            (30, 0, &[("age", "30, 99")]),
            (30, 0, &[("age", "30"), ("age", "99")]),
            (99, 0, &[("age", "99,30")]),
            (0, 0, &[("age", "-1")]),
            (0, 0, &[("age", "1.5")]),
            (0, 0, &[("age", "5;x=1")]),
            (0, 0, &[("age", "x, 30")]),
            (0, 0, &[("age", "")]),
            (u64::MAX, 3, &[("age", "99999999999999999999999")]),
            // the apparent age counts when it is the greater
            (
                60,
                3,
                &[("date", "Wed, 31 Dec 2025 23:59:00 GMT"), ("age", "5")],
            ),
            (
                93,
                3,
                &[("date", "Wed, 31 Dec 2025 23:59:00 GMT"), ("age", "90")],
            ),
            // a date in the future has no age
            (0, 0, &[("date", "Thu, 01 Jan 2026 00:05:00 GMT")]),
        ] {
            let fields = fields(lines);
            let date = date(&fields).unwrap_or(wall(NOW));
            assert_eq!(
                initial_age(&fields, date, &at(delay)).as_secs(),
                expected,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn the_fraction_a_date_lacks_is_no_age() {
        let received = Moment::default();
        let exchanged = Exchanged {
            sent: received,
            received,
            wall: wall(NOW) + Duration::from_millis(999),
        };
        let fields = fields(&[("date", "Thu, 01 Jan 2026 00:00:00 GMT")]);
        assert_eq!(initial_age(&fields, wall(NOW), &exchanged), Duration::ZERO);
    }

    #[test]
    fn fresh_until_the_age_reaches_the_lifetime() {
        let received = Moment::default();
        let after = |ms: u64| received.after(Duration::from_millis(ms));
        let freshness = Freshness {
            lifetime: Duration::from_secs(60),
            initial_age: Duration::from_secs(20),
            received,
        };
        assert!(freshness.is_fresh(after(39_999)));
        assert!(!freshness.is_fresh(after(40_000)));
        assert_eq!(freshness.age(after(1_500)), Duration::from_millis(21_500));
        assert_eq!(freshness.remaining(after(99_999)), Duration::ZERO);
        let endless = Freshness {
            lifetime: Duration::MAX,
            initial_age: Duration::MAX,
            received,
        };
        assert!(!endless.is_fresh(Moment::NEVER));
    }

    #[test]
    fn a_date_is_appended_once_and_only_if_it_can_be_written() {
        let mut fields = HeaderMap::new();
        append_missing_date(&mut fields, UNIX_EPOCH - Duration::from_secs(1));
        append_missing_date(&mut fields, wall(253_402_300_800));
        assert!(fields.is_empty());
        append_missing_date(&mut fields, wall(NOW));
        append_missing_date(&mut fields, wall(0));
        assert_eq!(fields[DATE], "Thu, 01 Jan 2026 00:00:00 GMT");
    }

    proptest::proptest! {
        #[test]
        fn any_date_is_read_without_panic(text in "[ -~]{0,40}|(Mon|Thursday|Thu), ?[0-9A-Za-z :-]{0,30}( GMT)?") {
            let _ = lifetime(&[("expires", &text)]);
        }
    }
}
