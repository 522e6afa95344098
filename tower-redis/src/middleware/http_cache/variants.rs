//! The few responses that are stored for one URI.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::HeaderMap;

use crate::cache::terms::Merging;
use crate::clock::Moment;

use super::rfc9110::ranges::contains;
use super::rfc9111::combining::are_alike;
use super::rfc9111::freshness::date;
use super::stored::Stored;
#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;

/// How many responses are stored for one URI; the oldest makes room.
const VARIANTS: usize = 16;

/// How many of them may be parts: who asks for small ranges is not to drive out the rest.
const PARTS: usize = 8;

/// Bytes of responses that one entry can have.
pub(crate) fn room(terms: Merging) -> usize {
    // what an engine adds for an entry, and a response for its length, its age and its status
    const UPKEEP: usize = 640;
    let heaviest = usize::try_from(terms.heaviest).unwrap_or(usize::MAX);
    heaviest.saturating_sub(terms.key.saturating_add(UPKEEP))
}

/// How long requests for a URI do not wait for each other, once they have waited in vain.
const APART: Duration = Duration::from_secs(10 * 60);

/// What is kept for one URI.
#[derive(Debug)]
pub(crate) struct Variants {
    /// Its responses, the newest by their `Date` first; of one date the one that came last.
    list: Box<[Arc<Stored>]>,
    apart_until: Moment,
    /// The fields of the request that brought the newest, until they are kept.
    brought_by: Option<HeaderMap>,
    /// Nothing came in place of what that request selects: it is to go.
    removes: bool,
    /// When it was put together: what is written tells ages as they were then.
    as_of: Moment,
}

impl Variants {
    /// Responses for the request with these fields: one, or several parts of one.
    pub(crate) fn of(list: Vec<Arc<Stored>>, request: &HeaderMap, now: Moment) -> Self {
        Self {
            list: list.into(),
            apart_until: Moment::default(),
            brought_by: Some(request.clone()),
            removes: false,
            as_of: now,
        }
    }

    /// No response: those who ask at the same time have to be told apart.
    pub(crate) fn apart(now: Moment) -> Self {
        Self {
            list: Box::default(),
            apart_until: now.after(APART),
            brought_by: None,
            removes: false,
            as_of: now,
        }
    }

    /// No response for the request with these fields, any more. Those who ask at the same time have to be told `apart`,
    /// or not.
    pub(crate) fn none(request: &HeaderMap, apart: bool, now: Moment) -> Self {
        let apart_until = if apart {
            now.after(APART)
        } else {
            Moment::default()
        };
        Self {
            apart_until,
            removes: true,
            ..Self::of(Vec::new(), request, now)
        }
    }

    /// Responses that were written when they were useful for `useful` more, as they were then.
    pub(crate) fn written(list: Vec<Stored>, useful: Duration) -> Self {
        Self {
            list: list.into_iter().map(Arc::new).collect(),
            apart_until: Moment::default(),
            brought_by: None,
            removes: false,
            as_of: Moment::default().after(useful),
        }
    }

    /// These, just [read](Self::written) at `now`, where they are useful for `left` more.
    pub(crate) fn arrived(self, left: Option<Duration>, now: Moment) -> Self {
        let useful = self.as_of.since(Moment::default());
        let passed = useful.saturating_sub(left.unwrap_or(useful));
        let aged = |stored: Arc<Stored>| {
            let stored = Arc::try_unwrap(stored);
            // nobody else has what has just been read
            stored.map_or_else(
                |shared| shared,
                |stored| Arc::new(stored.arrived(passed, now)),
            )
        };
        Self {
            list: self.list.into_iter().map(aged).collect(),
            as_of: now,
            ..self
        }
    }

    /// Those that are still of use at `now`, stale from then on.
    pub(crate) fn ended(&self, now: Moment) -> Self {
        let useful = |stored: &&Arc<Stored>| !stored.useful_for(now).is_zero();
        let ended = |stored: &Arc<Stored>| Arc::new(stored.ended(now));
        Self {
            list: self.list.iter().filter(useful).map(ended).collect(),
            apart_until: self.apart_until,
            brought_by: None,
            removes: false,
            as_of: self.as_of,
        }
    }

    /// The tags that any of them has.
    pub(crate) fn tags(&self) -> Vec<String> {
        let tags = self.list.iter().flat_map(|stored| &stored.head.tags);
        let all: BTreeSet<_> = tags.map(|tag| &**tag).collect();
        all.into_iter().map(str::to_owned).collect()
    }

    pub(crate) fn as_of(&self) -> Moment {
        self.as_of
    }

    pub(crate) fn list(&self) -> &[Arc<Stored>] {
        &self.list
    }

    /// These with what is there, as they are kept from then on. See [`Merge`](crate::cache::terms::Merge).
    pub(crate) fn merge(new: &Arc<Self>, current: Option<&Arc<Self>>, terms: Merging) -> Arc<Self> {
        let all = match current {
            Some(current) => new.with(current, terms),
            None => Self {
                list: new.list.clone(),
                brought_by: None,
                ..**new
            },
        };
        Arc::new(Self {
            brought_by: None,
            removes: false,
            ..all
        })
    }

    /// These with what is there, as far as the weights of `terms` allow.
    pub(crate) fn with(&self, current: &Self, terms: Merging) -> Self {
        match &self.brought_by {
            Some(request) => self.before(current, request, terms.now, room(terms)),
            None => self.beside(current),
        }
    }

    /// Whether the answer to one request has lately turned out not to be for others.
    pub(crate) fn is_apart(&self, now: Moment) -> bool {
        now < self.apart_until
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The response that a request with this method and these fields selects. Of several that have all that is asked for
    /// the newest (section 4); where one omits `Vary`, the newest that has it (section 4.1).
    pub(crate) fn select(&self, method: &Method, request: &HeaderMap) -> Option<&Arc<Stored>> {
        let all = self.selected(request);
        let mut able = all.filter(|stored| stored.has_all_for(method, request));
        let newest = able.next()?;
        if self.list.len() == 1 || newest.head.varies() {
            return Some(newest);
        }
        #[cfg(any(test, feature = "testing"))]
        if HttpCacheFault::VaryIsNotPreferred.is_committed() {
            return Some(newest);
        }
        able.find(|stored| stored.head.varies()).or(Some(newest))
    }

    /// All that `request` selects, the newest first: parts, and a response that is complete.
    pub(crate) fn selected(&self, request: &HeaderMap) -> impl Iterator<Item = &Arc<Stored>> {
        let list = self.list.iter();
        list.filter(|stored| stored.head.selection.matches(request))
    }

    /// These with the `older` ones, as many of them as weigh no more than `room` together. Those that
    /// `request`, which brought these, would have selected are left out, unless these are parts that have not
    /// [taken their place](Self::replaces), and those that are of no use any more.
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
            let selection = &stored.head.selection;
            // what a field that names another URL brought takes the place of its like alone
            let goes =
                selection.matches(request) && selection.is_of_url(request) && self.replaces(stored);
            let is_here = self.list.iter().any(|new| Arc::ptr_eq(new, stored));
            !goes && !is_here && !stored.useful_for(now).is_zero()
        };
        let mut parts = 0;
        let few = |stored: &&Arc<Stored>| {
            parts += usize::from(stored.head.part.is_some());
            stored.head.part.is_none() || parts <= PARTS
        };
        let kept = older.list.iter().filter(stays).take_while(fits);
        let list = self.list.iter().chain(kept).filter(few).take(VARIANTS);
        let mut list: Vec<_> = list.map(Arc::clone).collect();
        // of several that a request selects, "the most recent one (as determined by the Date header field)": section 4
        list.sort_by_cached_key(|stored| Reverse(date(&stored.head.fields)));
        Self {
            list: list.into(),
            apart_until: self.apart_until,
            brought_by: self.brought_by.clone(),
            removes: self.removes,
            as_of: now,
        }
    }

    /// Whether any of these, which are newer, takes the place of `stored`, which the same request selects. A part
    /// does of what it has all of, and of what is not of the same representation. Nothing takes the place of all.
    fn replaces(&self, stored: &Stored) -> bool {
        self.removes
            || self.list.iter().any(|new| {
                let has_all = match (&new.head.part, &stored.head.part) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some(new), Some(old)) => contains(&new.span, &old.span),
                };
                has_all || !are_alike(&new.head.fields, &stored.head.fields)
            })
    }

    /// The `older` ones, and these only say that requests are told apart.
    pub(crate) fn beside(&self, older: &Self) -> Self {
        Self {
            list: older.list.clone(),
            apart_until: self.apart_until,
            brought_by: None,
            removes: false,
            as_of: self.as_of,
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
        // what counts them, and where they are listed
        const UPKEEP: usize = 48;
        let list: usize = self.list.iter().map(|stored| stored.weight()).sum();
        size_of::<Self>() + UPKEEP + list
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::middleware::http_cache::form::decode;

    #[test]
    fn what_is_merged_once_more_is_there_once() {
        let now = Moment::default();
        let terms = Merging {
            now,
            heaviest: 1 << 20,
            key: 0,
        };
        let of = |language: &'static str| {
            let text = format!("1 5000\n200 5000 0 0\nmax-age=5\n?x={language}\n\n");
            let stored = Arc::clone(&decode(&text.into()).unwrap().list()[0]);
            let request = HeaderMap::from_iter([(
                http::HeaderName::from_static("x"),
                HeaderValue::from_static(language),
            )]);
            Variants::of(vec![stored], &request, now)
        };
        let current = Arc::new(of("a"));
        let all = Arc::new(of("b").with(&current, terms));
        assert_eq!(all.list().len(), 2);
        assert_eq!(Variants::merge(&all, Some(&current), terms).list().len(), 2);
    }
}
