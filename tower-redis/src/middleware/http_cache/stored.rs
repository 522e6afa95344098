//! A response as it is stored, and the few that are stored for one URI.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use http::header::{AGE, CONTENT_LENGTH, Entry, HeaderMap, HeaderValue};

use crate::clock::Moment;

use super::cache_status::CACHE_STATUS;
use super::rfc9111::directives::ResponseDirectives;
use super::rfc9111::fields::{storable_fields, weight};
use super::rfc9111::freshness::{Exchanged, Freshness, date, initial_age};
use super::rfc9111::reuse::{forbids_stale, is_good_when_stale};
use super::rfc9111::storing::{Answered, storable};
use super::rfc9111::validation::has_validator;
use super::rfc9111::vary::Selection;
use super::rfc9111::verdict::Reason;

/// How many responses are stored for one URI; the oldest makes room.
const VARIANTS: usize = 16;

/// How long a response is kept once it is not fresh any more: to be validated, or for when the origin cannot
/// be reached.
const KEPT_STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// All of a stored response but its body.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    /// As section 3.1 says. Once stored, with a line of `Age` and a last one of `Cache-Status` that
    /// each answer overwrites with its own.
    pub(crate) fields: HeaderMap,
    pub(crate) directives: ResponseDirectives,
    pub(crate) freshness: Freshness,
    pub(crate) selection: Selection,
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
        Ok(Self {
            status: answered.status,
            freshness,
            fields: storable_fields(answered.response),
            directives: may.directives,
            selection: may.selection,
        })
    }

    /// The head of one last answer, once the origin has confirmed what may not be stored any longer.
    pub(crate) fn confirmed(&self, fields: &HeaderMap, exchanged: &Exchanged) -> Self {
        let date = date_or(fields, exchanged.wall);
        Self {
            status: self.status,
            freshness: Freshness {
                initial_age: initial_age(fields, date, exchanged),
                received: exchanged.received,
                ..self.freshness
            },
            fields: storable_fields(fields),
            directives: self.directives,
            selection: self.selection.clone(),
        }
    }

    /// Whether others who ask now may be answered with it.
    pub(crate) fn is_shareable(&self, now: Moment) -> bool {
        !self.directives.no_cache && self.freshness.is_fresh(now)
    }

    /// Bytes of a response besides its body.
    pub(crate) fn weight(&self) -> usize {
        weight(&self.fields) + self.selection.weight() + size_of::<Stored>()
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
    useful_until: Moment,
}

impl Stored {
    pub(crate) fn new(mut head: Head, body: Bytes, now: Moment) -> Self {
        // the length is known now, and an answer to HEAD has nothing else to tell it by
        let bodiless = head.status == StatusCode::NO_CONTENT;
        if !bodiless && !head.fields.contains_key(CONTENT_LENGTH) {
            head.fields
                .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        // a line that is there is overwritten without a look for room, or more of it
        let place = HeaderValue::from_static("");
        head.fields.insert(AGE, place.clone());
        head.fields.append(CACHE_STATUS, place);
        Self {
            useful_until: now.after(head.useful_for(now)),
            head,
            body,
        }
    }

    /// The fields of an answer at `now`, in which `status` is this cache's member of `Cache-Status`.
    pub(crate) fn fields_for(&self, now: Moment, status: HeaderValue) -> HeaderMap {
        let mut fields = self.head.fields.clone();
        // section 5.1: a response that was not generated or validated for this request tells its age
        let age = self.head.freshness.age(now).as_secs();
        let age = HeaderValue::from_str(itoa::Buffer::new().format(age));
        if let (Ok(age), Some(place)) = (age, fields.get_mut(AGE)) {
            *place = age;
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

    fn weight(&self) -> usize {
        self.head.weight() + self.body.len()
    }
}

/// How long requests for a URI do not wait for each other, once they have waited in vain.
const APART: Duration = Duration::from_secs(10 * 60);

/// What is kept for one URI.
#[derive(Debug)]
pub(crate) struct Variants {
    /// Its responses, the newest first.
    list: Box<[Arc<Stored>]>,
    apart_until: Moment,
}

impl Variants {
    pub(crate) fn one(stored: Arc<Stored>) -> Self {
        Self {
            list: Box::new([stored]),
            apart_until: Moment::default(),
        }
    }

    /// No response: those who ask at the same time have to be told apart.
    pub(crate) fn apart(now: Moment) -> Self {
        Self {
            list: Box::default(),
            apart_until: now.after(APART),
        }
    }

    /// Whether the answer to one request has lately turned out not to be for others.
    pub(crate) fn is_apart(&self, now: Moment) -> bool {
        now < self.apart_until
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The response that `request` selects. Of several the newest (section 4.1).
    pub(crate) fn select(&self, request: &HeaderMap) -> Option<&Arc<Stored>> {
        self.list
            .iter()
            .find(|stored| stored.head.selection.matches(request))
    }

    /// These before the `older` ones, as many of them as weigh no more than `room` together. Those that
    /// `request`, which brought these, would have selected are left out, and those that are of no use
    /// any more.
    pub(crate) fn before(
        &self,
        older: &Self,
        request: &HeaderMap,
        now: Moment,
        room: usize,
    ) -> Self {
        let mut room = room.saturating_sub(self.weight());
        let fits = |stored: &&Arc<Stored>| {
            let left = room.checked_sub(stored.weight());
            room = left.unwrap_or(0);
            left.is_some()
        };
        let stays = |stored: &&Arc<Stored>| {
            !stored.useful_for(now).is_zero() && !stored.head.selection.matches(request)
        };
        let kept = older.list.iter().filter(stays).take_while(fits);
        let list = self.list.iter().chain(kept).take(VARIANTS);
        Self {
            list: list.map(Arc::clone).collect(),
            apart_until: self.apart_until,
        }
    }

    /// The `older` ones, and these only say that requests are told apart.
    pub(crate) fn beside(&self, older: &Self) -> Self {
        Self {
            list: older.list.clone(),
            apart_until: self.apart_until,
        }
    }

    /// How long from `now` on any of this may be of use.
    pub(crate) fn useful_for(&self, now: Moment) -> Duration {
        let each = self.list.iter().map(|stored| stored.useful_for(now));
        let longest = each.max().unwrap_or_default();
        longest.max(self.apart_until.since(now))
    }

    /// Bytes they hold.
    pub(crate) fn weight(&self) -> usize {
        self.list.iter().map(|stored| stored.weight()).sum()
    }
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
