//! The cached functions that are measured, by number and by text.

use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, LazyLock};

use crate::keys::text;

pub type Value = Arc<[u8]>;

/// The largest number of keys.
pub const MOST: usize = 1_000_000;

/// What is kept: one value for each key, the same for all alternatives.
pub fn value(n: usize) -> Value {
    static VALUES: LazyLock<Vec<Value>> =
        LazyLock::new(|| (0..MOST).map(|_| Arc::from([7; 256])).collect());
    Arc::clone(&VALUES[n])
}

/// The key of a cached function, and the functions that have it.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {
    const NAME: &'static str;
    fn of(n: usize) -> Self;
    fn ours(&self) -> Value;
    fn ours_async(&self) -> impl Future<Output = Value>;
    fn cached(&self) -> Value;
    fn cached_async(&self) -> impl Future<Output = Value>;
    fn concurrent(&self) -> Value;
    fn concurrent_async(&self) -> impl Future<Output = Value>;
    /// Ours once more, with one value for all keys.
    fn remembered(&self) -> Value;
    /// How many of them are.
    fn remembered_entries() -> usize;
}

/// The one value.
pub fn one() -> Value {
    static ONE: LazyLock<Value> = LazyLock::new(|| Arc::from([7; 256]));
    Arc::clone(&ONE)
}

impl Key for u64 {
    const NAME: &'static str = "u64";

    fn of(n: usize) -> Self {
        n as u64
    }

    fn ours(&self) -> Value {
        numbers::ours(*self)
    }

    async fn ours_async(&self) -> Value {
        numbers::ours_async(*self).await
    }

    fn cached(&self) -> Value {
        numbers::cached(*self)
    }

    async fn cached_async(&self) -> Value {
        numbers::cached_async(*self).await
    }

    fn concurrent(&self) -> Value {
        numbers::concurrent(*self)
    }

    async fn concurrent_async(&self) -> Value {
        numbers::concurrent_async(*self).await
    }

    fn remembered(&self) -> Value {
        numbers::remembered(*self)
    }

    fn remembered_entries() -> usize {
        numbers::remembered::stats().entries
    }
}

impl Key for String {
    const NAME: &'static str = "&str";

    fn of(n: usize) -> Self {
        text(n)
    }

    fn ours(&self) -> Value {
        texts::ours(self)
    }

    async fn ours_async(&self) -> Value {
        texts::ours_async(self).await
    }

    fn cached(&self) -> Value {
        texts::cached(self)
    }

    async fn cached_async(&self) -> Value {
        texts::cached_async(self).await
    }

    fn concurrent(&self) -> Value {
        texts::concurrent(self)
    }

    async fn concurrent_async(&self) -> Value {
        texts::concurrent_async(self).await
    }

    fn remembered(&self) -> Value {
        texts::remembered(self)
    }

    fn remembered_entries() -> usize {
        texts::remembered::stats().entries
    }
}

mod numbers {
    use cached::macros::{cached as theirs, concurrent_cached};

    use super::{Value, one, value};

    #[tower_redis::cached(ttl = 3600, capacity = 2_000_000)]
    pub fn ours(key: u64) -> Value {
        value(key as usize)
    }

    #[tower_redis::cached(ttl = 3600, capacity = 2_000_000)]
    pub async fn ours_async(key: u64) -> Value {
        value(key as usize)
    }

    #[tower_redis::cached(ttl = 3600, capacity = 1_125_000)]
    pub fn remembered(_key: u64) -> Value {
        one()
    }

    #[theirs(ttl_secs = 3600, max_size = 2_000_000)]
    pub fn cached(key: u64) -> Value {
        value(key as usize)
    }

    #[theirs(ttl_secs = 3600, max_size = 2_000_000)]
    pub async fn cached_async(key: u64) -> Value {
        value(key as usize)
    }

    #[concurrent_cached(ttl_secs = 3600, max_size = 2_000_000)]
    pub fn concurrent(key: u64) -> Value {
        value(key as usize)
    }

    #[concurrent_cached(ttl_secs = 3600, max_size = 2_000_000)]
    pub async fn concurrent_async(key: u64) -> Value {
        value(key as usize)
    }
}

mod texts {
    use cached::macros::{cached as theirs, concurrent_cached};

    use super::{Value, one, value};

    /// The value of the key that [`text`](super::text) made.
    fn value_of(key: &str) -> Value {
        let number = key
            .rsplit(':')
            .next()
            .and_then(|digits| digits.parse().ok());
        value(number.expect("a key ends with its number"))
    }

    #[tower_redis::cached(ttl = 3600, capacity = 2_000_000)]
    pub fn ours(key: &str) -> Value {
        value_of(key)
    }

    #[tower_redis::cached(ttl = 3600, capacity = 2_000_000)]
    pub async fn ours_async(key: &str) -> Value {
        value_of(key)
    }

    #[tower_redis::cached(ttl = 3600, capacity = 1_125_000)]
    pub fn remembered(_key: &str) -> Value {
        one()
    }

    #[theirs(
        ttl_secs = 3600,
        max_size = 2_000_000,
        key = "String",
        convert = "{ key.to_owned() }"
    )]
    pub fn cached(key: &str) -> Value {
        value_of(key)
    }

    #[theirs(
        ttl_secs = 3600,
        max_size = 2_000_000,
        key = "String",
        convert = "{ key.to_owned() }"
    )]
    pub async fn cached_async(key: &str) -> Value {
        value_of(key)
    }

    #[concurrent_cached(
        ttl_secs = 3600,
        max_size = 2_000_000,
        key = "String",
        convert = "{ key.to_owned() }"
    )]
    pub fn concurrent(key: &str) -> Value {
        value_of(key)
    }

    #[concurrent_cached(
        ttl_secs = 3600,
        max_size = 2_000_000,
        key = "String",
        convert = "{ key.to_owned() }"
    )]
    pub async fn concurrent_async(key: &str) -> Value {
        value_of(key)
    }
}
