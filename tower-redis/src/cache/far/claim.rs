//! Which keys belong to which cache.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;

/// The prefixes that caches of one toolkit have, each its own. A process acts on what others invalidate and
/// not on its own messages, so keys of which it had copies in two caches would stay in one of them.
#[derive(Debug, Default)]
pub(crate) struct Claims(Mutex<HashMap<Bytes, Weak<()>>>);

/// Held by the cache that has claimed keys.
#[derive(Debug)]
pub(super) struct Claim(#[expect(dead_code, reason = "it is there or it is not")] Arc<()>);

impl Claims {
    /// The keys that start with `prefix`, unless a cache that still lives has them.
    pub(super) fn claim(&self, prefix: &[u8]) -> Option<Claim> {
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        claims.retain(|_, claim| claim.strong_count() > 0);
        if claims.contains_key(prefix) {
            return None;
        }
        let claim = Arc::new(());
        claims.insert(Bytes::copy_from_slice(prefix), Arc::downgrade(&claim));
        Some(Claim(claim))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_claimed_by_one_at_a_time() {
        let claims = Claims::default();
        let first = claims.claim(b"users:").unwrap();
        assert!(claims.claim(b"users:").is_none());
        assert!(claims.claim(b"orders:").is_some());
        drop(first);
        assert!(claims.claim(b"users:").is_some());
    }
}
