//! Invalidations that Redis has to be told of, bounded.

use std::time::Duration;

use bytes::Bytes;
use hashbrown::HashMap;

use crate::clock::Moment;

use super::entry::Place;
use super::names::Names;
use super::pattern::Pattern;
use super::token::TokenKey;

/// Beyond this, keys become the token of their cache, and tags become all tags.
pub(super) const MOST: usize = 4_096;

/// Beyond this, one is forgotten. Only what is not under a name of ours gets that far: exact keys, of which
/// nothing wider may be removed, since what begins alike may be somebody's data.
const MOST_OF_ALL: usize = 4 * MOST;

/// What has to be done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Debt {
    Key(Doomed),
    Token(TokenKey),
    Matching(Pattern),
    AllTags,
}

/// A key whose value has to go, whatever form it is in.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Doomed(pub(super) Bytes);

/// What stands in the way of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// Something that is done in a few round trips, and its number.
    Quick(u64),
    /// Something that takes a scan.
    Sweep,
}

/// Everything that has to be done, each thing once.
#[derive(Debug, Default)]
pub(super) struct Debts {
    owed: HashMap<Debt, Entered, foldhash::fast::RandomState>,
    /// How many of them take a scan.
    sweeps: usize,
    entered: u64,
    forgotten: u64,
    /// How many there are when it is worth while to look at each of them again.
    widen_at: usize,
    /// When it was looked for those that are too old.
    looked: Moment,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entered {
    number: u64,
    at: Moment,
}

impl Debt {
    /// What it is to remove what lies at `place`.
    pub(super) fn key(place: &Place) -> Self {
        Self::Key(Doomed(place.key.clone()))
    }

    /// Whether it takes a scan, before which `key` and `tokens` may not be read.
    fn sweeps(&self, key: Option<&Bytes>, tokens: &[TokenKey]) -> bool {
        match self {
            Self::Matching(pattern) => key.is_some_and(|key| pattern.matches(key)),
            Self::AllTags => tokens.iter().any(|token| token.as_tag().is_some()),
            Self::Key(_) | Self::Token(_) => false,
        }
    }

    /// Whether it is done in a few round trips.
    pub(super) fn is_quick(&self) -> bool {
        match self {
            Self::Key(_) | Self::Token(_) => true,
            Self::Matching(_) | Self::AllTags => false,
        }
    }
}

impl Debts {
    pub(super) fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.owed.len()
    }

    /// How many could not be kept.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The number of the last one that was added.
    pub(super) fn last(&self) -> u64 {
        self.entered
    }

    /// Whether any takes a few round trips.
    pub(super) fn has_quick(&self) -> bool {
        self.owed.len() > self.sweeps
    }

    /// Whether any takes a scan.
    pub(super) fn has_sweeps(&self) -> bool {
        self.sweeps > 0
    }

    /// What has to be done before `key` and `tokens` may be read.
    pub(super) fn hindrance(
        &self,
        key: Option<&Bytes>,
        tokens: &[TokenKey],
        names: &Names,
    ) -> Option<Hindrance> {
        // a scan that is needed anyway decides
        if self.has_sweeps() && self.owed.keys().any(|debt| debt.sweeps(key, tokens)) {
            return Some(Hindrance::Sweep);
        }
        // the token of a cache may stand for keys of it, which does not make it unknown
        let of_key = key.and_then(|key| names.generation_of(key));
        let tokens = tokens.iter().chain(&of_key).cloned().map(Debt::Token);
        let keys = key.map(|key| Debt::Key(Doomed(key.clone())));
        let numbers = tokens.chain(keys).filter_map(|debt| self.owed.get(&debt));
        let newest = numbers.map(|entered| entered.number).max();
        newest.map(Hindrance::Quick)
    }

    pub(super) fn add(&mut self, debt: Debt, at: Moment, names: &Names) {
        if self.owed.len() < MOST || self.owed.contains_key(&debt) {
            self.enter(debt, at);
            return;
        }
        // there is no room for every single one
        self.widen(names);
        let debt = wider(&debt, names).unwrap_or(debt);
        if self.owed.len() < MOST_OF_ALL || self.owed.contains_key(&debt) {
            self.enter(debt, at);
        } else {
            self.forgotten += 1;
        }
    }

    fn enter(&mut self, debt: Debt, at: Moment) {
        self.entered += 1;
        let number = self.entered;
        // several narrow ones become one: the newest of them says how long it counts
        let at = self.owed.get(&debt).map_or(at, |before| before.at.max(at));
        let sweeps = usize::from(!debt.is_quick());
        if self.owed.insert(debt, Entered { number, at }).is_none() {
            self.sweeps += sweeps;
        }
    }

    fn widen(&mut self, names: &Names) {
        if self.owed.len() < self.widen_at.max(MOST) {
            return;
        }
        let narrow = self.owed.extract_if(|debt, _| wider(debt, names).is_some());
        let narrow: Vec<_> = narrow.collect();
        self.count();
        for (debt, Entered { at, .. }) in narrow {
            if let Some(wide) = wider(&debt, names) {
                self.enter(wide, at);
            }
        }
        self.widen_at = self.owed.len() * 2;
    }

    /// No longer keeps those that were added longer than `time` before `now`. When there are many, each is
    /// looked at, though not again at once.
    pub(super) fn forget_older(&mut self, time: Duration, now: Moment) {
        const PAUSE: Duration = Duration::from_millis(500);
        if self.owed.len() >= MOST && now.since(self.looked) >= PAUSE {
            self.keep_since(time, now);
        }
    }

    fn keep_since(&mut self, time: Duration, now: Moment) {
        self.looked = now;
        self.owed.retain(|_, entered| now.since(entered.at) < time);
        self.count();
    }

    /// Those that were added within `time` before `now`, in order; the others are no longer kept.
    pub(super) fn since(&mut self, time: Duration, now: Moment) -> Vec<Debt> {
        self.keep_since(time, now);
        let all = self.those(|_| true);
        all.into_iter().map(|(debt, _)| debt).collect()
    }

    /// As many as `most` of those that take a few round trips: the first that were added.
    pub(super) fn first_quick(&self, most: usize) -> Vec<(Debt, Entered)> {
        let quick = self.owed.iter().filter(|(debt, _)| debt.is_quick());
        let mut quick: Vec<_> = quick.collect();
        quick.sort_unstable_by_key(|(_, entered)| entered.number);
        quick.truncate(most);
        quick
            .into_iter()
            .map(|(debt, entered)| (debt.clone(), *entered))
            .collect()
    }

    /// Those that are `wanted`, as they are now, in the order in which they were added.
    pub(super) fn those(&self, wanted: impl Fn(&Debt) -> bool) -> Vec<(Debt, Entered)> {
        let those = self.owed.iter().filter(|(debt, _)| wanted(debt));
        let copy = |(debt, entered): (&Debt, &Entered)| (debt.clone(), *entered);
        let mut those: Vec<_> = those.map(copy).collect();
        those.sort_by_key(|(_, entered)| entered.number);
        those
    }

    /// `paid` has been done; what was added again meanwhile stays.
    pub(super) fn settle(&mut self, paid: &[(Debt, Entered)]) {
        for (debt, entered) in paid {
            let unchanged = |now: &Entered| now.number == entered.number;
            if self.owed.get(debt).is_some_and(unchanged) {
                self.owed.remove(debt);
            }
        }
        self.count();
    }

    fn count(&mut self) {
        self.sweeps = self.owed.keys().filter(|debt| !debt.is_quick()).count();
    }
}

// what is in a key may be a secret
impl std::fmt::Debug for Doomed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doomed").finish_non_exhaustive()
    }
}

/// What does the same and more, of which there are few.
fn wider(debt: &Debt, names: &Names) -> Option<Debt> {
    match debt {
        Debt::Key(doomed) => names.generation_of(&doomed.0).map(Debt::Token),
        Debt::Matching(pattern) => {
            let generation = names.generation_of(&pattern.literal_start());
            generation.map(Debt::Token)
        }
        Debt::Token(key) => key.as_tag().map(|_| Debt::AllTags),
        Debt::AllTags => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Format;
    use super::super::names::CacheName;
    use super::*;

    fn names() -> Names {
        Names::new("tr", 0)
    }

    fn cache() -> CacheName {
        CacheName::new(&["us*ers"], "00000000")
    }

    fn own(n: usize) -> Debt {
        let key = [&names().values(&cache())[..], n.to_string().as_bytes()].concat();
        Debt::key(&Place::new(key, Format::Envelope))
    }

    fn exact(n: usize) -> Debt {
        let place = Place::new(format!("user:{n}"), Format::Plain);
        Debt::key(&place)
    }

    fn add(debts: &mut Debts, debt: Debt) {
        debts.add(debt, Moment::default(), &names());
    }

    fn kept(debts: &Debts) -> Vec<Debt> {
        let all = debts.those(|_| true);
        all.into_iter().map(|(debt, _)| debt).collect()
    }

    #[test]
    fn each_is_kept_once_until_it_is_settled() {
        let mut debts = Debts::default();
        for debt in [own(1), own(2), own(1)] {
            add(&mut debts, debt);
        }
        assert_eq!(debts.len(), 2);
        let all = debts.those(|_| true);
        add(&mut debts, own(2));
        debts.settle(&all);
        assert_eq!(kept(&debts), [own(2)]);
        let all = debts.those(|_| true);
        debts.settle(&all);
        assert!(debts.is_empty());
    }

    #[test]
    fn too_many_become_what_does_the_same_and_more() {
        let tag = |n: usize| Debt::Token(TokenKey::tag(&n.to_string()));
        let starting = |n: usize| {
            let within = names().values(&cache());
            Debt::Matching(Pattern::prefix(
                &[&within[..], n.to_string().as_bytes()].concat(),
            ))
        };
        let generation = Debt::Token(cache().generation());
        for (debt, wide) in [
            (&own as &dyn Fn(usize) -> Debt, generation.clone()),
            (&tag, Debt::AllTags),
            (&starting, generation),
        ] {
            let mut debts = Debts::default();
            (0..MOST).for_each(|n| add(&mut debts, debt(n)));
            assert_eq!(debts.len(), MOST);
            add(&mut debts, debt(7));
            assert_eq!(debts.len(), MOST);
            add(&mut debts, debt(MOST));
            assert_eq!(kept(&debts), [wide]);
        }
    }

    #[test]
    fn what_has_no_wider_form_is_kept_for_longer_and_bounded_too() {
        let mut debts = Debts::default();
        // what begins alike may belong to somebody else
        (0..MOST_OF_ALL + 5).for_each(|n| add(&mut debts, exact(n)));
        assert_eq!((debts.len(), debts.forgotten()), (MOST_OF_ALL, 5));
        assert!(!debts.has_sweeps());
    }

    #[test]
    fn what_becomes_one_is_as_recent_as_the_newest_of_them() {
        let mut debts = Debts::default();
        let at = |n: usize| Moment::default().after(Duration::from_millis(n as u64));
        (0..=MOST).for_each(|n| debts.add(own(n), at(n), &names()));
        let recent = debts.since(Duration::from_millis(5), at(MOST));
        assert_eq!(recent, [Debt::Token(cache().generation())]);
    }

    #[test]
    fn only_what_concerns_a_read_hinders_it() {
        let key = |n: usize| match own(n) {
            Debt::Key(doomed) => doomed.0,
            _ => unreachable!(),
        };
        let (one, tag) = (key(1), TokenKey::tag("a"));
        let plain = Bytes::from_static(b"user:7");
        let quick = Some(Hindrance::Quick(1));
        let sweep = Some(Hindrance::Sweep);
        let pattern = Debt::Matching(Pattern::prefix(b"user:"));
        for (debt, key, tokens, hinders) in [
            (own(1), Some(&one), None, quick),
            (own(2), Some(&one), None, None),
            (exact(7), Some(&plain), None, quick),
            (pattern.clone(), Some(&plain), None, sweep),
            (pattern.clone(), Some(&one), None, None),
            (pattern, None, Some(&tag), None),
            (Debt::Token(cache().generation()), Some(&one), None, quick),
            (Debt::Token(cache().generation()), Some(&plain), None, None),
            (Debt::Token(tag.clone()), Some(&one), Some(&tag), quick),
            (Debt::Token(tag.clone()), Some(&one), None, None),
            (Debt::AllTags, None, Some(&tag), sweep),
            (Debt::AllTags, Some(&one), None, None),
            (Debt::AllTags, None, Some(&cache().generation()), None),
        ] {
            let mut debts = Debts::default();
            add(&mut debts, debt.clone());
            let tokens: Vec<_> = tokens.into_iter().cloned().collect();
            let found = debts.hindrance(key, &tokens, &names());
            assert_eq!(found, hinders, "{debt:?}, {tokens:?}");
        }
    }

    #[test]
    fn what_is_old_is_not_recent() {
        let mut debts = Debts::default();
        let at = |secs| Moment::default().after(Duration::from_secs(secs));
        for n in 0..10 {
            debts.add(own(n), at(n as u64), &names());
        }
        debts.add(own(0), at(9), &names());
        let mut recent = debts.since(Duration::from_secs(2), at(9));
        recent.sort_by_key(|debt| format!("{:?}", *debt == own(0)));
        assert_eq!(recent.len(), 3);
        assert!([0, 8, 9].map(own).iter().all(|debt| recent.contains(debt)));
        assert_eq!(debts.len(), 3);
    }
}
