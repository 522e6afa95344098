//! One part of a map, under one lock.

use smallvec::SmallVec;

use super::ghosts::Ghosts;
use super::index::Index;
use super::slots::{Queue, Ring, Slot, Slots, Taken};

/// What is new has one part in so many of the room, once all of it is taken.
pub(super) const NEW: u64 = 33;

/// How much of the room there is something takes: as much as anything else, if it does not say. It may not change while
/// it is there.
pub(crate) trait Weigh {
    fn weight(&self) -> u64 {
        1
    }
}

/// What left to make room for something, and what that replaced; dropped by the caller, who holds no lock.
pub(crate) type Left<K, V> = SmallVec<[(K, V, Why); 2]>;

/// Why something left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Something else came for the same key.
    Replaced,
    /// There was no room for it.
    Crowded,
}

/// What all lookups read comes first, on a line of the processor's caches that is not the one of the lock, nor the one
/// that is fetched with it: that goes from one thread to the next, and this one all of them may have.
#[repr(C, align(128))]
pub(super) struct Part<K, V> {
    index: Index,
    slots: Slots<(K, V)>,
    small: Ring,
    main: Ring,
    len: usize,
    capacity: u64,
    ghosts: Ghosts,
}

impl<K, V: Weigh> Part<K, V> {
    /// So few slots may be free however few there are.
    const FEW: usize = 64;
    /// So many entries are passed over at most to find one that goes, since others wait meanwhile.
    const PASSED: usize = 256;
    /// So many slots have a number.
    const MOST: usize = 1 << 30;

    pub(super) fn new(capacity: u64) -> Self {
        Self {
            index: Index::default(),
            slots: Slots::default(),
            small: Ring::default(),
            main: Ring::default(),
            len: 0,
            capacity,
            ghosts: Ghosts::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn weight(&self) -> u64 {
        self.small.weight.saturating_add(self.main.weight)
    }

    pub(super) fn capacity(&self) -> u64 {
        self.capacity
    }

    /// The value of the key that `is_it`, which is used.
    #[inline(always)]
    pub(super) fn get(&self, hash: u32, is_it: impl Fn(&K) -> bool) -> Option<&V> {
        let (slot, value) = self.find(hash, is_it)?;
        slot.use_it();
        Some(value)
    }

    pub(super) fn peek(&self, hash: u32, is_it: impl Fn(&K) -> bool) -> Option<&V> {
        self.find(hash, is_it).map(|(_, value)| value)
    }

    #[inline(always)]
    fn find(&self, hash: u32, is_it: impl Fn(&K) -> bool) -> Option<(&Slot<(K, V)>, &V)> {
        self.index.find(hash, |at| {
            let slot = self.slots.get(at)?;
            let (key, value) = slot.item()?;
            is_it(key).then_some((slot, value))
        })
    }

    fn place_of(&self, hash: u32, is_it: impl Fn(&K) -> bool) -> Option<u32> {
        self.index.find(hash, |at| {
            let (key, _) = self.slots.get(at)?.item()?;
            is_it(key).then_some(at)
        })
    }

    /// Keeps `value`, if there is room for it where there is nothing else.
    pub(super) fn insert(&mut self, hash: u32, key: K, value: V, left: &mut Left<K, V>)
    where
        K: Eq,
    {
        let weight = value.weight();
        let before = self.place_of(hash, |other| *other == key);
        let before = before.and_then(|at| self.take(at));
        let (queue, uses) = match before {
            Some(before) => {
                let (key, value) = before.item;
                left.push((key, value, Why::Replaced));
                (before.queue, before.uses)
            }
            None => (self.queue_of(hash, weight), 0),
        };
        if weight > self.capacity {
            left.push((key, value, Why::Crowded));
            return;
        }
        self.make_room(weight, left);
        if !self.slots.has_free() && !self.index.fits(self.slots.len() + 1) {
            let slots = self.slots.len() + 1;
            self.index.rebuild(slots, self.slots.taken());
        }
        let ring = match queue {
            Queue::Small => &mut self.small,
            Queue::Main => &mut self.main,
        };
        ring.weight += weight;
        let taken = Taken {
            item: (key, value),
            hash,
            queue,
            uses,
        };
        let at = self.slots.append(ring, taken);
        self.index.insert(hash, at);
        self.len += 1;
    }

    /// Where something new begins.
    fn queue_of(&self, hash: u32, weight: u64) -> Queue {
        let room = self.capacity - self.capacity / NEW;
        // what is asked for in turn, again and again, would push itself out of the small one before it comes round
        let is_free = self.weight().saturating_add(weight) <= room;
        if is_free || self.ghosts.know(hash, self.known()) {
            Queue::Main
        } else {
            Queue::Small
        }
    }

    /// Of how many that went is known that they did: as many as there are. With fewer, those who ask for other keys
    /// from one moment on, as many as fit, and in turn, would find none of them for ever.
    fn known(&self) -> usize {
        self.len + 1
    }

    /// Removes what has the key that `is_it`, if it is one that is to go.
    pub(super) fn remove_if(
        &mut self,
        hash: u32,
        is_it: impl Fn(&K) -> bool,
        is_to_go: impl FnOnce(&V) -> bool,
    ) -> Option<(K, V)> {
        let at = self.place_of(hash, is_it)?;
        let (_, value) = self.slots.get(at)?.item()?;
        if !is_to_go(value) {
            return None;
        }
        self.take(at).map(|taken| taken.item)
    }

    pub(super) fn set_capacity(&mut self, capacity: u64, left: &mut Left<K, V>) {
        self.capacity = capacity;
        self.make_room(0, left);
        if self.slots.len() > 2 * self.len + Self::FEW {
            self.compact();
        }
    }

    /// Gives back the memory of slots that are free.
    fn compact(&mut self) {
        let (mut slots, mut rings) = (Slots::default(), [Ring::default(), Ring::default()]);
        for (from, to) in [&mut self.small, &mut self.main]
            .into_iter()
            .zip(&mut rings)
        {
            to.weight = from.weight;
            while let Some(taken) = from.oldest().and_then(|at| self.slots.take(from, at)) {
                slots.append(to, taken);
            }
        }
        [self.small, self.main] = rings;
        self.index.rebuild(slots.len(), slots.taken());
        self.slots = slots;
        self.ghosts = Ghosts::default();
    }

    /// What is in the slots from `from` on, in so many of them, and where the next ones are.
    pub(super) fn copies(&self, from: usize, slots: usize) -> (Vec<(K, V)>, Option<usize>)
    where
        (K, V): Clone,
    {
        let next = from.saturating_add(slots);
        let copies = self.slots.items(from, slots).cloned().collect();
        (copies, (next < self.slots.len()).then_some(next))
    }

    pub(super) fn keys(&self) -> Vec<K>
    where
        K: Clone,
    {
        let items = self.slots.items(0, usize::MAX);
        items.map(|(key, _)| key.clone()).collect()
    }

    /// Everything; nothing is there afterwards.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = (K, V)> + use<K, V> {
        let empty = Self::new(self.capacity);
        let all = std::mem::replace(self, empty);
        all.slots.into_items()
    }

    /// Lets go of things until so much more fits.
    fn make_room(&mut self, weight: u64, left: &mut Left<K, V>) {
        while self.weight().saturating_add(weight) > self.capacity || self.len >= Self::MOST {
            match self.evict() {
                Some((key, value)) => left.push((key, value, Why::Crowded)),
                None => return,
            }
        }
    }

    /// What has to go first. Each that may stay has a use less afterwards.
    fn evict(&mut self) -> Option<(K, V)> {
        let mut passed = 0;
        loop {
            let is_large = self.small.weight >= self.capacity / NEW;
            match (self.small.oldest(), self.main.oldest()) {
                (Some(at), main) if is_large || main.is_none() => {
                    let slot = self.slots.get_mut(at)?;
                    if std::mem::take(slot.uses()) == 0 {
                        let taken = self.take(at)?;
                        self.ghosts.went(taken.hash, self.known());
                        return Some(taken.item);
                    }
                    slot.queue = Queue::Main;
                    let weight = slot.item().map_or(0, |(_, value)| value.weight());
                    self.small.weight -= weight;
                    self.main.weight += weight;
                    self.slots.pass(&mut self.small, &mut self.main, at);
                }
                (_, Some(at)) => {
                    let uses = self.slots.get_mut(at)?.uses();
                    if *uses == 0 || passed >= Self::PASSED {
                        return self.take(at).map(|taken| taken.item);
                    }
                    *uses -= 1;
                    passed += 1;
                    self.slots.rotate(&mut self.main);
                }
                (_, None) => return None,
            }
        }
    }

    fn take(&mut self, at: u32) -> Option<Taken<(K, V)>> {
        let slot = self.slots.get(at)?;
        let (queue, hash) = (slot.queue, slot.hash);
        let ring = match queue {
            Queue::Small => &mut self.small,
            Queue::Main => &mut self.main,
        };
        let slots = &self.slots;
        self.index.remove(hash, at, |at| slots.hash(at));
        let taken = self.slots.take(ring, at)?;
        ring.weight -= taken.item.1.weight();
        self.len -= 1;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Item {
        weight: u64,
        number: usize,
    }

    impl Weigh for Item {
        fn weight(&self) -> u64 {
            self.weight
        }
    }

    impl Weigh for () {}

    /// Few bits are different, so that keys meet in the index.
    fn hash(key: u16) -> u32 {
        u32::from(key).wrapping_mul(0x0101_0003)
    }

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u16, u64),
        Get(u16),
        Remove(u16),
        Resize(u64),
        Clear,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let key = || 0_u16..60;
        let step = prop_oneof![
            8 => (key(), prop_oneof![Just(1), 0_u64..30]).prop_map(|(key, weight)| Step::Insert(key, weight)),
            6 => key().prop_map(Step::Get),
            2 => key().prop_map(Step::Remove),
            1 => (0_u64..60).prop_map(Step::Resize),
            1 => Just(Step::Clear),
        ];
        proptest::collection::vec(step, 1..300)
    }

    /// What is in `ring`, from what came first, as its links say both ways.
    fn weight_of(part: &Part<u16, Item>, ring: &Ring, queue: Queue) -> (usize, u64) {
        let (mut count, mut weight) = (0, 0);
        for at in part.slots.order(ring) {
            let slot = part.slots.get(at).unwrap();
            assert_eq!(slot.queue, queue);
            count += 1;
            weight += slot.item().unwrap().1.weight;
        }
        assert_eq!(weight, ring.weight);
        (count, weight)
    }

    type Model = BTreeMap<u16, Item>;

    /// Takes out of the model what `left`; the last of it, if it had to make room for something.
    fn leave(model: &mut Model, left: Left<u16, Item>) -> Option<Item> {
        let mut last = None;
        for (key, item, why) in left {
            assert_eq!(model.remove(&key), Some(item), "what leaves was there");
            last = (why == Why::Crowded).then_some(item);
        }
        last
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_does_not_leave_is_there_and_no_more_leaves_than_has_to(steps in steps()) {
            let mut part = Part::new(50);
            let mut model = Model::new();
            for (number, step) in steps.into_iter().enumerate() {
                let mut left = Left::new();
                match step {
                    Step::Insert(key, weight) => {
                        let item = Item { weight, number };
                        part.insert(hash(key), key, item, &mut left);
                        if let Some(replaced) = left.iter().position(|(_, _, why)| *why == Why::Replaced) {
                            prop_assert_eq!((replaced, left[0].0), (0, key));
                            model.remove(&key);
                            left.remove(0);
                        }
                        model.insert(key, item);
                        let refused = weight > part.capacity();
                        let last = leave(&mut model, left);
                        prop_assert_eq!(model.contains_key(&key), !refused);
                        if let Some(last) = last.filter(|_| !refused) {
                            prop_assert!(part.weight() + last.weight > part.capacity());
                        }
                    }
                    Step::Get(key) => {
                        let found = part.get(hash(key), |other| *other == key);
                        prop_assert_eq!(found, model.get(&key));
                    }
                    Step::Remove(key) => {
                        let is_odd = |item: &Item| item.number % 2 == 1;
                        let gone = part.remove_if(hash(key), |other| *other == key, is_odd);
                        let expected = model.get(&key).copied().filter(is_odd);
                        prop_assert_eq!(gone, expected.map(|item| (key, item)));
                        if expected.is_some() {
                            model.remove(&key);
                        }
                    }
                    Step::Resize(capacity) => {
                        part.set_capacity(capacity, &mut left);
                        leave(&mut model, left);
                        prop_assert!(part.slots.len() <= 2 * part.len() + Part::<u16, Item>::FEW);
                    }
                    Step::Clear => {
                        let all: Model = part.take_all().collect();
                        prop_assert_eq!(&all, &model);
                        model.clear();
                    }
                }
                let small = weight_of(&part, &part.small, Queue::Small);
                let main = weight_of(&part, &part.main, Queue::Main);
                prop_assert_eq!((small.0 + main.0, small.1 + main.1), (part.len(), part.weight()));
                prop_assert!(part.weight() <= part.capacity());
                prop_assert_eq!(part.len(), model.len());
                for key in 0..60 {
                    prop_assert_eq!(part.peek(hash(key), |other| *other == key), model.get(&key));
                }
                let (copies, next) = part.copies(0, usize::MAX);
                prop_assert_eq!((copies.into_iter().collect::<Model>(), next), (model.clone(), None));
                let mut keys = part.keys();
                keys.sort_unstable();
                prop_assert!(keys.iter().eq(model.keys()));
            }
        }
    }

    fn put(part: &mut Part<u16, ()>, key: u16) {
        part.insert(hash(key), key, (), &mut Left::new());
    }

    fn has(part: &Part<u16, ()>, key: u16) -> bool {
        part.peek(hash(key), |other| *other == key).is_some()
    }

    fn used(part: &Part<u16, ()>, key: u16) -> bool {
        part.get(hash(key), |other| *other == key).is_some()
    }

    #[test]
    fn what_is_asked_for_once_does_not_push_out_what_is_asked_for_often() {
        let mut part = Part::new(100);
        for key in 0..100 {
            put(&mut part, key);
            used(&part, key);
        }
        for stranger in 1_000..3_000 {
            put(&mut part, stranger);
        }
        let stay = (0..100).filter(|key| has(&part, *key)).count();
        assert!(stay >= 96, "{stay}");
    }

    #[test]
    fn what_is_asked_for_while_it_is_new_or_comes_again_stays() {
        for is_used in [true, false] {
            let mut part = Part::new(100);
            for key in 0..100 {
                put(&mut part, key);
            }
            put(&mut part, 500);
            if is_used {
                assert!(used(&part, 500));
            }
            for stranger in 1_000..1_020 {
                put(&mut part, stranger);
            }
            assert_eq!(has(&part, 500), is_used);
            if !is_used {
                put(&mut part, 500);
            }
            for stranger in 2_000..2_100 {
                put(&mut part, stranger);
            }
            assert!(has(&part, 500), "{is_used}");
        }
    }

    #[test]
    fn what_is_not_asked_for_any_more_makes_room_for_what_is() {
        let mut part = Part::new(100);
        for round in 0..4 {
            for key in 0..100 {
                put(&mut part, key);
                assert!((0..9).all(|_| used(&part, key)));
            }
            assert_eq!(part.len(), 100, "{round}");
        }
        for round in 0..4 {
            for key in 500..600 {
                if !used(&part, key) {
                    put(&mut part, key);
                }
            }
            let found = (500..600).filter(|key| has(&part, *key)).count();
            assert!(round < 3 || found > 90, "{found}");
        }
    }

    #[test]
    fn the_last_that_came_is_there_however_little_room_there_is() {
        for capacity in 1..5 {
            let mut part = Part::new(capacity);
            for key in 0..50 {
                put(&mut part, key);
                assert!(used(&part, key), "{key} of {capacity}");
                assert_eq!(part.len() as u64, capacity.min(u64::from(key) + 1));
            }
        }
    }

    #[test]
    fn what_it_has_no_room_for_any_more_takes_no_memory() {
        let mut part = Part::new(10_000);
        (0..10_000).for_each(|key| put(&mut part, key));
        part.set_capacity(100, &mut Left::new());
        assert_eq!((part.len(), part.slots.len()), (100, 100));
        assert_eq!((0..10_000).filter(|key| used(&part, *key)).count(), 100);
    }

    #[test]
    fn an_insertion_passes_over_few_however_often_all_are_asked_for() {
        const ALL: u16 = 3_000;
        let mut part = Part::new(ALL.into());
        for key in 0..ALL {
            put(&mut part, key);
            assert!((0..9).all(|_| used(&part, key)));
        }
        let uses = |part: &mut Part<u16, ()>| -> usize {
            let slots = 0..part.slots.len() as u32;
            slots
                .map(|at| usize::from(*part.slots.get_mut(at).unwrap().uses()))
                .sum()
        };
        for stranger in ALL..2 * ALL {
            let before = uses(&mut part);
            put(&mut part, stranger);
            let passed = before - uses(&mut part);
            // and what was passed on from the small queue, and what went, had some
            assert!(passed <= Part::<u16, ()>::PASSED + 6, "{passed}");
            assert_eq!(part.len(), usize::from(ALL));
        }
    }
}
