//! `RateLimit-Policy`, `RateLimit`, `Retry-After` and the problem document, as bytes.
//!
//! The draft is draft-ietf-httpapi-ratelimit-headers. Its fields are Structured Fields (RFC 9651).

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::limit::{Decision, Limiter, Outcome};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATUS: HeaderName = HeaderName::from_static("ratelimit");

/// The body of an answer to a request that could not be counted. Without a type it has that of its
/// status (RFC 9457, section 4.2.1).
const CLOSED: &[u8] = br#"{"title":"Service Unavailable","status":503,"error":"Service unavailable","detail":"Requests cannot be counted at present, and this one is not let through uncounted. Try again later."}"#;

/// What is the same for every answer of one policy.
#[derive(Debug)]
pub(super) struct Fields {
    /// `"name";q=5;w=60`
    policy: Option<HeaderValue>,
    /// `"name";r=`
    remaining: Box<[u8]>,
    problem: Bytes,
}

/// As long as a field gets: a name of 64 characters, each of them escaped and all quoted, and twice a
/// parameter's name and the largest integer.
const LONGEST: usize = 64 * 2 + 2 + 2 * (3 + 20);

impl Fields {
    pub(super) fn of(limiter: &Limiter) -> Self {
        let name = quoted(limiter.name());
        // the draft has no unit below a second, and 0 is not allowed
        let window = seconds(limiter.window()).max(1);
        let mut policy = Line::new();
        policy.text(&name);
        policy.text(b";q=");
        policy.number(limiter.limit());
        policy.text(b";w=");
        policy.number(window);
        Self {
            policy: policy.value(),
            problem: problem(&name),
            remaining: [&*name, b";r="].concat().into(),
        }
    }

    /// Adds both fields after those that are there: they are lists, and a list may be spread over
    /// lines (RFC 9651, section 3.1). What is left is told where it is known.
    pub(super) fn add(&self, decision: &Decision, headers: &mut HeaderMap) {
        if let Some(policy) = &self.policy {
            headers.append(POLICY, policy.clone());
        }
        if decision.is_counted()
            && let Some(status) = self.status(decision)
        {
            headers.append(STATUS, status);
        }
    }

    /// `"name";r=4;t=60`
    fn status(&self, decision: &Decision) -> Option<HeaderValue> {
        let mut status = Line::new();
        status.text(&self.remaining);
        status.number(decision.remaining);
        status.text(b";t=");
        status.number(seconds(decision.more_after));
        status.value()
    }

    /// The head of a refusal.
    pub(super) fn refuse(&self, decision: &Decision, headers: &mut HeaderMap) {
        self.add(decision, headers);
        if let Some(wait) = decision.retry_after() {
            headers.insert(RETRY_AFTER, seconds(wait).max(1).into());
        }
        let problem = HeaderValue::from_static("application/problem+json");
        headers.insert(CONTENT_TYPE, problem);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }

    /// The body of a refusal.
    pub(super) fn problem(&self, decision: &Decision) -> Bytes {
        if is_closed(decision) {
            Bytes::from_static(CLOSED)
        } else {
            self.problem.clone()
        }
    }
}

/// Whether a call was refused because nobody counts, and not for what its client did.
pub(super) fn is_closed(decision: &Decision) -> bool {
    !decision.is_counted() && matches!(decision.outcome, Outcome::Denied { .. })
}

/// Rounded up, so that who waits as told is not early.
fn seconds(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_add(u64::from(duration.subsec_nanos() > 0))
}

/// A Structured Field String (RFC 9651, section 3.3.3), which is a JSON string as well (RFC 8259,
/// section 7): printable ASCII, where both escape the same two characters in the same way.
fn quoted(name: &str) -> Vec<u8> {
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
struct Line {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Line {
    #[inline]
    fn new() -> Self {
        Self {
            bytes: [0; LONGEST],
            len: 0,
        }
    }

    #[inline]
    fn text(&mut self, text: &[u8]) {
        let end = self.len + text.len();
        // there is room for all that a limiter's name and two numbers take
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(text);
            self.len = end;
        }
    }

    #[inline]
    fn number(&mut self, number: u64) {
        self.text(itoa::Buffer::new().format(number).as_bytes());
    }

    /// Always there, since a limiter's name is printable ASCII.
    #[inline]
    fn value(&self) -> Option<HeaderValue> {
        HeaderValue::from_bytes(&self.bytes[..self.len]).ok()
    }
}

fn problem(name: &[u8]) -> Bytes {
    let mut problem = Vec::new();
    problem.extend_from_slice(
        br#"{"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","#,
    );
    problem.extend_from_slice(br#""title":"Rate limit exceeded","status":429,"#);
    problem.extend_from_slice(br#""error":"Rate limit exceeded","violated-policies":["#);
    problem.extend_from_slice(name);
    problem.extend_from_slice(b"]}");
    problem.into()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::clock::Clock;
    use crate::limit::{Policy, Quota};

    fn fields(name: impl Into<Cow<'static, str>>, quota: Quota) -> Fields {
        Fields::of(&Limiter::new(&Policy::new(name, quota), Clock::system()).unwrap())
    }

    fn policy(quota: Quota) -> String {
        let fields = fields("p", quota);
        fields.policy.unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_policy_says_what_can_be_used_at_once_and_how_long_it_takes_to_come_back() {
        assert_eq!(policy(Quota::per_minute(5)), r#""p";q=5;w=60"#);
        assert_eq!(policy(Quota::per_minute(60).burst(10)), r#""p";q=10;w=10"#);
        assert_eq!(policy(Quota::per_minute(5).burst(20)), r#""p";q=20;w=240"#);
        assert_eq!(
            policy(Quota::new(5, Duration::from_millis(1_500))),
            r#""p";q=5;w=2"#
        );
        assert_eq!(
            policy(Quota::new(5, Duration::from_millis(10))),
            r#""p";q=5;w=1"#
        );
    }

    #[test]
    fn a_name_is_quoted_for_both_readers() {
        let fields = fields(r#"a "b\"#, Quota::per_minute(5));
        assert_eq!(&*fields.remaining, br#""a \"b\\";r="#);
        let problem: serde_json::Value = serde_json::from_slice(&fields.problem).unwrap();
        assert_eq!(
            problem["violated-policies"],
            serde_json::json!([r#"a "b\"#])
        );
    }

    /// A String as RFC 9651, section 4.2.5, parses it; and what follows it.
    fn parse_string(field: &str) -> Option<(String, &str)> {
        let mut rest = field.strip_prefix('"')?.chars();
        let mut parsed = String::new();
        loop {
            match rest.next()? {
                '\\' => parsed.push(rest.next().filter(|c| matches!(c, '"' | '\\'))?),
                '"' => return Some((parsed, rest.as_str())),
                c if c.is_ascii() && !c.is_ascii_control() => parsed.push(c),
                _ => return None,
            }
        }
    }

    proptest! {
        #[test]
        fn any_name_is_read_back_from_both(name in "[ -~]{1,64}") {
            let fields = fields(name.clone(), Quota::per_minute(5));
            let policy = fields.policy.as_ref().unwrap().to_str().unwrap();
            prop_assert_eq!(parse_string(policy), Some((name.clone(), ";q=5;w=60")));
            let problem: serde_json::Value = serde_json::from_slice(&fields.problem).unwrap();
            prop_assert_eq!(&problem["violated-policies"][0], &serde_json::Value::from(name));
        }
    }

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
