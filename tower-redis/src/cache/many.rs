//! Many keys at once.

use crate::key::{KeyFor, KeyWriter};

use super::status::Invalidated;
use super::tags::Severity;
use super::typed::Cache;

impl<K, V: Clone + Send + Sync + 'static> Cache<K, V> {
    /// [`invalidate`](Self::invalidate) for each of `keys`, in one round trip; of more than 4,096 these at a
    /// time.
    ///
    /// # Cancellation
    /// Dropped half-way, all of it is done in this process, and will be done in the others.
    pub async fn invalidate_many<Q: KeyFor<K>>(&self, keys: &[Q]) -> Invalidated {
        let keys: Vec<KeyWriter> = keys.iter().map(KeyWriter::of).collect();
        self.engine.invalidate_many(&keys).await
    }

    /// [`expire`](Self::expire) for each of `keys`, in one round trip; of more than 4,096 these at a time.
    ///
    /// # Cancellation
    /// Dropped half-way, all of it is done in this process, and will be done in the others.
    pub async fn expire_many<Q: KeyFor<K>>(&self, keys: &[Q]) -> Invalidated {
        let keys: Vec<KeyWriter> = keys.iter().map(KeyWriter::of).collect();
        self.engine.expire_many(&keys).await
    }

    /// Makes every entry that carries one of `tags` unusable, in this and every other cache of the
    /// same toolkit, in every process. It costs the same for one entry and for a million. While Redis does
    /// not answer, and when dropped half-way, it is as with [`invalidate`](Self::invalidate).
    pub async fn invalidate_tags<T: AsRef<str>>(&self, tags: &[T]) -> Invalidated {
        let tagging = self.engine.tagging();
        tagging.invalidate(tags, Severity::Remove).await
    }

    /// [`expire`](Self::expire) for every entry that carries one of `tags`, in this and every other cache of
    /// the same toolkit, in every process, at the cost of [`invalidate_tags`](Self::invalidate_tags).
    pub async fn expire_tags<T: AsRef<str>>(&self, tags: &[T]) -> Invalidated {
        let tagging = self.engine.tagging();
        tagging.invalidate(tags, Severity::Expire).await
    }
}
