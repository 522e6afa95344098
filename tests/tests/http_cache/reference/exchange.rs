//! A request that goes to the origin, and what is stored of the answer: RFC 9111 sections 3 and 4.3.

use super::cache::{Origin, Reference, Use};
use super::conditions::{is_of, is_strong, is_unchanged, of_unchanged, updated, validating};
use super::directives::Directives;
use super::freshness::Stored;
use super::ranges::{Gap, Part, are_of_one};
use super::storing::{
    is_incomplete, kept, lie_in_the_request, matches, reasons, says_what_there_is,
};
use super::verdict::{Verdict, details, forward};
use crate::message::{Answer, Asked, Coming, Fields};

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
        if stored.is_none() {
            if let Some(answered) = self.ask_for_the_rest(asked, &verdict, origin) {
                return answered;
            }
            if let Some(answered) = self.ask_which(asked, &verdict, origin) {
                return answered;
            }
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
        let ranged = sent.fields.has("range");
        Some(self.received(asked, answer, requested, verdict, ranged))
    }

    /// Asks for what is missing of parts that are stored (section 3.4). `None` if nothing is asked, or the answer is
    /// none of that: then the request is sent as it is.
    fn ask_for_the_rest(
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
        let gap = Gap::of(&self.matching(asked), &asked.fields)?;
        let requested = self.now;
        let mut sent = asked.clone();
        sent.fields = gap.question(&asked.fields);
        let Some(answer) = self.send(&sent, origin) else {
            return Some(None);
        };
        let fills = answer.status == 206;
        if matches!(answer.status, 304 | 416) || fills && !gap.is_filled_by(&answer.fields) {
            return Some(self.as_it_is(asked, verdict, origin));
        }
        let mut verdict = verdict.clone();
        verdict.fwd_status = Some(answer.status);
        let (mut answer, verdict) = self.received(asked, answer, requested, verdict, true);
        if fills {
            let (status, fields, before, after) = gap.filled(&answer.fields);
            let middle = answer.text.len() as u64;
            let length: u64 = fields.first("content-length").unwrap().parse().unwrap();
            let expected = length - (before.len() + after.len()) as u64;
            let after = match answer.coming == Coming::Broken || middle != expected {
                true => String::new(),
                false => after,
            };
            answer.status = status;
            answer.fields = fields;
            answer.text = before + &answer.text + &after;
        }
        Some(Some((answer, verdict)))
    }

    /// The client's own request, once another question was in vain.
    fn as_it_is(
        &mut self,
        asked: &Asked,
        verdict: &Verdict,
        origin: &mut Origin<'_>,
    ) -> Option<(Answer, Verdict)> {
        let requested = self.now;
        let answer = self.send(asked, origin)?;
        let mut verdict = verdict.clone();
        verdict.fwd_status = Some(answer.status);
        let ranged = asked.fields.has("range");
        Some(self.received(asked, answer, requested, verdict, ranged))
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
        variants.retain(|stored| stored.part.is_none() && is_strong(&tag(stored)));
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
            let ranged = asked.fields.has("range");
            return Some(Some(
                self.received(asked, answer, requested, verdict, ranged),
            ));
        }
        let named = match answer.fields.first("etag") {
            Some(named) => variants.iter().find(|stored| tag(stored) == named),
            None if variants.len() == 1 => variants
                .first()
                .filter(|stored| is_of(&answer.fields, stored)),
            None => None,
        };
        let Some(named) = named.cloned() else {
            return Some(self.as_it_is(asked, &verdict, origin));
        };
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
            let mut all = vec![renewed.clone()];
            all.extend(self.others_renewed(asked, stored, &by, requested));
            self.keep(asked, all);
        } else if !lie_in_the_request(&reasons) && matches(stored, &asked.fields) {
            self.forget(asked);
        }
        verdict.details = details(&reasons);
        (self.answer_of(&asked.fields, false, &renewed), verdict)
    }

    /// Other parts of what a 304 speaks of (section 4.3.4).
    fn others_renewed(
        &self,
        asked: &Asked,
        stored: &Stored,
        by: &Fields,
        requested: u64,
    ) -> Vec<Stored> {
        if stored.part.is_none() {
            return Vec::new();
        }
        let mut others = self.matching(asked);
        others
            .retain(|other| other.part != stored.part && are_of_one(&other.fields, &stored.fields));
        let renewed = others.into_iter().map(|other| Stored {
            asked: asked.fields.clone(),
            fields: updated(&other.fields, by),
            requested,
            received: self.now,
            ..other
        });
        let (options, now) = (&self.options, self.now);
        renewed
            .filter(|renewed| reasons(asked, renewed, options, now).is_empty())
            .collect()
    }

    /// The fields of a part: its own above those of what is stored of the same, the newest the most. `None` where they
    /// may not be all.
    fn fields_of_part(&self, asked: &Asked, own: &Fields) -> Option<Fields> {
        let mut known = self.matching(asked);
        known.retain(|known| are_of_one(&known.fields, own));
        known.reverse();
        let known = known
            .into_iter()
            .map(|known| known.fields)
            .reduce(|older, newer| updated(&older, &newer));
        match known {
            Some(known) => Some(updated(&known, own)),
            None if asked.fields.has("if-range") => None,
            None => Some(kept(own)),
        }
    }

    /// An answer of its own, to a request for a range or for all.
    pub(super) fn received(
        &mut self,
        asked: &Asked,
        mut answer: Answer,
        requested: u64,
        mut verdict: Verdict,
        ranged: bool,
    ) -> (Answer, Verdict) {
        self.dated(&mut answer.fields);
        let mut incomplete = is_incomplete(&answer);
        let said_of_part = Part::said(&answer.fields);
        let part = said_of_part.filter(|_| ranged && answer.status == 206);
        let of_part = part.and_then(|_| self.fields_of_part(asked, &answer.fields));
        let refused = match (ranged, answer.status) {
            (true, 206) if of_part.is_none() => Some("range"),
            (true, 304) => Some("status"),
            (false, _) | (true, 200 | 206) => None,
            (true, _) => Some("range"),
        };
        let is_part = of_part.is_some();
        let mut new = Stored {
            asked: asked.fields.clone(),
            status: if is_part { 200 } else { answer.status },
            fields: of_part.unwrap_or_else(|| kept(&answer.fields)),
            text: answer.text.clone(),
            part: part.filter(|_| is_part),
            requested,
            received: self.now,
        };
        let mut reasons = match refused {
            Some(reason) => vec![reason],
            None => reasons(asked, &new, &self.options, self.now),
        };
        let readable = reasons.is_empty();
        let mut replaces = !readable && !lie_in_the_request(&reasons);
        let most = self.options.max_body.unwrap_or(usize::MAX);
        let len = answer.text.len();
        if let Some(part) = new.part {
            incomplete |= part.length() != len as u64;
            if readable && said_otherwise(&answer, &part) {
                reasons.push("range");
            }
        }
        let said = answer
            .fields
            .first("content-length")
            .and_then(|said| said.parse().ok());
        if incomplete {
            reasons.push("incomplete");
        }
        if len > most || said.is_some_and(|said: usize| said > most) {
            reasons.push("too-large");
            replaces |= readable;
        } else if readable && !reasons.contains(&"range") {
            let of_part = new.part.map(|part| part.length() as usize);
            if said.or(of_part).is_some_and(|said| said > len) {
                // who reads along is told that something is missing
                answer.coming = Coming::Broken;
            }
        }
        if replaces && says_what_there_is(answer.status) {
            self.forget(asked);
        }
        verdict.stored = reasons.is_empty();
        verdict.details = details(&reasons);
        if verdict.stored {
            if let Some(part) = new.part {
                new = new.of_part(part);
            } else if new.status != 204 {
                new.fields.set("content-length", len.to_string());
            }
            self.keep(asked, vec![self.combined(asked, new.clone(), most)]);
        }
        if verdict.stored && is_unchanged(&asked.fields, &new.fields, new.status) {
            answer.status = 304;
            answer.fields = of_unchanged(&new.fields);
            answer.fields.set("age", new.age(self.now).to_string());
            answer.text.clear();
            answer.coming = Coming::Whole;
        }
        (answer, verdict)
    }

    /// What has come, with all stored parts that it continues (section 3.4).
    fn combined(&self, asked: &Asked, new: Stored, most: usize) -> Stored {
        let known = self.matching(asked);
        let mut whole = new;
        while let Some(more) = known.iter().find_map(|old| whole.joined(old, most)) {
            whole = more;
        }
        whole
    }

    /// What the `new` ones answer for is not needed any more.
    fn keep(&mut self, asked: &Asked, new: Vec<Stored>) {
        let (now, options) = (self.now, &self.options);
        let place = self.stored.entry(asked.url.clone()).or_default();
        let ends = new.iter().map(|new| new.of_use_until(options));
        place.until = ends.fold(place.until, i128::max);
        let stays = |old: &Stored| {
            let replaced = matches(old, &asked.fields) && new.iter().any(|new| new.replaces(old));
            !replaced && old.of_use_until(options) > i128::from(now)
        };
        place.responses.retain(stays);
        // of those of one date the first is the newest
        place.responses.extend(new.into_iter().rev());
    }

    /// HEAD goes to the origin as it is, and its answer freshens what is stored (section 4.3.5).
    fn head(
        &mut self,
        asked: &Asked,
        mut verdict: Verdict,
        origin: &mut Origin<'_>,
    ) -> Option<(Answer, Verdict)> {
        let requested = self.now;
        let request = Directives::of_request(&asked.fields, &self.options);
        let mut instead = verdict.clone();
        verdict.details = details(&["method"]);
        let answered = self.pass(asked, verdict, origin);
        let status = answered.as_ref().map(|(answer, _)| answer.status);
        if matches!(status, None | Some(500 | 502 | 503 | 504))
            && let Some(stored) = self.chosen(asked, true)
            && self.stands_in(&stored, &request, status.is_none())
        {
            let why = match status {
                Some(_) => "stale-if-error",
                None => "disconnected",
            };
            instead.fwd_status = status;
            instead.details = details(&[why]);
            instead.ttl = Some(self.ttl(&stored));
            return Some((self.answer_of(&asked.fields, true, &stored), instead));
        }
        let (mut answer, verdict) = answered?;
        self.dated(&mut answer.fields);
        if answer.status != 200 {
            return Some((answer, verdict));
        }
        let (now, options) = (self.now, self.options.clone());
        let Some(stored) = self.chosen(asked, true) else {
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
            self.keep(asked, vec![renewed]);
        } else if !lie_in_the_request(&reasons) {
            self.forget(asked);
        }
        Some((answer, verdict))
    }

    /// What `asked` selects is not kept any longer.
    fn forget(&mut self, asked: &Asked) {
        let (options, now) = (&self.options, i128::from(self.now));
        if let Some(place) = self.stored.get_mut(&asked.url)
            && place
                .responses
                .iter()
                .any(|old| matches(old, &asked.fields))
        {
            // what is left is put there anew
            let stays =
                |old: &Stored| !matches(old, &asked.fields) && old.of_use_until(options) > now;
            place.responses.retain(stays);
            if place.responses.is_empty() {
                self.stored.remove(&asked.url);
            }
        }
    }
}

/// Whether an answer says another length than that of its part before any of it has come.
fn said_otherwise(answer: &Answer, part: &Part) -> bool {
    let said = answer.fields.first("content-length");
    let said = said.and_then(|said| said.parse().ok());
    let known = said.or((answer.coming == Coming::Whole).then_some(answer.text.len() as u64));
    known.is_some_and(|known| known != part.length())
}
