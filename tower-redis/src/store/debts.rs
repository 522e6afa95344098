//! Invalidations that Redis has to be told of, bounded.

use std::time::Duration;

use hashbrown::HashMap;

use crate::clock::Moment;

use super::entry::Place;
use super::names::Names;
use super::pattern::Pattern;
use super::token::TokenKey;

/// Beyond this, keys become the token of their cache, and tags become all tags.
pub(super) const MOST: usize = 4_096;

/// Beyond this, one is forgotten: only keys and patterns that belong to no cache get that far.
const MOST_OF_ALL: usize = 4 * MOST;

/// What has to be done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Debt {
    Key(Place),
    Token(TokenKey),
    Matching(Pattern),
    AllTags,
}

/// Everything that has to be done, each thing once.
#[derive(Debug, Default)]
pub(super) struct Debts {
    owed: HashMap<Debt, Entered, foldhash::fast::RandomState>,
    entered: u64,
    forgotten: u64,
    /// How many there are when it is worth while to look at each of them again.
    widen_at: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entered {
    number: u64,
    at: Moment,
}

impl Debts {
    pub(super) fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.owed.len()
    }

    /// How many could not be kept.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
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
        self.owed.insert(debt, Entered { number, at });
    }

    fn widen(&mut self, names: &Names) {
        if self.owed.len() < self.widen_at.max(MOST) {
            return;
        }
        let narrow = self.owed.extract_if(|debt, _| wider(debt, names).is_some());
        let narrow: Vec<_> = narrow.collect();
        for (debt, Entered { at, .. }) in narrow {
            if let Some(wide) = wider(&debt, names) {
                self.enter(wide, at);
            }
        }
        self.widen_at = self.owed.len() * 2;
    }

    /// Those that were added within `time` before `now`, in order; the others are no longer kept.
    pub(super) fn since(&mut self, time: Duration, now: Moment) -> Vec<Debt> {
        self.owed.retain(|_, entered| now.since(entered.at) < time);
        self.all().into_iter().map(|(debt, _)| debt).collect()
    }

    /// Everything, as it is now, in the order in which it was added.
    pub(super) fn all(&self) -> Vec<(Debt, Entered)> {
        let copy = |(debt, entered): (&Debt, &Entered)| (debt.clone(), *entered);
        let mut all: Vec<_> = self.owed.iter().map(copy).collect();
        all.sort_by_key(|(_, entered)| entered.number);
        all
    }

    /// `paid` has been done; what was added again meanwhile stays.
    pub(super) fn settle(&mut self, paid: &[(Debt, Entered)]) {
        for (debt, entered) in paid {
            if self
                .owed
                .get(debt)
                .is_some_and(|now| now.number == entered.number)
            {
                self.owed.remove(debt);
            }
        }
    }
}

/// What does the same and more, of which there are few.
fn wider(debt: &Debt, names: &Names) -> Option<Debt> {
    match debt {
        Debt::Key(place) => match &place.family {
            Some(family) => Some(Debt::Matching(family.clone())),
            None => names.generation_of(&place.key).map(Debt::Token),
        },
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
        Debt::Key(Place::new(key, Format::Envelope))
    }

    fn exact(n: usize) -> Debt {
        let place = Place::new(format!("user:{n}"), Format::Plain);
        Debt::Key(place.of(Pattern::prefix(b"user:")))
    }

    fn add(debts: &mut Debts, debt: Debt) {
        debts.add(debt, Moment::default(), &names());
    }

    fn kept(debts: &Debts) -> Vec<Debt> {
        debts.all().into_iter().map(|(debt, _)| debt).collect()
    }

    #[test]
    fn each_is_kept_once_until_it_is_settled() {
        let mut debts = Debts::default();
        for debt in [own(1), own(2), own(1)] {
            add(&mut debts, debt);
        }
        assert_eq!(debts.len(), 2);
        let all = debts.all();
        add(&mut debts, own(2));
        debts.settle(&all);
        assert_eq!(kept(&debts), [own(2)]);
        let all = debts.all();
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
            (&exact, Debt::Matching(Pattern::prefix(b"user:"))),
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
        let loose = |n: usize| Debt::Matching(Pattern::prefix(n.to_string().as_bytes()));
        (0..MOST_OF_ALL + 5).for_each(|n| add(&mut debts, loose(n)));
        assert_eq!((debts.len(), debts.forgotten()), (MOST_OF_ALL, 5));
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
