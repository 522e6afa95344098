//! What a cache does with a request, RFC 9111 sections 4 and 5.

use std::collections::BTreeMap;

use super::conditions::{is_of, is_origins, is_unchanged, of_unchanged, updated, validating};
use super::date::imf;
use super::directives::{Directives, Seconds};
use super::freshness::Stored;
use super::storing::{is_incomplete, kept, matches, reasons};
use crate::history::Options;
use crate::message::{Answer, Asked, Coming, Fields};

/// What `Cache-Status` says (RFC 9211).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) hit: bool,
    pub(crate) fwd: Option<String>,
    pub(crate) ttl: Option<i64>,
    pub(crate) fwd_status: Option<u16>,
    pub(crate) stored: bool,
    /// Each of these would be right.
    pub(crate) details: Vec<String>,
}

/// What comes out of the cache: nothing when the request fails.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) answer: Option<(Answer, Verdict)>,
}

/// The origin: what it answers, after how many seconds.
pub(crate) type Origin<'a> = dyn FnMut(&Asked) -> (u64, Option<Answer>) + 'a;

/// What is stored for one URL.
#[derive(Default)]
struct Place {
    responses: Vec<Stored>,
    /// When the last that was ever here is of no use any more.
    until: i128,
}

pub(crate) struct Reference {
    options: Options,
    /// Seconds since 1970.
    now: u64,
    stored: BTreeMap<String, Place>,
}

/// Why something stored answers, or why the request goes forward.
enum Use {
    Fresh,
    MaxStale,
    WhileRevalidate,
    Forward(&'static str),
}

fn forward(fwd: &str) -> Verdict {
    Verdict {
        fwd: Some(fwd.to_owned()),
        ..Verdict::default()
    }
}

fn details(reasons: &[&str]) -> Vec<String> {
    reasons.iter().map(|reason| (*reason).to_owned()).collect()
}

impl Reference {
    pub(crate) fn new(options: Options, now: u64) -> Self {
        Self {
            options,
            now,
            stored: BTreeMap::new(),
        }
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now += seconds;
    }

    fn send(&mut self, asked: &Asked, origin: &mut Origin<'_>) -> Option<Answer> {
        let (delay, answer) = origin(asked);
        self.now += delay;
        answer
    }

    pub(crate) fn ask(&mut self, asked: &Asked, origin: &mut Origin<'_>) -> Expected {
        let answer = match asked.method.as_str() {
            "GET" | "HEAD" => self.look(asked, origin),
            _ => self.pass(asked, forward("method"), origin),
        };
        Expected { answer }
    }

    /// To the origin, and its answer is not stored.
    fn pass(
        &mut self,
        asked: &Asked,
        mut verdict: Verdict,
        origin: &mut Origin<'_>,
    ) -> Option<(Answer, Verdict)> {
        let is_safe = matches!(asked.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        let Some(mut answer) = self.send(asked, origin) else {
            if !is_safe {
                // it may have been done
                self.stored.remove(&asked.url);
            }
            return None;
        };
        if !is_safe && (200..400).contains(&answer.status) {
            self.invalidate(asked, &answer);
        }
        verdict.fwd_status = Some(answer.status);
        self.dated(&mut answer.fields);
        Some((answer, verdict))
    }

    /// RFC 9110 section 6.6.1.
    fn dated(&self, fields: &mut Fields) {
        if !fields.has("date") {
            fields.push("date", imf(self.now));
        }
    }

    /// Section 4.4.
    fn invalidate(&mut self, asked: &Asked, answer: &Answer) {
        self.stored.remove(&asked.url);
        let host = asked
            .url
            .splitn(4, '/')
            .take(3)
            .collect::<Vec<_>>()
            .join("/");
        for name in ["location", "content-location"] {
            for line in answer.fields.lines(name) {
                let url = match line.starts_with('/') {
                    true => format!("{host}{line}"),
                    false => line.to_owned(),
                };
                if url.starts_with(&format!("{host}/")) {
                    self.stored.remove(&url);
                }
            }
        }
    }

    fn look(&mut self, asked: &Asked, origin: &mut Origin<'_>) -> Option<(Answer, Verdict)> {
        let (now, options) = (self.now, self.options.clone());
        let request = Directives::of_request(&asked.fields, &options);
        let only_if_cached = request.has("only-if-cached");
        let bypass = if asked.fields.has("host") {
            // all URLs of the histories have an authority, and the field another one
            Some("host")
        } else if is_origins(&asked.fields) {
            Some("precondition")
        } else {
            // here ranges will have their place
            None
        };
        if let Some(reason) = bypass {
            if only_if_cached {
                return Some(self.refusal());
            }
            let mut verdict = forward("bypass");
            verdict.details = details(&[reason]);
            return self.pass(asked, verdict, origin);
        }
        let place = self.stored.entry(asked.url.clone()).or_default();
        if place.until <= i128::from(now) {
            *place = Place::default();
        }
        let all = &place.responses;
        let matching = all.iter().filter(|stored| matches(stored, &asked.fields));
        let Some(stored) = matching.max_by_key(|stored| stored.recency()).cloned() else {
            if only_if_cached {
                return Some(self.refusal());
            }
            let fwd = if all.is_empty() {
                "uri-miss"
            } else {
                "vary-miss"
            };
            return self.exchange(asked, None, fwd, false, origin);
        };
        match self.how(&stored, &request) {
            Use::Fresh => Some(self.hit(asked, &stored, None)),
            Use::MaxStale => Some(self.hit(asked, &stored, Some("max-stale"))),
            Use::WhileRevalidate => {
                let answer = self.hit(asked, &stored, Some("stale-while-revalidate"));
                let get = Asked {
                    method: "GET".to_owned(),
                    ..asked.clone()
                };
                self.exchange(&get, Some(&stored), "stale", true, origin);
                Some(answer)
            }
            Use::Forward(_) if only_if_cached => Some(self.refusal()),
            Use::Forward(fwd) => self.exchange(asked, Some(&stored), fwd, false, origin),
        }
    }

    fn refusal(&self) -> (Answer, Verdict) {
        let answer = Answer {
            status: 504,
            fields: Fields::default(),
            text: String::new(),
            coming: Coming::Whole,
        };
        let verdict = Verdict {
            details: details(&["only-if-cached"]),
            ..Verdict::default()
        };
        (answer, verdict)
    }

    /// Whether `stored` may answer without the origin (section 4).
    fn how(&self, stored: &Stored, request: &Directives) -> Use {
        let (now, options) = (self.now, &self.options);
        let directives = stored.directives(options);
        let remaining = stored.remaining(now, options);
        let fresh = remaining > 0;
        let refused = Use::Forward(if fresh && !directives.has("no-cache") {
            "request"
        } else {
            "stale"
        });
        if directives.has("no-cache") || self.insists(stored, request) {
            return refused;
        }
        if fresh {
            return Use::Fresh;
        }
        if stored.never_stale(options) {
            return refused;
        }
        let stale = -remaining;
        if request
            .max_stale()
            .is_some_and(|most| stale <= i128::from(most))
        {
            return Use::MaxStale;
        }
        match directives.seconds("stale-while-revalidate") {
            Seconds::Are(most @ 1..) if stale <= i128::from(most) => Use::WhileRevalidate,
            _ => refused,
        }
    }

    /// Whether the request wants more than `stored` is (sections 5.2.1.1 to 5.2.1.4).
    fn insists(&self, stored: &Stored, request: &Directives) -> bool {
        let (now, remaining) = (self.now, stored.remaining(self.now, &self.options));
        let max_age = request.least("max-age");
        let too_old = max_age.is_some_and(|most| stored.age(now) > most);
        let least = request.most("min-fresh");
        let too_short = least.is_some_and(|least| remaining < i128::from(least));
        let unwanted = remaining <= 0 && max_age.is_some() && request.max_stale().is_none();
        request.has("no-cache") || too_old || too_short || unwanted
    }

    /// Whether something stale may stand in for an origin that failed (section 4.2.4, RFC 5861 section 4).
    fn stands_in(&self, stored: &Stored, request: &Directives, unreachable: bool) -> bool {
        if stored.never_stale(&self.options) || self.insists(stored, request) {
            return false;
        }
        let stale = (-stored.remaining(self.now, &self.options)).max(0);
        let directives = stored.directives(&self.options);
        let of_response = match directives.seconds("stale-if-error") {
            Seconds::Are(most) => Some(most),
            Seconds::Invalid | Seconds::Absent => None,
        };
        let windows = [of_response, request.least("stale-if-error")];
        let mut windows = windows.into_iter().flatten();
        let within = windows.any(|most| most > 0 && stale <= i128::from(most));
        unreachable || within
    }

    /// An answer made of what is stored.
    fn from_stored(&self, asked: &Fields, head: bool, stored: &Stored) -> Answer {
        let mut answer = Answer {
            status: stored.status,
            fields: stored.fields.clone(),
            text: stored.text.clone(),
            coming: Coming::Whole,
        };
        if is_unchanged(asked, &answer.fields, answer.status) {
            answer.status = 304;
            answer.fields = of_unchanged(&answer.fields);
            answer.text.clear();
        }
        if head {
            answer.text.clear();
        }
        answer.fields.set("age", stored.age(self.now).to_string());
        answer
    }

    /// A number of a structured field has fifteen digits.
    fn ttl(&self, stored: &Stored) -> i64 {
        const MOST: i128 = 999_999_999_999_999;
        let remaining = stored.remaining(self.now, &self.options);
        i64::try_from(remaining.clamp(-MOST, MOST)).unwrap()
    }

    fn hit(&self, asked: &Asked, stored: &Stored, detail: Option<&str>) -> (Answer, Verdict) {
        let answer = self.from_stored(&asked.fields, asked.method == "HEAD", stored);
        let verdict = Verdict {
            hit: true,
            ttl: Some(self.ttl(stored)),
            details: details(detail.as_slice()),
            ..Verdict::default()
        };
        (answer, verdict)
    }

    /// The origin is asked, about `stored` if it is there.
    fn exchange(
        &mut self,
        asked: &Asked,
        stored: Option<&Stored>,
        fwd: &str,
        behind: bool,
        origin: &mut Origin<'_>,
    ) -> Option<(Answer, Verdict)> {
        let mut verdict = forward(fwd);
        if asked.method == "HEAD" {
            return self.head(asked, verdict, origin);
        }
        let requested = self.now;
        let request = Directives::of_request(&asked.fields, &self.options);
        let forbidden = request.has("no-store");
        let validated = stored.filter(|stored| stored.has_validator() && !forbidden);
        let mut sent = asked.clone();
        if let Some(stored) = validated {
            sent.fields = validating(&asked.fields, stored);
        }
        let answer = self.send(&sent, origin);
        verdict.fwd_status = answer.as_ref().map(|answer| answer.status);
        let failed = matches!(verdict.fwd_status, None | Some(500 | 502 | 503 | 504));
        if let Some(stored) = stored
            && failed
            && self.stands_in(stored, &request, answer.is_none())
        {
            let detail = if answer.is_some() {
                "stale-if-error"
            } else {
                "disconnected"
            };
            verdict.details = details(&[detail]);
            verdict.ttl = Some(self.ttl(stored));
            return Some((self.from_stored(&asked.fields, false, stored), verdict));
        }
        let answer = answer.filter(|_| !behind || !failed)?;
        if let (304, Some(stored)) = (answer.status, validated) {
            return Some(self.confirmed(asked, stored, &answer, requested, verdict));
        }
        Some(self.received(asked, answer, requested, verdict))
    }

    /// A 304 to a question of the cache's own.
    fn confirmed(
        &mut self,
        asked: &Asked,
        stored: &Stored,
        unchanged: &Answer,
        requested: u64,
        mut verdict: Verdict,
    ) -> (Answer, Verdict) {
        if !is_of(&unchanged.fields, stored) {
            verdict.details = details(&["other-validator"]);
            return (self.from_stored(&asked.fields, false, stored), verdict);
        }
        let mut by = unchanged.fields.clone();
        self.dated(&mut by);
        let renewed = Stored {
            asked: asked.fields.clone(),
            fields: updated(&stored.fields, &by),
            requested,
            received: self.now,
            ..stored.clone()
        };
        let reasons = reasons(asked, &renewed, &self.options, self.now);
        if reasons.is_empty() {
            verdict.stored = true;
            self.keep(asked, renewed.clone());
        } else {
            self.stored.remove(&asked.url);
        }
        verdict.details = details(&reasons);
        (self.from_stored(&asked.fields, false, &renewed), verdict)
    }

    /// An answer of its own.
    fn received(
        &mut self,
        asked: &Asked,
        mut answer: Answer,
        requested: u64,
        mut verdict: Verdict,
    ) -> (Answer, Verdict) {
        let incomplete = is_incomplete(&answer);
        self.dated(&mut answer.fields);
        let mut new = Stored {
            asked: asked.fields.clone(),
            status: answer.status,
            fields: kept(&answer.fields),
            text: answer.text.clone(),
            requested,
            received: self.now,
        };
        let mut reasons = reasons(asked, &new, &self.options, self.now);
        if incomplete {
            reasons.push("incomplete");
        }
        let most = self.options.max_body.unwrap_or(usize::MAX);
        let len = answer.text.len();
        let said = answer
            .fields
            .first("content-length")
            .and_then(|said| said.parse().ok());
        if len > most || said.is_some_and(|said: usize| said > most) {
            reasons.push("too-large");
        }
        verdict.stored = reasons.is_empty();
        verdict.details = details(&reasons);
        if verdict.stored {
            if new.status != 204 {
                new.fields.set("content-length", len.to_string());
            }
            self.keep(asked, new.clone());
        }
        if verdict.stored && is_unchanged(&asked.fields, &answer.fields, answer.status) {
            answer.status = 304;
            answer.fields = of_unchanged(&kept(&answer.fields));
            answer.fields.set("age", new.age(self.now).to_string());
            answer.text.clear();
            answer.coming = Coming::Whole;
        }
        (answer, verdict)
    }

    /// What it answers for is not needed any more.
    fn keep(&mut self, asked: &Asked, new: Stored) {
        let (now, options) = (self.now, &self.options);
        let place = self.stored.entry(asked.url.clone()).or_default();
        place.until = place.until.max(new.of_use_until(options));
        let stays = |old: &Stored| {
            !matches(old, &asked.fields) && old.of_use_until(options) > i128::from(now)
        };
        place.responses.retain(stays);
        place.responses.push(new);
    }

    /// HEAD goes to the origin as it is, and its answer freshens what is stored (section 4.3.5).
    fn head(
        &mut self,
        asked: &Asked,
        mut verdict: Verdict,
        origin: &mut Origin<'_>,
    ) -> Option<(Answer, Verdict)> {
        let requested = self.now;
        verdict.details = details(&["method"]);
        let (mut answer, verdict) = self.pass(asked, verdict, origin)?;
        self.dated(&mut answer.fields);
        if answer.status != 200 {
            return Some((answer, verdict));
        }
        let (now, options) = (self.now, self.options.clone());
        let place = self.stored.entry(asked.url.clone()).or_default();
        let matching = place
            .responses
            .iter()
            .filter(|stored| matches(stored, &asked.fields));
        let Some(stored) = matching.max_by_key(|stored| stored.recency()).cloned() else {
            return Some((answer, verdict));
        };
        let names = ["etag", "last-modified", "content-length"];
        let differs = |name: &&str| {
            answer.fields.has(name) && answer.fields.lines(name) != stored.fields.lines(name)
        };
        let renewed = Stored {
            asked: asked.fields.clone(),
            fields: updated(&stored.fields, &answer.fields),
            requested,
            received: now,
            ..stored.clone()
        };
        let kept = !names.iter().any(differs) && reasons(asked, &renewed, &options, now).is_empty();
        if kept {
            self.keep(asked, renewed);
        } else {
            self.stored.remove(&asked.url);
        }
        Some((answer, verdict))
    }
}
