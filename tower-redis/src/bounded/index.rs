//! Which slot a key is in.
//!
//! A word says of one key in which slot it is, in as many low bits as that takes, and has above them those bits of the
//! key's hash that its place does not tell. So nearly all slots that are looked at are the right one, and a word that
//! is found shows what it needs where it lies. Collisions take the next place (linear probing), and what is removed
//! leaves no gap: those behind it move up.

/// Slots are at most half as many as places, so none has the number that this would be.
const EMPTY: u32 = u32::MAX;
const LEAST: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Index {
    /// As many as a power of two, or none.
    words: Vec<u32>,
}

impl Index {
    /// Whether slots up to the number `slots` have room.
    pub(super) fn fits(&self, slots: usize) -> bool {
        slots <= self.words.len() / 2
    }

    /// Makes room for up to `slots` slots, those `taken` among them: each by the hash of its key.
    pub(super) fn rebuild(&mut self, slots: usize, taken: impl Iterator<Item = (u32, u32)>) {
        // with more of them taken, many a look finds a word of another key first, and that is hard to foresee
        self.words = vec![EMPTY; (2 * slots).next_power_of_two().max(LEAST)];
        for (hash, slot) in taken {
            self.insert(hash, slot);
        }
    }

    fn mask(&self) -> u32 {
        mask(&self.words)
    }

    /// What `look` says first of the slots that a key with `hash` may be in.
    #[inline(always)]
    pub(super) fn find<R>(&self, hash: u32, mut look: impl FnMut(u32) -> Option<R>) -> Option<R> {
        let words = &self.words[..];
        if words.is_empty() {
            return None;
        }
        let mask = mask(words);
        let mut at = hash;
        loop {
            let word = words[at as usize & (words.len() - 1)];
            if (word ^ hash) & !mask == 0
                && word != EMPTY
                && let Some(found) = look(word & mask)
            {
                return Some(found);
            }
            if word == EMPTY {
                return None;
            }
            at = at.wrapping_add(1);
        }
    }

    /// There is room for it.
    pub(super) fn insert(&mut self, hash: u32, slot: u32) {
        let mask = self.mask();
        let mut at = hash & mask;
        while self.words[at as usize] != EMPTY {
            at = at.wrapping_add(1) & mask;
        }
        self.words[at as usize] = hash & !mask | slot;
    }

    /// Forgets `slot`, whose key has `hash`. `hash_of` tells that of the keys in other slots.
    pub(super) fn remove(&mut self, hash: u32, slot: u32, hash_of: impl Fn(u32) -> u32) {
        let mask = self.mask();
        let wanted = hash & !mask | slot;
        let mut gap = hash & mask;
        while self.words[gap as usize] != wanted {
            gap = gap.wrapping_add(1) & mask;
        }
        let mut at = gap;
        loop {
            at = at.wrapping_add(1) & mask;
            let word = self.words[at as usize];
            if word == EMPTY {
                break;
            }
            let home = hash_of(word & mask);
            // a key may be in any place from its own on, as long as there is none empty between
            let from = |place: u32| at.wrapping_sub(place) & mask;
            if from(home) >= from(gap) {
                self.words[gap as usize] = word;
                gap = at;
            }
        }
        self.words[gap as usize] = EMPTY;
    }
}

#[inline]
fn mask(words: &[u32]) -> u32 {
    (words.len() as u32).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn found(index: &Index, hash: u32, slot: u32) -> bool {
        index.find(hash, |at| (at == slot).then_some(())).is_some()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Hashes of few bits, so that many keys want the same places, also those at the end.
        #[test]
        fn what_is_in_it_is_found_and_nothing_else(
            steps in proptest::collection::vec((0_u32..40, any::<bool>()), 1..200),
            spread in prop_oneof![Just(1_u32), Just(0x0400_0001), Just(0xffff_fff1)],
        ) {
            let hash_of = |slot: u32| (slot % 7).wrapping_mul(spread).wrapping_add(13);
            let (mut index, mut model) = (Index::default(), BTreeMap::new());
            for (slot, stays) in steps {
                if !index.fits(slot as usize + 1) {
                    let taken = model.iter().map(|(slot, hash)| (*hash, *slot));
                    index.rebuild(slot as usize + 1, taken);
                }
                let hash = hash_of(slot);
                if let Some(hash) = model.remove(&slot) {
                    index.remove(hash, slot, hash_of);
                }
                if stays {
                    index.insert(hash, slot);
                    model.insert(slot, hash);
                }
                for slot in 0..40 {
                    prop_assert_eq!(found(&index, hash_of(slot), slot), model.contains_key(&slot));
                }
            }
        }
    }

    #[test]
    fn nothing_is_in_an_empty_one() {
        assert!(!found(&Index::default(), 7, 0));
    }
}
