//! How collections, paths and times of the standard library write themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::contract::{CacheKey, KeyFor};
use super::reserved::BRACKETS;
use super::writer::KeyWriter;

impl<T: CacheKey> CacheKey for BTreeSet<T> {
    fn write(&self, key: &mut KeyWriter) {
        elements(self, key);
    }
}

impl<K: CacheKey, V: CacheKey> CacheKey for BTreeMap<K, V> {
    fn write(&self, key: &mut KeyWriter) {
        elements(self, key);
    }
}

/// A bracket, each of `all` and a comma, a bracket.
pub(super) fn elements<T: CacheKey>(all: impl IntoIterator<Item = T>, key: &mut KeyWriter) {
    key.reserving(BRACKETS, |key| {
        key.literal("[");
        for element in all {
            element.write(key);
            key.literal(",");
        }
        key.literal("]");
    });
}

impl CacheKey for Duration {
    fn write(&self, key: &mut KeyWriter) {
        self.as_nanos().write(key);
    }
}

// not what it is shown as, where two may be the same
impl CacheKey for Path {
    fn write(&self, key: &mut KeyWriter) {
        key.escaped(self.as_os_str().as_encoded_bytes());
    }
}

impl CacheKey for PathBuf {
    fn write(&self, key: &mut KeyWriter) {
        self.as_path().write(key);
    }
}

impl KeyFor<Duration> for Duration {}
impl KeyFor<PathBuf> for Path {}
impl KeyFor<PathBuf> for PathBuf {}
impl<T: KeyFor<K>, K> KeyFor<BTreeSet<K>> for BTreeSet<T> {}
impl<T: KeyFor<K>, K, U: KeyFor<V>, V> KeyFor<BTreeMap<K, V>> for BTreeMap<T, U> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &(impl CacheKey + ?Sized)) -> String {
        let key = KeyWriter::of(value);
        String::from_utf8(key.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn what_is_sorted_is_written_in_its_order() {
        let names = BTreeSet::from(["b", "a,]"]);
        assert_eq!(written(&names), "[a%2C%5D,b,]");
        let prices = BTreeMap::from([("b:", 2), ("a", 1)]);
        assert_eq!(written(&prices), "[a:1,b%3A:2,]");
        assert_eq!(
            written(&(&prices, 7)),
            "[a%3A1,b%3A:2,]:7".replace("%3A1", ":1")
        );
    }

    #[test]
    fn times_and_paths_are_told_apart() {
        assert_eq!(written(&Duration::from_millis(1)), "1000000");
        assert_eq!(written(Path::new("/srv/a b")), "/srv/a%20b");
        assert_eq!(written(&PathBuf::from("/srv")), "/srv");
    }
}
