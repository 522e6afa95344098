//! The most frequent keys of a stream, in a bounded number of places and a fixed number of steps for each key.
//!
//! Metwally, Agrawal and El Abbadi, "Efficient computation of frequent and top-k elements in data streams"
//! (2005): the one with the fewest gives its place, and its count, to a new one. So with m places each key that
//! makes up more than a part of 1/m of the stream has one, and no count is too low, or too high by more than
//! what it says.
//!
//! Counts grow by one, so an order by counts is kept by one exchange: with the first of those that have the same count.

use std::collections::HashMap;
use std::hash::BuildHasher;

use hashbrown::HashTable;

/// One place.
pub(super) struct Ranked {
    pub(super) key: Box<[u8]>,
    pub(super) count: u64,
    /// How much of the count may have been others.
    pub(super) error: u64,
    /// Where it stands in the order.
    rank: usize,
}

pub(super) struct Ranking {
    places: usize,
    ranked: Vec<Ranked>,
    /// Places, those with the highest count first.
    order: Vec<usize>,
    /// The first rank of each count that there is.
    firsts: HashMap<u64, usize, foldhash::fast::RandomState>,
    /// Places, by key.
    by_key: HashTable<usize>,
    hasher: foldhash::fast::RandomState,
    #[cfg(test)]
    steps: std::cell::Cell<u64>,
}

impl Ranking {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            ranked: Vec::new(),
            order: Vec::new(),
            firsts: HashMap::default(),
            by_key: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            #[cfg(test)]
            steps: std::cell::Cell::new(0),
        }
    }

    /// Counts `key` once more.
    pub(super) fn count(&mut self, key: &[u8]) {
        let hash = self.hasher.hash_one(key);
        let is_it = |place: &usize| *self.at(*place).key == *key;
        let known = self.by_key.find(hash, is_it).copied();
        let place = match known {
            Some(place) => place,
            None if self.ranked.len() < self.places => self.add(key, hash),
            None => match self.order.last() {
                Some(&place) => {
                    self.replace(place, key, hash);
                    place
                }
                None => return,
            },
        };
        self.raise(place);
    }

    /// All of them, in no order.
    pub(super) fn each(&self) -> impl Iterator<Item = &Ranked> {
        self.ranked.iter()
    }

    /// A place for a key that was never counted.
    fn add(&mut self, key: &[u8], hash: u64) -> usize {
        let place = self.ranked.len();
        // nobody has less
        let rank = self.order.len();
        self.ranked.push(Ranked {
            key: key.into(),
            count: 0,
            error: 0,
            rank,
        });
        self.order.push(place);
        self.index(place, hash);
        place
    }

    /// Gives the place of another key to `key`, and its count.
    fn replace(&mut self, place: usize, key: &[u8], hash: u64) {
        let old = self.hasher.hash_one(&*self.at(place).key);
        if let Ok(entry) = self.by_key.find_entry(old, |other| *other == place) {
            entry.remove();
        }
        let ranked = self.at_mut(place);
        ranked.key = key.into();
        ranked.error = ranked.count;
        self.index(place, hash);
    }

    fn index(&mut self, place: usize, hash: u64) {
        let (hasher, ranked) = (&self.hasher, &self.ranked);
        self.by_key
            .insert_unique(hash, place, |place| hasher.hash_one(&*ranked[*place].key));
    }

    /// Adds one to the count at `place`.
    fn raise(&mut self, place: usize) {
        let (count, rank) = (self.at(place).count, self.at(place).rank);
        let first = self.firsts.get(&count).copied().unwrap_or(rank);
        self.order.swap(rank, first);
        let other = self.order[rank];
        self.at_mut(other).rank = rank;
        let raised = self.at_mut(place);
        raised.rank = first;
        raised.count = count + 1;
        let next = self.order.get(first + 1).copied();
        if next.is_some_and(|next| self.at(next).count == count) {
            self.firsts.insert(count, first + 1);
        } else {
            self.firsts.remove(&count);
        }
        self.firsts.entry(count + 1).or_insert(first);
    }

    fn at(&self, place: usize) -> &Ranked {
        #[cfg(test)]
        self.steps.set(self.steps.get() + 1);
        &self.ranked[place]
    }

    fn at_mut(&mut self, place: usize) -> &mut Ranked {
        #[cfg(test)]
        self.steps.set(self.steps.get() + 1);
        &mut self.ranked[place]
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn holds_together(ranking: &Ranking) {
        let counts: Vec<u64> = ranking
            .order
            .iter()
            .map(|at| ranking.ranked[*at].count)
            .collect();
        assert!(counts.is_sorted_by(|one, next| one >= next), "{counts:?}");
        for (rank, place) in ranking.order.iter().enumerate() {
            assert_eq!(ranking.ranked[*place].rank, rank);
        }
        for (count, first) in &ranking.firsts {
            assert_eq!(counts.iter().position(|other| other == count), Some(*first));
        }
        assert_eq!(ranking.by_key.len(), ranking.ranked.len());
        let mut known = counts;
        known.dedup();
        assert_eq!(ranking.firsts.len(), known.len());
    }

    proptest! {
        #[test]
        fn it_is_in_order_after_each_key(keys in vec(0_u8..30, 1..200), places in 0_usize..20) {
            let mut ranking = Ranking::new(places);
            for (n, key) in keys.iter().enumerate() {
                ranking.count(&[*key]);
                holds_together(&ranking);
                let sum: u64 = ranking.each().map(|one| one.count).sum();
                prop_assert_eq!(sum, if places == 0 { 0 } else { n as u64 + 1 });
            }
        }
    }

    /// Places looked at, which do not become more where there are more of them.
    #[test]
    fn a_key_is_counted_in_a_fixed_number_of_steps() {
        let steps_of_each = |places: u32| {
            let mut ranking = Ranking::new(places as usize);
            let count = |ranking: &mut Ranking, key: u32| ranking.count(&key.to_le_bytes());
            // different counts, equal ones, and keys that take the place of others
            for key in 0..places {
                for _ in 0..=key % 3 {
                    count(&mut ranking, key);
                }
            }
            ranking.steps.set(0);
            let calls = 20_000;
            for n in 0..calls {
                count(
                    &mut ranking,
                    if n % 2 == 0 { n % places } else { places + n },
                );
            }
            ranking.steps.get() / u64::from(calls)
        };
        let (few, many) = (steps_of_each(8), steps_of_each(4_000));
        assert!(few <= 8 && many <= 8, "{few} and {many} steps");
    }
}
