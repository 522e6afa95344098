//! What all bodies on their way may hold together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that all bodies on their way may hold together. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Allowance(Arc<Account>);

struct Account {
    held: AtomicU64,
    most: u64,
}

impl Allowance {
    pub(crate) fn of(most: u64) -> Self {
        Self(Arc::new(Account {
            held: AtomicU64::new(0),
            most,
        }))
    }

    /// What one body holds of it; nothing yet.
    pub(crate) fn share(&self) -> Share {
        Share {
            allowance: self.clone(),
            held: 0,
        }
    }
}

impl fmt::Debug for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Allowance")
            .field("most", &self.0.most)
            .finish_non_exhaustive()
    }
}

/// What one body holds of an [`Allowance`]. Dropped, it gives that back.
#[derive(Debug)]
pub(crate) struct Share {
    allowance: Allowance,
    held: u64,
}

impl Share {
    /// So many bytes more are held. Nothing is refused here: who asks [`is_over`](Self::is_over) holds less from then
    /// on.
    pub(crate) fn take(&mut self, bytes: u64) {
        self.held += bytes;
        // the sum alone counts
        self.allowance.0.held.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many bytes are not held any more.
    pub(crate) fn give(&mut self, bytes: u64) {
        let bytes = bytes.min(self.held);
        self.held -= bytes;
        self.allowance.0.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Whether all together hold more than they may.
    pub(crate) fn is_over(&self) -> bool {
        self.allowance.0.held.load(Ordering::Relaxed) > self.allowance.0.most
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give(self.held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_count_together_and_give_back_what_they_hold() {
        let allowance = Allowance::of(10);
        let (mut one, mut other) = (allowance.share(), allowance.share());
        one.take(6);
        other.take(4);
        assert!(!one.is_over() && !other.is_over());
        other.take(1);
        assert!(one.is_over() && other.is_over());
        one.give(2);
        assert!(!other.is_over());
        one.give(u64::MAX);
        other.take(5);
        assert!(!one.is_over());
        one.take(1);
        drop(other);
        one.take(9);
        assert!(!one.is_over());
    }
}
