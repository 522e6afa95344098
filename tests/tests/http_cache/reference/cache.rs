//! What a cache does with a request, RFC 9111 sections 4 and 5.

use std::collections::BTreeMap;

use super::conditions::{is_origins, is_unchanged, of_unchanged};
use super::date::imf;
use super::directives::{Directives, Seconds};
use super::freshness::Stored;
use super::ranges::{Part, Wanted, if_range_holds, wanted};
use super::storing::{matches, varies};
use super::verdict::{Verdict, details, forward};
use crate::history::Options;
use crate::message::{Answer, Asked, Coming, Fields};

/// What comes out of the cache: nothing when the request fails.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) answer: Option<(Answer, Verdict)>,
}

/// The origin: what it answers, after how many seconds.
pub(crate) type Origin<'a> = dyn FnMut(&Asked) -> (u64, Option<Answer>) + 'a;

/// What is stored for one URL.
#[derive(Default)]
pub(super) struct Place {
    pub(super) responses: Vec<Stored>,
    /// When the last that was ever here is of no use any more.
    pub(super) until: i128,
}

pub(crate) struct Reference {
    pub(super) options: Options,
    /// Seconds since 1970.
    pub(super) now: u64,
    pub(super) stored: BTreeMap<String, Place>,
}

/// Why something stored answers, or why the request goes forward.
pub(super) enum Use {
    Fresh,
    MaxStale,
    WhileRevalidate,
    Forward(&'static str),
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

    pub(super) fn send(&mut self, asked: &Asked, origin: &mut Origin<'_>) -> Option<Answer> {
        let (delay, answer) = origin(asked);
        self.now += delay;
        answer
    }

    pub(crate) fn ask(&mut self, asked: &Asked, origin: &mut Origin<'_>) -> Expected {
        let answer = match asked.method.as_str() {
            "GET" | "HEAD" => self.look(asked, origin),
            "POST" => self.post(asked, origin),
            _ => self.pass(asked, forward("method"), origin),
        };
        Expected { answer }
    }

    /// What it answers may be what a GET gets: RFC 9110 section 9.3.3.
    fn post(&mut self, asked: &Asked, origin: &mut Origin<'_>) -> Option<(Answer, Verdict)> {
        let requested = self.now;
        let (mut answer, verdict) = self.pass(asked, forward("method"), origin)?;
        let request = Directives::of_request(&asked.fields, &self.options);
        let path = asked.url.strip_prefix("http://host");
        let named = answer.fields.first("content-location");
        let names_itself = named.is_some_and(|named| named == asked.url || Some(named) == path);
        let told = Stored {
            asked: asked.fields.clone(),
            status: answer.status,
            fields: answer.fields.clone(),
            text: String::new(),
            part: None,
            requested,
            received: self.now,
        };
        let explicit = told.explicit_lifetime(&self.options).is_some();
        let is_known = !asked.fields.has("host") && !request.has("no-store");
        if answer.status != 200 || !names_itself || !explicit || !is_known {
            return Some((answer, verdict));
        }
        let mut get = asked.clone();
        for name in ["if-none-match", "if-modified-since", "if-range", "range"] {
            get.fields.remove(name);
        }
        if answer.coming == Coming::Streamed {
            answer.coming = Coming::Whole;
        }
        Some(self.received(&get, answer, requested, verdict, false))
    }

    /// To the origin, and its answer is not stored.
    pub(super) fn pass(
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
    pub(super) fn dated(&self, fields: &mut Fields) {
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
        let is_empty = place.responses.is_empty();
        let matching = self.matching(asked);
        let head = asked.method == "HEAD";
        let Some(stored) = self.chosen(asked, head) else {
            if only_if_cached {
                return Some(self.refusal());
            }
            let fwd = match () {
                () if is_empty => "uri-miss",
                () if matching.is_empty() => "vary-miss",
                () => "partial",
            };
            return self.exchange(asked, None, fwd, false, origin);
        };
        match self.how(&stored, &request) {
            Use::Fresh => Some(self.hit(asked, &stored, None)),
            Use::MaxStale => Some(self.hit(asked, &stored, Some("max-stale"))),
            Use::WhileRevalidate => {
                let answer = self.hit(asked, &stored, Some("stale-while-revalidate"));
                let mut get = asked.clone();
                if asked.method == "HEAD" {
                    get.method = "GET".to_owned();
                    // which means nothing to HEAD, and something to GET
                    get.fields.remove("if-range");
                    get.fields.remove("range");
                }
                self.exchange(&get, Some(&stored), "stale", true, origin);
                Some(answer)
            }
            Use::Forward(_) if only_if_cached => Some(self.refusal()),
            Use::Forward(fwd) => self.exchange(asked, Some(&stored), fwd, false, origin),
        }
    }

    /// What is stored for the URL and matches, the newest by its `Date` first; of one date what came last.
    pub(super) fn matching(&self, asked: &Asked) -> Vec<Stored> {
        let place = self.stored.get(&asked.url);
        let all = place.map_or(&[][..], |place| &place.responses);
        let matching = all.iter().rev();
        let matching = matching.filter(|stored| matches(stored, &asked.fields));
        let mut matching: Vec<_> = matching.cloned().collect();
        matching.sort_by_key(|stored| std::cmp::Reverse(stored.recency()));
        matching
    }

    /// Which of those answers. Where one omits `Vary` the newest that has it is chosen, section 4.1.
    pub(super) fn chosen(&self, asked: &Asked, head: bool) -> Option<Stored> {
        let mut able = self.matching(asked);
        able.retain(|stored| stored.has_all_for(&asked.fields, head));
        let varying = able
            .iter()
            .position(|stored| !varies(&stored.fields).is_empty());
        (!able.is_empty()).then(|| able.swap_remove(varying.unwrap_or(0)))
    }

    fn refusal(&self) -> (Answer, Verdict) {
        let answer = Answer {
            status: 504,
            fields: Fields::default(),
            text: String::new(),
            coming: Coming::Whole,
        };
        // it says nothing of itself: RFC 9211 section 2
        (answer, Verdict::default())
    }

    /// Whether `stored` may answer without the origin (section 4).
    pub(super) fn how(&self, stored: &Stored, request: &Directives) -> Use {
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
    pub(super) fn stands_in(
        &self,
        stored: &Stored,
        request: &Directives,
        unreachable: bool,
    ) -> bool {
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
    pub(super) fn answer_of(&self, asked: &Fields, head: bool, stored: &Stored) -> Answer {
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
        } else if !head {
            self.cut(asked, stored, &mut answer);
        }
        if head {
            answer.text.clear();
        }
        if answer.status != 416 {
            answer.fields.set("age", stored.age(self.now).to_string());
        }
        answer
    }

    /// Makes an answer of `stored` what a GET is for (RFC 9110 section 14.2).
    fn cut(&self, asked: &Fields, stored: &Stored, answer: &mut Answer) {
        let there = stored.bytes();
        let (first, end) = if stored.part.is_some() {
            stored.cut(asked).unwrap_or((there.first, there.end))
        } else if stored.status == 200 && if_range_holds(asked, &stored.fields) {
            match wanted(asked, there.length()) {
                Wanted::All => return,
                Wanted::Bytes(first, end) => (first, end),
                Wanted::Nothing => {
                    const SELECTED: [&str; 5] =
                        ["etag", "last-modified", "cache-control", "expires", "age"];
                    answer.status = 416;
                    answer.fields = of_unchanged(&answer.fields);
                    let own = vec!["cdn-cache-control".to_owned()];
                    let targets = self.options.targets.as_ref().unwrap_or(&own);
                    let removed = SELECTED
                        .into_iter()
                        .chain(targets.iter().map(String::as_str));
                    removed.for_each(|name| answer.fields.remove(name));
                    let range = format!("bytes */{}", there.length());
                    answer.fields.set("content-range", range);
                    answer.fields.set("content-length", "0");
                    answer.text.clear();
                    return;
                }
            }
        } else {
            return;
        };
        let part = Part {
            first,
            end,
            complete: there.complete,
        };
        answer.status = 206;
        // of another message's bytes
        answer.fields.remove("content-digest");
        answer.fields.remove("content-md5");
        answer.text = stored.between(first, end);
        answer
            .fields
            .set("content-length", part.length().to_string());
        answer.fields.set("content-range", part.value());
    }

    /// A number of a structured field has fifteen digits.
    pub(super) fn ttl(&self, stored: &Stored) -> i64 {
        const MOST: i128 = 999_999_999_999_999;
        let remaining = stored.remaining(self.now, &self.options);
        i64::try_from(remaining.clamp(-MOST, MOST)).unwrap()
    }

    fn hit(&self, asked: &Asked, stored: &Stored, detail: Option<&str>) -> (Answer, Verdict) {
        let answer = self.answer_of(&asked.fields, asked.method == "HEAD", stored);
        let verdict = Verdict {
            hit: true,
            ttl: Some(self.ttl(stored)),
            details: details(detail.as_slice()),
            ..Verdict::default()
        };
        (answer, verdict)
    }
}
