//! A call of a function that has `#[rate_limited]`.

use std::fmt;
use std::future::Future;

use tokio::task::coop::unconstrained;

use crate::key::{CacheKey, KeyWriter};
use crate::limit::{
    Asked, Decision, Decisions, Kept, Limiter, LimiterSet, Policy, RateLimited, Reservation,
    Reserving,
};
use crate::store::apart;
use crate::toolkit::Toolkit;
use crate::toolkit::slot::Slot;

/// Who decides about a call.
pub struct Rated(Who);

enum Who {
    One(Limiter),
    Set(LimiterSet),
}

/// What an option may give.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no limiter",
    label = "expected a `Limiter` or a `LimiterSet`",
    note = "`limiter = ..` takes what `Toolkit::limiter` makes, or a `tower_redis::limit::LimiterSet` of them"
)]
pub trait GivenLimiter {
    /// It, to be asked.
    fn rated(&self) -> Rated;
}

impl GivenLimiter for Limiter {
    fn rated(&self) -> Rated {
        Rated(Who::One(self.clone()))
    }
}

impl GivenLimiter for LimiterSet {
    fn rated(&self) -> Rated {
        Rated(Who::Set(self.clone()))
    }
}

impl<T: GivenLimiter + ?Sized> GivenLimiter for &T {
    fn rated(&self) -> Rated {
        (**self).rated()
    }
}

impl<T: GivenLimiter + ?Sized> GivenLimiter for std::sync::Arc<T> {
    fn rated(&self) -> Rated {
        (**self).rated()
    }
}

/// The whole of a key, as it was written.
struct Whole<'a>(&'a [u8]);

impl CacheKey for Whole<'_> {
    fn write(&self, key: &mut KeyWriter) {
        key.literal_bytes(self.0);
    }
}

impl Rated {
    /// The function's own, in the toolkit that is current.
    pub fn own(slot: &'static Slot, policy: impl FnOnce() -> Policy) -> Self {
        Self(Who::One(slot.limiter(|toolkit| made(toolkit, policy))))
    }

    /// The function's own in `toolkit`.
    pub fn own_in(toolkit: &Toolkit, slot: &'static Slot, policy: impl FnOnce() -> Policy) -> Self {
        let limiter = slot.limiter_in(toolkit, |toolkit| made(toolkit, policy));
        Self(Who::One(limiter))
    }

    /// `limiter` itself.
    pub fn given(limiter: &(impl GivenLimiter + ?Sized)) -> Self {
        limiter.rated()
    }

    /// Whether a call of `cost` may go on; what it holds while it does.
    ///
    /// With counts in this process it is decided here, and with counts in Redis nothing is sent before the answer
    /// is polled.
    ///
    /// Cancellation: what was sent is charged if it is allowed; permits that are held are given back.
    pub fn admit(
        self,
        key: &KeyWriter,
        cost: u32,
    ) -> impl Future<Output = Result<Admitted, RateLimited>> + Send + 'static {
        enum Asks {
            One(Limiter, Asked),
            Held(Limiter, Reserving<Result<Reservation, Decision>>),
            Set(LimiterSet, Box<[u8]>),
        }
        let key = key.as_bytes();
        let asks = match self.0 {
            Who::One(limiter) if limiter.is_of_held_permits() => {
                let asking = limiter.ask_to_reserve(key, cost);
                Asks::Held(limiter, asking)
            }
            Who::One(limiter) => {
                let asked = limiter.ask(key, cost);
                Asks::One(limiter, asked)
            }
            Who::Set(set) => Asks::Set(set, key.into()),
        };
        async move {
            match asks {
                Asks::One(limiter, asked) => match asked {
                    Asked::Decided(decision) => alone(&limiter, decision),
                    #[cfg(feature = "redis")]
                    Asked::Asking(asking) => alone(&limiter, asking.await),
                },
                Asks::Held(limiter, asking) => held(&limiter, asking.await),
                Asks::Set(set, key) => together(&set, &Whole(&key), cost).await,
            }
        }
    }

    /// [`admit`](Self::admit) on this thread.
    ///
    /// # Errors
    /// When it may not go on.
    pub fn admit_blocking(self, key: &KeyWriter, cost: u32) -> Result<Admitted, RateLimited> {
        let key = key.as_bytes();
        match self.0 {
            Who::One(limiter) if limiter.is_of_held_permits() => {
                held(&limiter, limiter.reserve_blocking(key, cost))
            }
            Who::One(limiter) => {
                let decision = limiter.check_blocking(key, cost);
                alone(&limiter, decision)
            }
            Who::Set(set) => {
                let _apart = apart();
                let key = Whole(key);
                // a thread that blocks gives nothing back to the task it may be part of, so it has no budget
                pollster::block_on(unconstrained(together(&set, &key, cost)))
            }
        }
    }
}

fn made(toolkit: &Toolkit, policy: impl FnOnce() -> Policy) -> Limiter {
    #[expect(
        clippy::expect_used,
        reason = "what could be wrong was refused by the compiler"
    )]
    toolkit
        .limiter(&policy())
        .expect("the limit of a function is checked when it is compiled")
}

fn alone(limiter: &Limiter, decision: Decision) -> Result<Admitted, RateLimited> {
    if decision.is_allowed() {
        return Ok(Admitted(Vec::new()));
    }
    Err(RateLimited::new(limiter, decision))
}

fn held(
    limiter: &Limiter,
    reserved: Result<Reservation, Decision>,
) -> Result<Admitted, RateLimited> {
    match reserved {
        Ok(reservation) => Ok(Admitted(vec![Kept::new(reservation)])),
        Err(decision) => Err(RateLimited::new(limiter, decision)),
    }
}

async fn together(set: &LimiterSet, key: &Whole<'_>, cost: u32) -> Result<Admitted, RateLimited> {
    let refused = |decisions: &Decisions| RateLimited::of(decisions).map_or(Ok(()), Err);
    let holds = set.limiters().iter().any(Limiter::is_of_held_permits);
    if !holds {
        refused(&set.check_n(key, cost).await)?;
        return Ok(Admitted(Vec::new()));
    }
    let mut kept = Vec::new();
    match set.reserve(key, cost).await {
        Ok(reserved) => {
            for one in reserved.into_each() {
                if one.limiter().is_of_held_permits() {
                    kept.push(Kept::new(one));
                } else {
                    one.keep();
                }
            }
        }
        Err(decisions) => refused(&decisions)?,
    }
    Ok(Admitted(kept))
}

/// A call that may go on, for as long as it does.
#[must_use = "dropped, it gives back what it holds"]
pub struct Admitted(Vec<Kept>);

impl fmt::Debug for Rated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rated")
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted")
            .field("holds", &!self.0.is_empty())
            .finish()
    }
}
