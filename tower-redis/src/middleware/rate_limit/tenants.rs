//! Quotas that requests bring along.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::limit::{Limiter, Quota, Quotas};

/// What is made for each quota. There are as many as [`Quotas`] has limiters at most.
pub(super) struct Tenants<G> {
    quotas: Quotas,
    made: RwLock<HashMap<Quota, Arc<G>>>,
    warned: AtomicBool,
}

impl<G> Tenants<G> {
    pub(super) fn new(quotas: Quotas) -> Self {
        Self {
            quotas,
            made: RwLock::default(),
            warned: AtomicBool::new(false),
        }
    }

    /// The same, with nothing made.
    pub(super) fn afresh(&self) -> Self {
        Self::new(self.quotas.clone())
    }

    /// What `make` makes of the limiter of `quota`, once; of the policy's own quota if this is none that can be kept.
    pub(super) fn of(&self, quota: Quota, make: impl FnOnce(Limiter) -> G) -> Option<Arc<G>> {
        let known = {
            let made = self.made.read().unwrap_or_else(PoisonError::into_inner);
            made.get(&quota).cloned()
        };
        if known.is_some() {
            return known;
        }
        let limiter = match self.quotas.limiter(quota) {
            Ok(limiter) => limiter,
            Err(why) => {
                self.warn(&why);
                let own = self.quotas.own();
                return if own == quota {
                    None
                } else {
                    self.of(own, make)
                };
            }
        };
        let new = Arc::new(make(limiter));
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(made.entry(quota).or_insert(new)))
    }

    #[cold]
    fn warn(&self, why: &crate::error::Error) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "a request was given a quota that cannot be kept, and is counted by that of the policy: {why}. This \
                 is said once"
            );
        }
    }
}

// what was made has been told the user's key
impl<G> fmt::Debug for Tenants<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants")
            .field("quotas", &self.quotas)
            .finish_non_exhaustive()
    }
}
