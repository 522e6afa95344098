//! A response as it is stored.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AGE, CONTENT_LENGTH, CONTENT_RANGE, Entry, HeaderMap, HeaderValue, VARY};
use http::{Method, StatusCode};

use crate::clock::Moment;

use super::cache_status::CACHE_STATUS;
use super::recent::Recent;
use super::rfc9110::ranges::{ContentRange, DIGESTS, cut_of_part};
use super::rfc9111::directives::ResponseDirectives;
use super::rfc9111::fields::{all_elements, weight};
use super::rfc9111::freshness::{Exchanged, Freshness, date, initial_age};
use super::rfc9111::reuse::{forbids_stale, is_good_when_stale};
use super::rfc9111::storing::{Answered, storable, withheld};
use super::rfc9111::validation::has_validator;
use super::rfc9111::vary::Selection;
use super::rfc9111::verdict::Reason;
use super::tape::Tape;

/// How long a response is kept once it is not fresh any more: to be validated, or for when the origin cannot
/// be reached.
const KEPT_STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// All of a stored response but its body.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    /// As section 3.1 says. Once stored, with a line of `Age` and a last one of `Cache-Status` that
    /// each answer overwrites with its own.
    pub(crate) fields: HeaderMap,
    pub(crate) directives: ResponseDirectives,
    pub(crate) freshness: Freshness,
    pub(crate) selection: Selection,
    /// The tags it has.
    pub(crate) tags: Box<[Box<str>]>,
    /// Which bytes the body is, if it is not all of them. A part has the status 200: "a 206 (Partial Content)
    /// response MAY be stored as if it were an incomplete 200 (OK) response" (section 3.3).
    pub(crate) part: Option<ContentRange>,
}

impl Head {
    /// The head of a response just received, if it may be stored.
    pub(crate) fn new(answered: &Answered<'_>, exchanged: &Exchanged) -> Result<Self, Reason> {
        let may = storable(answered)?;
        let freshness = Freshness {
            lifetime: may.lifetime,
            initial_age: initial_age(answered.response, answered.date, exchanged),
            received: exchanged.received,
        };
        // it may be stale when it comes
        let of_use = freshness.is_fresh(exchanged.received) || is_good_when_stale(&may.directives);
        if !of_use && !has_validator(answered.response) {
            return Err(Reason::NoValidator);
        }
        withheld(answered, &may.directives)?;
        Ok(Self {
            status: answered.status,
            freshness,
            fields: answered.kept_fields(),
            directives: may.directives,
            selection: may.selection,
            tags: answered.tags(),
            part: None,
        })
    }

    /// The same of a response that has these bytes of it.
    #[must_use]
    pub(crate) fn of_part(mut self, part: ContentRange) -> Self {
        // each answer has its own
        self.fields.remove(CONTENT_RANGE);
        self.fields.remove(CONTENT_LENGTH);
        DIGESTS.iter().for_each(|digest| {
            self.fields.remove(digest);
        });
        self.part = (!part.is_all()).then_some(part);
        self
    }

    /// The head of one last answer, once the origin has confirmed what may not be stored any longer.
    pub(crate) fn confirmed(&self, answered: &Answered<'_>, exchanged: &Exchanged) -> Self {
        Self {
            fields: answered.kept_fields(),
            freshness: Freshness {
                initial_age: initial_age(answered.response, answered.date, exchanged),
                received: exchanged.received,
                ..self.freshness
            },
            ..self.clone()
        }
    }

    /// Whether it says in `Vary` what it was selected by.
    pub(crate) fn varies(&self) -> bool {
        all_elements(&self.fields, &VARY).next().is_some()
    }

    /// Whether others who ask now may be answered with it.
    pub(crate) fn is_shareable(&self, now: Moment) -> bool {
        !self.directives.no_cache && self.freshness.is_fresh(now)
    }

    /// Whether it has come so that every request has to ask again: who waits for another one's answer waits in vain.
    pub(crate) fn is_for_one(&self) -> bool {
        let came_stale = !self.freshness.is_fresh(self.freshness.received);
        self.directives.no_cache || came_stale && !is_good_when_stale(&self.directives)
    }

    /// Bytes of a response besides its body.
    pub(crate) fn weight(&self) -> usize {
        let tags: usize = self.tags.iter().map(|tag| tag.len() + 16).sum();
        // what counts its owners, and the ends of what it has in memory
        const UPKEEP: usize = 64;
        weight(&self.fields) + self.selection.weight() + tags + size_of::<Stored>() + UPKEEP
    }

    /// For how long from `now` on it may be of any use: to be reused, or to be validated.
    fn useful_for(&self, now: Moment) -> Duration {
        let fresh = self.freshness.remaining(now);
        let usable_stale = !forbids_stale(&self.directives);
        if !usable_stale && !has_validator(&self.fields) {
            return fresh;
        }
        let windows = [
            self.directives.stale_while_revalidate,
            self.directives.stale_if_error,
        ];
        let longest = windows.into_iter().flatten().max().unwrap_or(0);
        let window = Duration::from_secs(if usable_stale { longest } else { 0 });
        fresh.saturating_add(KEPT_STALE.max(window))
    }
}

/// `Date` of a response, or when it was received.
pub(crate) fn date_or(fields: &HeaderMap, received: SystemTime) -> SystemTime {
    date(fields).unwrap_or(received)
}

/// One stored response.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) head: Head,
    pub(crate) body: Bytes,
    /// Where the body is read while it is on its way, and `body` is empty. What is in the store has come.
    pub(crate) coming: Option<Arc<Tape>>,
    useful_until: Moment,
}

impl Stored {
    pub(crate) fn new(mut head: Head, body: Bytes, now: Moment) -> Self {
        // the length is known now, and an answer to HEAD has nothing else to tell it by
        let bodiless = head.status == StatusCode::NO_CONTENT;
        if !bodiless && head.part.is_none() && !head.fields.contains_key(CONTENT_LENGTH) {
            head.fields
                .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        Self::with(head, body, None, now)
    }

    /// A response whose body is on its way.
    pub(crate) fn coming(head: Head, tape: Arc<Tape>, now: Moment) -> Self {
        Self::with(head, Bytes::new(), Some(tape), now)
    }

    fn with(mut head: Head, body: Bytes, coming: Option<Arc<Tape>>, now: Moment) -> Self {
        // a line that is there is overwritten without a look for room, or more of it
        let place = HeaderValue::from_static("");
        head.fields.insert(AGE, place.clone());
        head.fields.append(CACHE_STATUS, place);
        Self {
            useful_until: now.after(head.useful_for(now)),
            head,
            body,
            coming,
        }
    }

    /// A response that was written, whose ages are as they were then.
    pub(crate) fn written(head: Head, body: Bytes) -> Self {
        Self::new(head, body, Moment::default())
    }

    /// This one, just [read](Self::written) at `now`, after so much time has `passed` since.
    pub(crate) fn arrived(mut self, passed: Duration, now: Moment) -> Self {
        let freshness = &mut self.head.freshness;
        freshness.initial_age = freshness.initial_age.saturating_add(passed);
        freshness.received = now;
        self.useful_until = now.after(self.head.useful_for(now));
        self
    }

    /// The same, stale from `now` on.
    pub(crate) fn ended(&self, now: Moment) -> Self {
        let mut head = self.head.clone();
        head.freshness = head.freshness.ended(now);
        Self {
            head,
            body: self.body.clone(),
            coming: self.coming.clone(),
            useful_until: self.useful_until,
        }
    }

    /// Whether it has all that a request with this method and these fields, which selects it, asks for.
    pub(crate) fn has_all_for(&self, method: &Method, request: &HeaderMap) -> bool {
        let fields = &self.head.fields;
        match &self.head.part {
            None => true,
            Some(part) => cut_of_part(method, request, fields, part).is_some(),
        }
    }

    /// Which bytes it has.
    pub(crate) fn content_range(&self) -> ContentRange {
        let length = u64::try_from(self.body.len()).unwrap_or(u64::MAX);
        self.head.part.clone().unwrap_or(ContentRange {
            span: 0..length,
            complete: Some(length),
        })
    }

    /// The bytes of `span`, counted in all of the representation, as far as they are there.
    pub(crate) fn slice(&self, span: &Range<u64>) -> Bytes {
        let first = self.head.part.as_ref().map_or(0, |part| part.span.start);
        let at = |position: u64| {
            let at = usize::try_from(position.saturating_sub(first));
            at.unwrap_or(usize::MAX).min(self.body.len())
        };
        self.body
            .slice(at(span.start)..at(span.end.max(span.start)))
    }

    /// The fields of an answer at `now`, in which `status` is this cache's member of `Cache-Status`.
    pub(crate) fn fields_for(&self, now: Moment, status: HeaderValue) -> HeaderMap {
        let mut fields = self.head.fields.clone();
        // section 5.1: a response that was not generated or validated for this request tells its age
        let age = self.head.freshness.age(now).as_secs();
        if let Some(place) = fields.get_mut(AGE) {
            *place = written(age);
        }
        if let Entry::Occupied(mut lines) = fields.entry(CACHE_STATUS)
            && let Some(place) = lines.iter_mut().next_back()
        {
            *place = status;
        }
        fields
    }

    /// The fields as they were received, but for `Age`.
    pub(crate) fn fields_received(&self) -> HeaderMap {
        let mut fields = self.head.fields.clone();
        fields.remove(AGE);
        let lines = fields.get_all(CACHE_STATUS).iter().cloned();
        let mut of_others: Vec<_> = lines.collect();
        of_others.pop();
        fields.remove(CACHE_STATUS);
        for line in of_others {
            fields.append(CACHE_STATUS, line);
        }
        fields
    }

    pub(crate) fn useful_for(&self, now: Moment) -> Duration {
        self.useful_until.since(now)
    }

    pub(crate) fn weight(&self) -> usize {
        self.head.weight() + self.body.len()
    }
}

/// An age as its field has it.
fn written(age: u64) -> HeaderValue {
    thread_local! {
        static AGES: Recent<u64> = const { Recent::new() };
    }
    // a thread that is being torn down has none
    let known = AGES.try_with(|ages| ages.value(age, age, || age.into()));
    known.unwrap_or_else(|_| age.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_its_own_age_and_adds_its_status_to_those_of_others() {
        let of_others = ["far; hit", "near; fwd=miss"];
        for others in [&of_others[..0], &of_others[..1], &of_others] {
            let mut fields = HeaderMap::new();
            fields.insert(AGE, HeaderValue::from_static("7"));
            for line in others {
                fields.append(CACHE_STATUS, HeaderValue::from_static(line));
            }
            let received = Moment::default();
            let head = Head {
                status: StatusCode::NO_CONTENT,
                fields,
                directives: ResponseDirectives::default(),
                freshness: Freshness {
                    lifetime: Duration::from_secs(60),
                    initial_age: Duration::from_secs(7),
                    received,
                },
                selection: Selection::default(),
                tags: Box::default(),
                part: None,
            };
            let stored = Stored::new(head, Bytes::new(), received);
            let now = received.after(Duration::from_secs(5));
            let answer = stored.fields_for(now, HeaderValue::from_static("own; hit"));
            assert_eq!(answer[AGE], "12");
            let lines: Vec<_> = answer.get_all(CACHE_STATUS).iter().collect();
            assert_eq!(lines, [others, &["own; hit"]].concat());
            assert_eq!(answer.len(), 2 + others.len());

            let before = stored.fields_received();
            let lines: Vec<_> = before.get_all(CACHE_STATUS).iter().collect();
            assert_eq!(lines, others);
            assert_eq!(before.len(), others.len());
        }
    }
}
