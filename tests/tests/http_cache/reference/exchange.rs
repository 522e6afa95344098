//! A request that goes to the origin, and what is stored of the answer: RFC 9111 sections 3 and 4.3.

use super::cache::{Origin, Reference, Use};
use super::conditions::{is_of, is_strong, is_unchanged, of_unchanged, updated, validating};
use super::directives::Directives;
use super::freshness::Stored;
use super::storing::{
    is_incomplete, kept, lie_in_the_request, matches, reasons, says_what_there_is,
};
use super::verdict::{Verdict, details, forward};
use crate::message::{Answer, Asked, Coming};

impl Reference {
    /// The origin is asked, about `stored` if it is there.
    pub(super) fn exchange(
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
        if fwd == "vary-miss"
            && let Some(answered) = self.ask_which(asked, &verdict, origin)
        {
            return answered;
        }
        let requested = self.now;
        let request = Directives::of_request(&asked.fields, &self.options);
        let forbidden = request.has("no-store");
        let validated = stored.filter(|stored| stored.has_validator() && !forbidden);
        let mut sent = asked.clone();
        if let Some(stored) = validated {
            sent.fields = validating(&asked.fields, stored);
        } else if behind {
            // nobody has use of a 304 then
            sent.fields.remove("if-none-match");
            sent.fields.remove("if-modified-since");
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
            return Some((self.answer_of(&asked.fields, false, stored), verdict));
        }
        // what was served may still be: better than a failure
        let serves = |stored| !matches!(self.how(stored, &request), Use::Forward(_));
        let is_left = behind && failed && stored.is_some_and(serves);
        let answer = answer.filter(|_| !is_left)?;
        if let (304, Some(stored)) = (answer.status, validated) {
            return Some(self.confirmed(asked, stored, &answer, requested, verdict));
        }
        Some(self.received(asked, answer, requested, verdict))
    }

    /// Asks which of the variants with a strong tag a request gets that selects none (section 4.3.1). `None` if nothing
    /// is asked, or the answer names none of them: then the request is sent as it is.
    fn ask_which(
        &mut self,
        asked: &Asked,
        verdict: &Verdict,
        origin: &mut Origin<'_>,
    ) -> Option<Option<(Answer, Verdict)>> {
        let request = Directives::of_request(&asked.fields, &self.options);
        let own = ["if-none-match", "if-modified-since"];
        if request.has("no-store") || own.iter().any(|name| asked.fields.has(name)) {
            return None;
        }
        let mut variants = self.stored.get(&asked.url)?.responses.clone();
        // the newest first, of one date that which came last
        variants.reverse();
        variants.sort_by_key(|stored| std::cmp::Reverse(stored.recency()));
        let tag = |stored: &Stored| stored.fields.first("etag").unwrap_or_default().to_owned();
        variants.retain(|stored| is_strong(&tag(stored)));
        let mut tags = Vec::new();
        for tag in variants.iter().map(tag) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        if tags.is_empty() {
            return None;
        }
        let requested = self.now;
        let mut sent = asked.clone();
        sent.fields.push("if-none-match", tags.join(", "));
        let Some(answer) = self.send(&sent, origin) else {
            return Some(None);
        };
        let mut verdict = verdict.clone();
        verdict.fwd_status = Some(answer.status);
        if answer.status != 304 {
            return Some(Some(self.received(asked, answer, requested, verdict)));
        }
        let named = match answer.fields.first("etag") {
            Some(named) => variants.iter().find(|stored| tag(stored) == named),
            None if variants.len() == 1 => variants
                .first()
                .filter(|stored| is_of(&answer.fields, stored)),
            None => None,
        };
        let named = named.cloned()?;
        Some(Some(
            self.confirmed(asked, &named, &answer, requested, verdict),
        ))
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
            return (self.answer_of(&asked.fields, false, stored), verdict);
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
        } else if !lie_in_the_request(&reasons) {
            self.forget(asked);
        }
        verdict.details = details(&reasons);
        (self.answer_of(&asked.fields, false, &renewed), verdict)
    }

    /// An answer of its own.
    pub(super) fn received(
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
        let readable = reasons.is_empty();
        let mut replaces = !readable && !lie_in_the_request(&reasons);
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
            replaces |= readable;
        } else if readable && said.is_some_and(|said| said > len) {
            // who reads along is told that something is missing
            answer.coming = Coming::Broken;
        }
        if replaces && says_what_there_is(answer.status) {
            self.forget(asked);
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
        let reasons = reasons(asked, &renewed, &options, now);
        let same = stored.status == 200 && !names.iter().any(differs);
        if same && reasons.is_empty() {
            self.keep(asked, renewed);
        } else if !lie_in_the_request(&reasons) {
            self.forget(asked);
        }
        Some((answer, verdict))
    }

    /// What `asked` selects is not kept any longer.
    fn forget(&mut self, asked: &Asked) {
        let options = &self.options;
        if let Some(place) = self.stored.get_mut(&asked.url)
            && place
                .responses
                .iter()
                .any(|old| matches(old, &asked.fields))
        {
            place.responses.retain(|old| !matches(old, &asked.fields));
            // what is left is put there anew
            let ends = place
                .responses
                .iter()
                .map(|left| left.of_use_until(options));
            place.until = ends.max().unwrap_or(i128::MIN);
            if place.until <= i128::from(self.now) {
                self.stored.remove(&asked.url);
            }
        }
    }
}
