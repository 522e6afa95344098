//! Where things lie, and the order in which they came.
//!
//! A slot that holds something is in one of two rings, which begin with what came first. It stays where it is until what
//! it holds goes, is replaced, or moves together with all the others. Slots that are free are in a list of their own.

use std::mem;
use std::sync::atomic::{AtomicU8, Ordering};

const NOWHERE: u32 = u32::MAX;
/// How often something is asked for counts up to here.
const MOST_USES: u8 = 3;

/// A line of the processor's caches for a key and a value of six words together, so that a hit reads one, and what it
/// notes there is in it as well.
#[repr(align(64))]
pub(super) struct Slot<T> {
    item: Option<T>,
    pub(super) hash: u32,
    /// In its ring, or in the list of those that are free.
    next: u32,
    previous: u32,
    uses: AtomicU8,
    pub(super) queue: Queue,
}

/// Which ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    Small,
    Main,
}

/// In the order in which they came.
#[derive(Debug)]
pub(super) struct Ring {
    oldest: u32,
    pub(super) weight: u64,
}

pub(super) struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: u32,
}

/// What a slot held, and what was known of it.
pub(super) struct Taken<T> {
    pub(super) item: T,
    pub(super) hash: u32,
    pub(super) queue: Queue,
    pub(super) uses: u8,
}

impl<T> Slot<T> {
    #[inline]
    pub(super) fn item(&self) -> Option<&T> {
        self.item.as_ref()
    }

    /// It was asked for. Two at once may count as one.
    #[inline]
    pub(super) fn use_it(&self) {
        let uses = self.uses.load(Ordering::Relaxed);
        if uses < MOST_USES {
            self.uses.store(uses + 1, Ordering::Relaxed);
        }
    }

    pub(super) fn uses(&mut self) -> &mut u8 {
        self.uses.get_mut()
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            free: NOWHERE,
        }
    }
}

impl<T> Slots<T> {
    /// How many there are, free ones among them.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    pub(super) fn get(&self, at: u32) -> Option<&Slot<T>> {
        self.slots.get(at as usize)
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut Slot<T>> {
        self.slots.get_mut(at as usize)
    }

    pub(super) fn hash(&self, at: u32) -> u32 {
        self.get(at).map_or(0, |slot| slot.hash)
    }

    /// Those that hold something, with their hashes.
    pub(super) fn taken(&self) -> impl Iterator<Item = (u32, u32)> {
        let slots = self.slots.iter().zip(0..);
        slots.filter_map(|(slot, at)| slot.item.as_ref().map(|_| (slot.hash, at)))
    }

    /// What is in the slots from `from` on, in so many of them.
    pub(super) fn items(&self, from: usize, slots: usize) -> impl Iterator<Item = &T> {
        let slots = self.slots.iter().skip(from).take(slots);
        slots.filter_map(Slot::item)
    }

    pub(super) fn into_items(self) -> impl Iterator<Item = T> {
        self.slots.into_iter().filter_map(|slot| slot.item)
    }

    /// Whether what comes next takes a slot that there is.
    pub(super) fn has_free(&self) -> bool {
        self.free != NOWHERE
    }

    /// Puts something at the end of `ring`.
    pub(super) fn append(&mut self, ring: &mut Ring, taken: Taken<T>) -> u32 {
        let slot = Slot {
            item: Some(taken.item),
            hash: taken.hash,
            next: NOWHERE,
            previous: NOWHERE,
            uses: AtomicU8::new(taken.uses),
            queue: taken.queue,
        };
        let free = self.free;
        let at = match self.slots.get_mut(free as usize) {
            Some(place) => {
                self.free = place.next;
                *place = slot;
                free
            }
            None => {
                if self.slots.len() == self.slots.capacity() {
                    // a quarter more: twice as many would leave as much as half of them empty
                    let more = (self.slots.len() / 4).max(4);
                    self.slots.reserve_exact(more);
                }
                self.slots.push(slot);
                (self.slots.len() - 1) as u32
            }
        };
        self.link(ring, at);
        at
    }

    /// Takes what is in the slot out of `ring`, and leaves it free.
    pub(super) fn take(&mut self, ring: &mut Ring, at: u32) -> Option<Taken<T>> {
        self.unlink(ring, at);
        let free = mem::replace(&mut self.free, at);
        let slot = self.slots.get_mut(at as usize)?;
        slot.next = free;
        slot.item.take().map(|item| Taken {
            item,
            hash: slot.hash,
            queue: slot.queue,
            uses: *slot.uses.get_mut(),
        })
    }

    /// Moves a slot from one ring to the end of the other.
    pub(super) fn pass(&mut self, from: &mut Ring, to: &mut Ring, at: u32) {
        self.unlink(from, at);
        self.link(to, at);
    }

    /// What came first comes last.
    pub(super) fn rotate(&self, ring: &mut Ring) {
        ring.oldest = self.get(ring.oldest).map_or(NOWHERE, |slot| slot.next);
    }

    /// What is in `ring`, as the links say both ways.
    #[cfg(test)]
    pub(super) fn order(&self, ring: &Ring) -> Vec<u32> {
        let mut order = Vec::new();
        let mut at = ring.oldest;
        while let Some(slot) = self.get(at) {
            order.push(at);
            assert_eq!(self.get(slot.next).unwrap().previous, at);
            at = slot.next;
            if at == ring.oldest {
                break;
            }
        }
        order
    }

    fn link(&mut self, ring: &mut Ring, at: u32) {
        let oldest = ring.oldest;
        let newest = self.get(oldest).map_or(at, |slot| slot.previous);
        if oldest == NOWHERE {
            ring.oldest = at;
        }
        let next = ring.oldest;
        if let Some(slot) = self.get_mut(at) {
            (slot.next, slot.previous) = (next, newest);
        }
        self.join(newest, at);
        self.join(at, next);
    }

    fn unlink(&mut self, ring: &mut Ring, at: u32) {
        let Some((next, previous)) = self.get(at).map(|slot| (slot.next, slot.previous)) else {
            return;
        };
        self.join(previous, next);
        if ring.oldest == at {
            ring.oldest = if next == at { NOWHERE } else { next };
        }
    }

    /// `b` comes after `a`.
    fn join(&mut self, a: u32, b: u32) {
        if let Some(slot) = self.get_mut(a) {
            slot.next = b;
        }
        if let Some(slot) = self.get_mut(b) {
            slot.previous = a;
        }
    }
}

impl Ring {
    /// What came first.
    pub(super) fn oldest(&self) -> Option<u32> {
        (self.oldest != NOWHERE).then_some(self.oldest)
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self {
            oldest: NOWHERE,
            weight: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(slots: &Slots<u8>, ring: &Ring) -> Vec<u8> {
        let item = |at: &u32| slots.get(*at).unwrap().item.unwrap();
        slots.order(ring).iter().map(item).collect()
    }

    fn put(slots: &mut Slots<u8>, ring: &mut Ring, item: u8) -> u32 {
        let taken = Taken {
            item,
            hash: item.into(),
            queue: Queue::Small,
            uses: 0,
        };
        slots.append(ring, taken)
    }

    #[test]
    fn rings_keep_the_order_in_which_things_came() {
        let (mut slots, mut a, mut b) = (Slots::default(), Ring::default(), Ring::default());
        let at: Vec<u32> = (0..5).map(|n| put(&mut slots, &mut a, n)).collect();
        assert_eq!(order(&slots, &a), [0, 1, 2, 3, 4]);
        assert_eq!(slots.take(&mut a, at[2]).unwrap().item, 2);
        slots.pass(&mut a, &mut b, at[0]);
        slots.pass(&mut a, &mut b, at[4]);
        assert_eq!(
            (order(&slots, &a), order(&slots, &b)),
            (vec![1, 3], vec![0, 4])
        );
        slots.rotate(&mut a);
        assert_eq!(order(&slots, &a), [3, 1]);
        assert!(slots.has_free());
        assert_eq!(
            put(&mut slots, &mut a, 9),
            at[2],
            "a free slot is used again"
        );
        assert!(!slots.has_free());
        assert_eq!(order(&slots, &a), [3, 1, 9]);
        for at in [at[3], at[1], at[2]] {
            slots.take(&mut a, at).unwrap();
        }
        assert_eq!((a.oldest(), order(&slots, &a)), (None, vec![]));
        assert_eq!(slots.taken().collect::<Vec<_>>(), [(0, at[0]), (4, at[4])]);
    }

    /// As keys are: a number, or a short text.
    #[expect(dead_code, reason = "only its size counts")]
    enum Key {
        Number(u64),
        Text([u8; 22]),
    }

    #[test]
    fn a_key_and_a_value_of_three_words_each_take_one_line() {
        assert_eq!(size_of::<Slot<(Key, [u64; 3])>>(), 64);
    }
}
