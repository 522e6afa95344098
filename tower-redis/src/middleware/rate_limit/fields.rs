//! `RateLimit-Policy`, `RateLimit`, `Retry-After` and the older forms, as bytes.
//!
//! The draft is draft-ietf-httpapi-ratelimit-headers. Its fields are Structured Fields (RFC 9651).

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::limit::{Decision, Limiter, Reason};
use crate::rng;

use super::answers::Answers;
use super::line::{Line, quoted, seconds};
use super::problem::document;
use super::version::FieldVersion;

pub(super) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(super) const STATUS: HeaderName = HeaderName::from_static("ratelimit");
const SHADOW: HeaderName = HeaderName::from_static("x-ratelimit-shadow");

/// Three fields, each with a number.
type Three = [HeaderName; 3];
const DRAFT_6: Three = [
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];
const X: Three = [
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// How long to wait for what a client did not use up itself.
const SOON: u64 = 1;

/// What is the same for every answer of one policy.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) answers: Answers,
    holds: bool,
    shadow: bool,
    /// `"name"`
    name: Box<[u8]>,
    /// `"name";q=5;w=60`
    policy: Option<HeaderValue>,
    /// What stands before the permits left: `"name";r=`
    status: Box<[u8]>,
    problem: Bytes,
}

impl Fields {
    pub(super) fn of(limiter: &Limiter, answers: Answers) -> Self {
        let name = quoted(limiter.name());
        let holds = limiter.is_of_held_permits();
        let status = match answers.version {
            FieldVersion::Draft7 => format!("limit={}, remaining=", limiter.limit()).into(),
            FieldVersion::Draft8 | FieldVersion::Draft6 | FieldVersion::None => {
                [&*name, b";r="].concat()
            }
        };
        let reason = if holds {
            Reason::Capacity
        } else {
            Reason::Quota
        };
        Self {
            policy: policy(limiter, &answers, &name),
            holds,
            shadow: limiter.is_shadow(),
            status: status.into(),
            problem: document(reason, &name),
            name: name.into(),
            answers,
        }
    }

    /// What it tells of its policy, if anything.
    pub(super) fn policy(&self) -> Option<&HeaderValue> {
        self.policy.as_ref().filter(|_| !self.shadow)
    }

    /// `"name"`
    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }

    pub(super) fn is_shadow(&self) -> bool {
        self.shadow
    }

    pub(super) fn reason(&self, decision: &Decision) -> Reason {
        Reason::of(decision, self.holds)
    }

    /// Tells of the policy, and of what is left where that is known. The fields of the newest form are lists,
    /// and a list may be spread over lines (RFC 9651, section 3.1), so they come after those that are there.
    #[inline]
    pub(super) fn add(&self, decision: &Decision, headers: &mut HeaderMap) {
        if self.shadow {
            return self.add_in_shadow(decision, headers);
        }
        if let Some(policy) = &self.policy {
            headers.append(POLICY, policy.clone());
        }
        if !decision.is_counted() {
            return;
        }
        if self.answers.version == FieldVersion::Draft8
            && let Some(status) = self.standing(decision)
        {
            headers.append(STATUS, status);
        }
        self.add_numbers(decision, headers);
    }

    /// `"name";r=4;t=60`
    #[inline]
    pub(super) fn standing(&self, decision: &Decision) -> Option<HeaderValue> {
        let after: &[u8] = if self.holds { b"" } else { b";t=" };
        self.status(decision, after)
    }

    /// What the forms without names tell.
    #[inline]
    pub(super) fn add_numbers(&self, decision: &Decision, headers: &mut HeaderMap) {
        match self.answers.version {
            FieldVersion::Draft7 => {
                if !headers.contains_key(STATUS)
                    && let Some(status) = self.status(decision, b", reset=")
                {
                    headers.insert(STATUS, status);
                }
            }
            FieldVersion::Draft6 => three(DRAFT_6, decision, headers),
            FieldVersion::Draft8 | FieldVersion::None => {}
        }
        if self.answers.x_fields {
            three(X, decision, headers);
        }
    }

    /// What a policy that refuses nothing has to say is for its owner.
    #[cold]
    fn add_in_shadow(&self, decision: &Decision, headers: &mut HeaderMap) {
        if self.answers.shadow_field
            && decision.shadow_denied
            && let Ok(name) = HeaderValue::from_bytes(&self.name)
        {
            headers.append(SHADOW, name);
        }
    }

    /// `"name";r=4;t=60`. When a held permit comes back nobody knows, so no seconds are told of one.
    fn status(&self, decision: &Decision, before_seconds: &[u8]) -> Option<HeaderValue> {
        let mut status = Line::new();
        status.text(&self.status);
        status.number(decision.remaining);
        if !before_seconds.is_empty() {
            status.text(before_seconds);
            status.number(seconds(decision.more_after));
        }
        status.value()
    }

    /// The head of a refusal.
    pub(super) fn refuse(&self, decision: &Decision, headers: &mut HeaderMap) {
        self.add(decision, headers);
        if let Some(wait) = self.wait(decision) {
            self.ask_to_wait(wait, headers);
        }
        describe(headers);
    }

    /// After how many seconds it is worth asking again.
    pub(super) fn wait(&self, decision: &Decision) -> Option<u64> {
        let wait = decision.retry_after()?;
        Some(match self.reason(decision) {
            Reason::Quota | Reason::Ban => seconds(wait).max(1),
            Reason::Capacity | Reason::Uncounted => SOON,
        })
    }

    pub(super) fn ask_to_wait(&self, wait: u64, headers: &mut HeaderMap) {
        headers.insert(RETRY_AFTER, wait.saturating_add(self.jitter()).into());
    }

    /// Whole seconds, since the field knows no others.
    fn jitter(&self) -> u64 {
        match seconds(self.answers.retry_jitter) {
            0 => 0,
            most => match most.checked_add(1) {
                Some(choices) => rng::draw() % choices,
                None => rng::draw(),
            },
        }
    }

    /// The body of a refusal.
    pub(super) fn problem(&self, decision: &Decision) -> Bytes {
        match self.reason(decision) {
            rare @ (Reason::Uncounted | Reason::Ban) => document(rare, &self.name),
            Reason::Quota | Reason::Capacity => self.problem.clone(),
        }
    }
}

/// What the body of a refusal is.
pub(super) fn describe(headers: &mut HeaderMap) {
    let problem = HeaderValue::from_static("application/problem+json");
    headers.insert(CONTENT_TYPE, problem);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// `"name";q=5;w=60`, or without a name before version 8.
fn policy(limiter: &Limiter, answers: &Answers, name: &[u8]) -> Option<HeaderValue> {
    let mut policy = Line::new();
    match answers.version {
        FieldVersion::Draft8 => {
            policy.text(name);
            policy.text(b";q=");
        }
        FieldVersion::Draft7 | FieldVersion::Draft6 => {}
        FieldVersion::None => return None,
    }
    policy.number(limiter.limit());
    if limiter.is_of_held_permits() && answers.version == FieldVersion::Draft8 {
        policy.text(br#";qu="concurrent-requests""#);
    } else {
        policy.text(b";w=");
        // the draft has no unit below a second, and 0 is not allowed
        policy.number(seconds(limiter.window()).max(1));
    }
    policy.value()
}

/// Those that an answer has from a limit further in are all of one policy and stay.
fn three([limit, remaining, reset]: Three, decision: &Decision, headers: &mut HeaderMap) {
    if !headers.contains_key(&limit) {
        headers.insert(limit, decision.limit.into());
        headers.insert(remaining, decision.remaining.into());
        headers.insert(reset, seconds(decision.more_after).into());
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::clock::Clock;
    use crate::limit::{Policy, Quota};

    fn fields(name: impl Into<Cow<'static, str>>, quota: Quota) -> Fields {
        let limiter = Limiter::new(&Policy::new(name, quota), Clock::system()).unwrap();
        Fields::of(&limiter, Answers::default())
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
        assert_eq!(&*fields.status, br#""a \"b\\";r="#);
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
}
