//! What a client is told of several policies that decide together.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use crate::limit::{Decision, Decisions, Limiter, Reason};

use super::answers::Answers;
use super::fields::{self, Fields};
use super::problem::document;
use super::version::FieldVersion;

/// What is the same for every answer.
#[derive(Debug)]
pub(super) struct Several {
    each: Box<[Fields]>,
    /// `"a";q=5;w=60, "b";q=100;w=3600`
    policy: Option<HeaderValue>,
}

impl Several {
    /// Nothing where there is one.
    pub(super) fn of(limiters: &[Limiter], answers: &Answers) -> Option<Self> {
        (limiters.len() > 1).then(|| Self::new(limiters, answers))
    }

    pub(super) fn new(limiters: &[Limiter], answers: &Answers) -> Self {
        let each = limiters.iter();
        let each: Box<[Fields]> = each
            .map(|limiter| Fields::of(limiter, answers.clone()))
            .collect();
        let policy = joined(each.iter().filter_map(Fields::policy));
        Self { each, policy }
    }

    /// A member for each policy that refuses something, and of those that only watch what they have to say. The forms
    /// before version 8 have room for one policy in some fields: it is the [tightest](Self::tightest).
    pub(super) fn add(&self, decisions: &Decisions, headers: &mut HeaderMap) {
        for (fields, decision) in self.with(decisions).filter(|(one, _)| one.is_shadow()) {
            fields.add(&decision, headers);
        }
        if let Some(policy) = &self.policy {
            headers.append(fields::POLICY, policy.clone());
        }
        let Some((tightest, its)) = self.tightest(decisions) else {
            return;
        };
        if tightest.answers.version == FieldVersion::Draft8 {
            let standing = self.told(decisions);
            let standing = standing.filter_map(|(fields, decision)| fields.standing(&decision));
            let standing: Vec<_> = standing.collect();
            if let Some(standing) = joined(standing.iter()) {
                headers.append(fields::STATUS, standing);
            }
        }
        tightest.add_numbers(&its, headers);
    }

    /// The head of a refusal.
    pub(super) fn refuse(&self, decisions: &Decisions, headers: &mut HeaderMap) {
        self.add(decisions, headers);
        let waits = self.refusing(decisions);
        let waits = waits.map(|(fields, decision)| fields.wait(&decision));
        // the first instant at which all pass, if there is one
        let longest = waits.reduce(|one, other| one.zip(other).map(|(one, other)| one.max(other)));
        if let (Some(Some(wait)), Some(fields)) = (longest, self.each.first()) {
            fields.ask_to_wait(wait, headers);
        }
        fields::describe(headers);
    }

    /// Why it is refused: what a client did comes before what it did not.
    pub(super) fn reason(&self, decisions: &Decisions) -> Reason {
        let reasons = self.refusing(decisions);
        let reasons = reasons.map(|(fields, decision)| fields.reason(&decision));
        reasons
            .min_by_key(|reason| match reason {
                Reason::Ban => 0,
                Reason::Quota => 1,
                Reason::Capacity => 2,
                Reason::Uncounted => 3,
            })
            .unwrap_or(Reason::Quota)
    }

    /// The body of a refusal. What could not be counted was not violated.
    pub(super) fn problem(&self, decisions: &Decisions) -> Bytes {
        let refusing = self.refusing(decisions);
        let violated = refusing.filter(|(one, its)| one.reason(its) != Reason::Uncounted);
        let names: Vec<_> = violated.map(|(fields, _)| fields.name()).collect();
        document(self.reason(decisions), &names.join(&b","[..]))
    }

    /// The decision that stands for all: of those that refuse the one that does for longest, else the one with the
    /// fewest permits left.
    pub(super) fn standing_for_all(&self, decisions: &Decisions) -> Option<Decision> {
        let first = decisions.each().next();
        let tightest = self.tightest(decisions).map(|(_, decision)| decision);
        tightest.or(first.map(|(_, decision)| decision))
    }

    fn tightest(&self, decisions: &Decisions) -> Option<(&Fields, Decision)> {
        self.told(decisions).min_by_key(|(_, decision)| {
            let waits = decision.retry_after().unwrap_or_default();
            let never = decision.is_never();
            let rank = (decision.is_allowed(), !never, std::cmp::Reverse(waits));
            (rank, decision.remaining)
        })
    }

    fn with(&self, decisions: &Decisions) -> impl Iterator<Item = (&Fields, Decision)> {
        let each = decisions.each().map(|(_, decision)| decision);
        self.each.iter().zip(each.collect::<Vec<_>>())
    }

    /// Those that clients are told the counts of.
    fn told(&self, decisions: &Decisions) -> impl Iterator<Item = (&Fields, Decision)> {
        let each = self.with(decisions);
        each.filter(|(fields, decision)| !fields.is_shadow() && decision.is_counted())
    }

    fn refusing(&self, decisions: &Decisions) -> impl Iterator<Item = (&Fields, Decision)> {
        let each = self.with(decisions);
        each.filter(|(_, decision)| !decision.is_allowed())
    }
}

/// The members of a list (RFC 9651, section 3.1).
fn joined<'a>(members: impl Iterator<Item = &'a HeaderValue>) -> Option<HeaderValue> {
    let members: Vec<&[u8]> = members.map(HeaderValue::as_bytes).collect();
    if members.is_empty() {
        return None;
    }
    HeaderValue::from_bytes(&members.join(&b", "[..])).ok()
}
