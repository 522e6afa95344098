//! Who is refused most, in a bounded number of entries.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ranking::Ranking;

/// A key that was refused often: [`Limiter::top_denied`](super::Limiter::top_denied).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offender {
    /// The key as it is counted under. It may be a secret: nothing prints it.
    pub key: String,
    /// How often it was refused, at most.
    pub denied: u64,
    /// How much of that may have been others.
    pub error: u64,
}

// the key may be a secret
impl fmt::Debug for Offender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offender")
            .field("denied", &self.denied)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// The counts of those that were refused most.
pub(super) struct Offenders {
    places: usize,
    ranking: Mutex<Ranking>,
}

/// Longer keys are told by their first bytes.
const LONGEST: usize = 128;

impl Offenders {
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            ranking: Mutex::new(Ranking::new(places)),
        }
    }

    pub(super) fn denied(&self, key: &[u8]) {
        self.ranking().count(key.get(..LONGEST).unwrap_or(key));
    }

    /// The most frequent first.
    pub(super) fn top(&self) -> Vec<Offender> {
        let mut top: Vec<_> = self
            .ranking()
            .each()
            .map(|ranked| Offender {
                key: String::from_utf8_lossy(&ranked.key).into_owned(),
                denied: ranked.count,
                error: ranked.error,
            })
            .collect();
        top.sort_by(|a, b| b.denied.cmp(&a.denied).then_with(|| a.key.cmp(&b.key)));
        top
    }

    fn ranking(&self) -> MutexGuard<'_, Ranking> {
        self.ranking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Offenders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offenders")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a count of everything.
        #[test]
        fn no_frequent_key_is_missed_and_no_count_is_too_low(
            keys in vec(prop_oneof![3 => 0_u8..4, 1 => 0_u8..60], 1..400),
            places in 1_usize..20,
        ) {
            let offenders = Offenders::new(places);
            let mut exact = [0_u64; 60];
            for key in &keys {
                offenders.denied(&[b'0' + key]);
                exact[usize::from(*key)] += 1;
            }
            let top = offenders.top();
            prop_assert!(top.len() <= places);
            for (key, denied) in (0_u8..).zip(exact) {
                let name = char::from(b'0' + key).to_string();
                match top.iter().find(|one| one.key == name) {
                    Some(one) => {
                        prop_assert!(one.denied >= denied);
                        prop_assert!(one.denied - one.error <= denied);
                    }
                    None => prop_assert!(denied * places as u64 <= keys.len() as u64),
                }
            }
        }
    }
}
