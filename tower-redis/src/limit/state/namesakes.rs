//! Telling apart limiters of one toolkit that are called the same.
//!
//! Each limiter counts for itself, also when two are made from one policy, as for two routes. In Redis
//! only what they are called could tell them apart; so the second one alive is called after its number as
//! well. A process that is put together by the same code counts in the same order, and its second meets
//! the second of the others.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The numbers in use under each name.
#[derive(Debug, Default)]
pub(super) struct Namesakes(Mutex<Vec<(Box<[u8]>, u32)>>);

impl Namesakes {
    /// The lowest number that is free under `name`, from 1 on, until it is [given
    /// back](Self::give_back).
    pub(super) fn take(&self, name: &[u8]) -> u32 {
        let mut taken = self.taken();
        let is_taken = |number: &u32| taken.iter().any(|(of, n)| **of == *name && n == number);
        let number = (1..=u32::MAX)
            .find(|number| !is_taken(number))
            .unwrap_or(u32::MAX);
        taken.push((name.into(), number));
        number
    }

    pub(super) fn give_back(&self, name: &[u8], number: u32) {
        let mut taken = self.taken();
        if let Some(at) = taken
            .iter()
            .position(|(of, n)| **of == *name && *n == number)
        {
            taken.swap_remove(at);
        }
    }

    fn taken(&self) -> MutexGuard<'_, Vec<(Box<[u8]>, u32)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_is_taken() {
        let namesakes = Namesakes::default();
        assert_eq!(
            [b"a", b"a", b"b"].map(|name| namesakes.take(name)),
            [1, 2, 1]
        );
        assert_eq!(namesakes.take(b"a"), 3);
        namesakes.give_back(b"a", 2);
        namesakes.give_back(b"a", 7);
        assert_eq!(
            [b"a", b"a", b"b"].map(|name| namesakes.take(name)),
            [2, 4, 2]
        );
    }
}
