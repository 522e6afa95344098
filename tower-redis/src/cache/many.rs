//! Many keys at once.

use crate::key::{KeyFor, KeyWriter};

use super::status::Invalidated;
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
}
