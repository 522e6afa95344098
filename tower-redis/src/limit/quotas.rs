//! Quotas that each call brings along.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::Error;
use crate::key::CacheKey;

use super::decision::Decision;
use super::limiter::Limiter;
use super::policy::Policy;
use super::quota::Quota;

/// Different quotas at once. Plans and tenants have a few; one made up for each call is a mistake, and would take
/// memory without bound.
const MOST: usize = 1_024;

/// A limit whose quota is said by each call: that of the tenant's plan, whatever a function says, one that has
/// changed since. [`Toolkit::quotas`](crate::Toolkit::quotas) makes it. Clones share their state.
///
/// ```
/// use std::time::Duration;
/// use tower_redis::Toolkit;
/// use tower_redis::limit::{Policy, Quota};
///
/// # fn main() -> Result<(), tower_redis::Error> {
/// # pollster::block_on(async {
/// let api = Toolkit::from_env()?.quotas(&Policy::new("api", Quota::per_minute(10)))?;
/// let id = 7;
/// let decision = api.check(&format!("api:user:{id}"), Quota::new(10, Duration::from_secs(60))).await?;
/// assert_eq!((decision.is_allowed(), decision.remaining), (true, 9));
/// # Ok(())
/// # })
/// # }
/// ```
///
/// A key counts for each quota by itself. So when the quota of a key changes, it begins anew under the new one,
/// with nothing used, at once and in every process that says so; what it used of the old one comes back there,
/// and counts again if the old quota comes back before. In the period of a change a key may use both.
#[derive(Clone)]
pub struct Quotas(Arc<Inner>);

struct Inner {
    policy: Policy,
    make: Make,
    limiters: RwLock<HashMap<Quota, Limiter>>,
}

/// Makes the limiter of one quota.
type Make = Box<dyn Fn(&Policy) -> Result<Limiter, Error> + Send + Sync>;

impl Quotas {
    pub(crate) fn new(policy: Policy, make: Make) -> Result<Self, Error> {
        let quotas = Self(Arc::new(Inner {
            policy,
            make,
            limiters: RwLock::default(),
        }));
        quotas.limiter(quotas.0.policy.quota())?;
        Ok(quotas)
    }

    /// As [`Limiter::check`], by `quota`.
    ///
    /// # Errors
    ///
    /// A [configuration error](Error::is_config) when the quota is one that cannot be kept exactly, and when there
    /// are more than 1,024 different ones.
    ///
    /// # Cancellation
    ///
    /// As with [`Limiter::check`].
    pub async fn check<Q: CacheKey + ?Sized>(
        &self,
        key: &Q,
        quota: Quota,
    ) -> Result<Decision, Error> {
        Ok(self.limiter(quota)?.check(key).await)
    }

    /// The policy's own quota.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn own(&self) -> Quota {
        self.0.policy.quota()
    }

    /// The limiter of `quota`, for whatever else a limiter can be asked.
    ///
    /// # Errors
    ///
    /// As with [`check`](Self::check).
    pub fn limiter(&self, quota: Quota) -> Result<Limiter, Error> {
        let known = {
            let limiters = self
                .0
                .limiters
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            limiters.get(&quota).cloned()
        };
        match known {
            Some(limiter) => Ok(limiter),
            None => self.make(quota),
        }
    }

    #[cold]
    fn make(&self, quota: Quota) -> Result<Limiter, Error> {
        let mut limiters = self
            .0
            .limiters
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(limiter) = limiters.get(&quota) {
            return Ok(limiter.clone());
        }
        if limiters.len() >= MOST {
            return Err(Error::config(format!(
                "{} different quotas; expected at most {MOST}: one for each plan, and not one for each call",
                limiters.len() + 1,
            )));
        }
        let limiter = (self.0.make)(&self.0.policy.clone().with_quota(quota))?;
        limiters.insert(quota, limiter.clone());
        Ok(limiter)
    }
}

impl fmt::Debug for Quotas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quotas")
            .field("policy", &self.0.policy)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;
    use crate::clock::{Clock, ManualClock};

    fn quotas(clock: &Clock) -> Quotas {
        let clock = clock.clone();
        let make = move |policy: &Policy| Limiter::new(policy, clock.clone());
        Quotas::new(Policy::new("p", Quota::per_minute(2)), Box::new(make)).unwrap()
    }

    #[test]
    fn each_tenant_has_the_quota_that_a_function_says() {
        let quotas = quotas(&ManualClock::new().clock());
        let of = |tenant: &str| Quota::per_minute(if tenant == "large" { 5 } else { 1 });
        for n in 0..7 {
            for (tenant, limit) in [("large", 5), ("small", 1), ("other", 1)] {
                let decision = block_on(quotas.check(tenant, of(tenant))).unwrap();
                assert_eq!(decision.limit, limit);
                assert_eq!(decision.is_allowed(), n < limit);
            }
        }
    }

    #[test]
    fn a_key_begins_anew_under_a_new_quota_and_goes_on_under_the_old_one() {
        let quotas = quotas(&ManualClock::new().clock());
        let remaining = |permits| {
            let decision = block_on(quotas.check("ada", Quota::per_minute(permits)));
            decision.unwrap().remaining
        };
        assert_eq!([remaining(5), remaining(5)], [4, 3]);
        assert_eq!([remaining(3), remaining(3)], [2, 1]);
        assert_eq!(remaining(5), 2);
    }

    #[test]
    fn quotas_without_end_are_refused() {
        let quotas = quotas(&ManualClock::new().clock());
        for permits in 1..=MOST as u64 {
            assert!(quotas.limiter(Quota::per_minute(permits)).is_ok());
        }
        let refusal = block_on(quotas.check("ada", Quota::per_hour(1))).unwrap_err();
        assert!(refusal.is_config());
        assert!(
            refusal.to_string().contains("expected at most 1024"),
            "{refusal}"
        );
        assert!(quotas.limiter(Quota::per_minute(7)).is_ok());
        assert!(quotas.limiter(Quota::per_minute(0)).is_err());
    }
}
