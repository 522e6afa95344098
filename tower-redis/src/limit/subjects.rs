//! The keys of one call, as each policy of a set sees it.

use smallvec::SmallVec;

use crate::key::{CacheKey, KeyWriter};

/// The key of each policy, in the order of the set. Where there are fewer the last one is that of the rest.
#[derive(Clone, Default)]
pub struct Subjects(SmallVec<[Box<[u8]>; 2]>);

impl Subjects {
    pub(super) fn of<K: SetKey + ?Sized>(key: &K) -> Self {
        let mut subjects = Self::default();
        key.each(&mut subjects);
        subjects
    }

    pub(crate) fn push(&mut self, key: &[u8]) {
        self.0.push(key.into());
    }

    /// The key of the policy at this place.
    pub(super) fn at(&self, place: usize) -> &[u8] {
        let own = self.0.get(place).or_else(|| self.0.last());
        own.map_or(&[], |key| &**key)
    }

    /// All of them as one, which no others have.
    pub(super) fn whole(&self) -> Vec<u8> {
        let mut whole = Vec::new();
        for key in &self.0 {
            whole.extend_from_slice(&key.len().to_le_bytes());
            whole.extend_from_slice(key);
        }
        whole
    }
}

/// What a [`LimiterSet`](super::LimiterSet) is asked about: one key for all of its policies, which anything is
/// that could be the key of a cache, or one for [`Each`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of a `LimiterSet`",
    label = "expected a `CacheKey`, or `Each(&[&a, &b])`",
    note = "text, numbers, addresses and tuples of them are a `CacheKey`"
)]
pub trait SetKey {
    /// Writes it once for each policy, or once for all.
    #[doc(hidden)]
    fn each(&self, keys: &mut Subjects);
}

impl<Q: CacheKey + ?Sized> SetKey for Q {
    fn each(&self, keys: &mut Subjects) {
        KeyWriter::lend(self, |key| keys.push(key));
    }
}

/// A key for each policy of a [`LimiterSet`](super::LimiterSet), in the order of the set.
///
/// ```
/// use std::net::IpAddr;
/// use tower_redis::limit::{Each, LimiterSet};
///
/// async fn may_call(limits: &LimiterSet, peer: IpAddr, api_key: &str) -> bool {
///     limits.check(&Each(&[&peer, &api_key, &"all"])).await.is_allowed()
/// }
/// ```
///
/// Where there are fewer keys than policies the last one is that of the rest as well; keys beyond are not looked at.
#[derive(Clone, Copy)]
pub struct Each<'a>(pub &'a [&'a (dyn CacheKey + Sync)]);

impl SetKey for Each<'_> {
    fn each(&self, keys: &mut Subjects) {
        for key in self.0 {
            KeyWriter::lend(*key, |key| keys.push(key));
        }
    }
}

// keys may be secrets
impl std::fmt::Debug for Each<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Each").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Subjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subjects").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_key_is_that_of_the_rest_and_keys_stay_apart() {
        let each = Subjects::of(&Each(&[&"ada", &7_u32]));
        let seen = [0, 1, 2].map(|place| each.at(place).to_vec());
        assert_eq!(seen, [b"ada".to_vec(), b"7".to_vec(), b"7".to_vec()]);
        assert_eq!(Subjects::of("ada").at(5), b"ada");
        assert_eq!(Subjects::of(&Each(&[])).at(0), b"");
        let apart = Subjects::of(&Each(&[&"ad", &"a7"]));
        assert_ne!(each.whole(), apart.whole());
    }
}
