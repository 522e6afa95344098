//! The whole map.

use std::fmt;
use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;

use hashbrown::Equivalent;
use parking_lot::RwLock;

use super::part::{Left, Part, Weigh};

/// Which part a key is in hangs on some bits in the middle. `fast` leaves these uneven for short texts, so badly under
/// some seeds that a quarter of the room stays empty.
type Build = foldhash::quality::RandomState;

/// A map with room for so much. Clones are the same map.
pub(crate) struct Bounded<K, V> {
    /// As many as a power of two.
    parts: Arc<[Locked<K, V>]>,
    build: Build,
}

impl<K, V> Clone for Bounded<K, V> {
    fn clone(&self) -> Self {
        Self {
            parts: Arc::clone(&self.parts),
            build: self.build.clone(),
        }
    }
}

// what is in it is nobody's business
impl<K, V> fmt::Debug for Bounded<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bounded")
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}

/// On lines of its own, which processors fetch in pairs, so that those who take one lock are not in the way of those who
/// take the next.
#[repr(align(128))]
struct Locked<K, V>(RwLock<Part<K, V>>);

impl<K: Hash + Eq, V: Weigh> Bounded<K, V> {
    /// Room for things of `capacity` weight altogether, in about so many parts.
    pub(crate) fn new(capacity: u64, parts: usize) -> Self {
        let parts = 1_usize << parts.checked_ilog2().unwrap_or(0);
        let part = |at| Locked(RwLock::new(Part::new(share(capacity, parts, at))));
        Self {
            parts: (0..parts).map(part).collect(),
            build: Build::default(),
        }
    }

    /// What `look` says of the value of `key`, which is used. A lock is held meanwhile.
    #[inline(always)]
    pub(crate) fn read<Q, R>(&self, key: &Q, look: impl FnOnce(&V) -> R) -> Option<R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let (hash, part) = self.part(key);
        part.0
            .read()
            .get(hash, |other| key.equivalent(other))
            .map(look)
    }

    /// The same, which is no use of it.
    pub(crate) fn peek<Q, R>(&self, key: &Q, look: impl FnOnce(&V) -> R) -> Option<R>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let (hash, part) = self.part(key);
        part.0
            .read()
            .peek(hash, |other| key.equivalent(other))
            .map(look)
    }

    pub(crate) fn insert(&self, key: K, value: V) -> Left<K, V> {
        let mut left = Left::new();
        let (hash, part) = self.part(&key);
        part.0.write().insert(hash, key, value, &mut left);
        left
    }

    pub(crate) fn remove<Q>(&self, key: &Q) -> Option<(K, V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.remove_if(key, |_| true)
    }

    /// Removes what there is for `key` if it is one that is to go. A lock is held meanwhile.
    pub(crate) fn remove_if<Q>(&self, key: &Q, is_to_go: impl FnOnce(&V) -> bool) -> Option<(K, V)>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let (hash, part) = self.part(key);
        part.0
            .write()
            .remove_if(hash, |other| key.equivalent(other), is_to_go)
    }

    /// Copies of everything, a few at a time under each lock. What comes and goes meanwhile may be among them or not,
    /// and all that moves when the capacity is changed.
    pub(crate) fn batches(&self) -> impl Iterator<Item = Vec<(K, V)>>
    where
        (K, V): Clone,
    {
        const SLOTS: usize = 64;
        self.parts.iter().flat_map(|part| {
            let mut from = Some(0);
            std::iter::from_fn(move || {
                let (copies, next) = part.0.read().copies(from?, SLOTS);
                from = next;
                Some(copies)
            })
        })
    }

    /// All keys there are, those of one part at a time: none is missed that is there all the while.
    pub(crate) fn keys(&self) -> impl Iterator<Item = K>
    where
        K: Clone,
    {
        self.parts.iter().flat_map(|part| part.0.read().keys())
    }

    /// Removes everything.
    pub(crate) fn drain(&self) -> impl Iterator<Item = (K, V)> {
        self.parts.iter().flat_map(|part| part.0.write().take_all())
    }

    /// Changes how much it has room for. Each part keeps room for a weight of one at least.
    pub(crate) fn set_capacity(&self, capacity: u64) -> Left<K, V> {
        let mut left = Left::new();
        for (at, part) in self.parts.iter().enumerate() {
            let share = share(capacity, self.parts.len(), at);
            part.0.write().set_capacity(share, &mut left);
        }
        left
    }

    pub(crate) fn capacity(&self) -> u64 {
        self.sum(Part::capacity)
    }

    pub(crate) fn weight(&self) -> u64 {
        self.sum(Part::weight)
    }

    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(|part| part.0.read().len()).sum()
    }

    pub(crate) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The weight up to which something can be held, whichever part it comes to.
    #[cfg(any(test, feature = "http-cache"))]
    pub(crate) fn heaviest(&self) -> u64 {
        let least = self.parts.iter().map(|part| part.0.read().capacity()).min();
        least.unwrap_or_default()
    }

    fn sum(&self, of: impl Fn(&Part<K, V>) -> u64) -> u64 {
        let parts = self.parts.iter().map(|part| of(&part.0.read()));
        parts.fold(0, u64::saturating_add)
    }

    #[inline(always)]
    fn part<Q: Hash + ?Sized>(&self, key: &Q) -> (u32, &Locked<K, V>) {
        let hash = self.build.hash_one(key);
        // the lower half says where in its part
        let at = (hash >> 32) as usize & (self.parts.len() - 1);
        (hash as u32, &self.parts[at])
    }
}

/// How much of `capacity` the part has: together all of it, where there is any for each.
fn share(capacity: u64, parts: usize, at: usize) -> u64 {
    let (parts, at) = (parts as u64, at as u64);
    (capacity / parts + u64::from(at < capacity % parts)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weigh for u64 {}

    #[test]
    fn the_parts_have_room_for_all_of_it_and_no_more() {
        for (capacity, parts) in [(1, 1), (100, 1), (1_000, 8), (1_001, 8), (12_345, 32)] {
            let map = Bounded::new(capacity, parts);
            assert_eq!((map.capacity(), map.parts()), (capacity, parts));
            for key in 0..20 * capacity {
                map.insert(key, key);
            }
            assert_eq!(map.len() as u64, capacity, "each part is full");
        }
    }

    #[test]
    fn all_that_is_there_is_shown_and_goes_together() {
        let map = Bounded::new(10_000, 8);
        for key in 0_u64..1_000 {
            map.insert(key, key);
        }
        // slots that are free lie between
        for key in (0_u64..1_000).step_by(3) {
            assert_eq!(map.remove(&key), Some((key, key)));
        }
        let there: Vec<u64> = (0..1_000).filter(|key| key % 3 != 0).collect();
        let mut keys: Vec<u64> = map.keys().collect();
        let mut shown: Vec<u64> = map.batches().flatten().map(|(key, _)| key).collect();
        keys.sort_unstable();
        shown.sort_unstable();
        assert_eq!((&keys, &shown), (&there, &there));
        let mut gone: Vec<u64> = map.drain().map(|(key, _)| key).collect();
        gone.sort_unstable();
        assert_eq!((gone, map.len(), map.weight()), (there, 0, 0));
    }
}
