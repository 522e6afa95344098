//! What a limiter can be asked and told of a key besides [`Limiter::check`].

#[cfg(feature = "redis")]
use std::sync::Arc;

use crate::key::{CacheKey, KeyWriter};

#[cfg(feature = "redis")]
use super::asking;
use super::charge::{Charged, Judged};
use super::contract::Tick;
use super::decision::Decision;
use super::explanation::Explanation;
#[cfg(feature = "redis")]
use super::far;
use super::limiter::Limiter;
use super::local;
use super::permit::Permit;
use super::quota::EXACT;
use super::reservation::Reservation;
#[cfg(any(feature = "rate-limit", feature = "macros"))]
use super::reserving::Reserving;
use super::resets::Age;

/// Later than anything was charged: what is given back then is what was charged last.
const LATEST: Tick = EXACT;

impl Limiter {
    /// What [`check`](Self::check) would decide now, and where the key stands. Nothing is charged, remembered or
    /// counted.
    ///
    /// It is as with `check` when Redis is away: the policy says what it would do.
    pub async fn peek<Q: CacheKey + ?Sized>(&self, key: &Q) -> Decision {
        self.peek_n(key, 1).await
    }

    /// The same of something that takes `cost` permits at once.
    pub async fn peek_n<Q: CacheKey + ?Sized>(&self, key: &Q, cost: u32) -> Decision {
        let key = owned(key);
        let price = self.member().price(cost.into());
        self.look(&key, price).await
    }

    /// The same of so many permits.
    pub(super) async fn look(&self, key: &[u8], price: u64) -> Decision {
        if let Some(known) = self.member().would_know(key) {
            return known;
        }
        #[cfg(feature = "redis")]
        if let Some(far) = &self.member().far {
            let (member, far) = (Arc::clone(self.member()), Arc::clone(far));
            return far::look(member, far, key.into(), price).await;
        }
        local::look(self.member(), key, price)
    }

    /// What would be decided, and why: the policy, the key, and when the same call would pass. For a log or a page
    /// of support; nothing is charged or counted.
    pub async fn explain<Q: CacheKey + ?Sized>(&self, key: &Q, cost: u32) -> Explanation {
        let decision = self.peek_n(key, cost).await;
        let key = owned(key);
        Explanation::new(self.clone(), &key, cost, decision)
    }

    /// Takes as many of `most` permits as there are, also none: how many, and what was decided. It is refused only
    /// if there is none.
    ///
    /// # Cancellation
    ///
    /// As with [`check`](Self::check).
    pub async fn try_acquire_up_to<Q: CacheKey + ?Sized>(
        &self,
        key: &Q,
        most: u32,
    ) -> (u32, Decision) {
        let key = owned(key);
        if let Some(known) = self.member().known(&key) {
            let taken = if known.is_allowed() { most } else { 0 };
            return (taken, known);
        }
        let price = self.member().price(1);
        let judged = self.take(&key, price, most.into()).await;
        self.member().learn(&key, &judged.decision);
        let taken = u32::try_from(judged.passed).unwrap_or(most);
        (taken, judged.decision)
    }

    /// Takes `cost` permits that can be given back: all of them, or as many as were not needed.
    ///
    /// # Errors
    ///
    /// The decision, when it was refused.
    ///
    /// # Cancellation
    ///
    /// As with [`check`](Self::check).
    pub async fn reserve<Q: CacheKey + ?Sized>(
        &self,
        key: &Q,
        cost: u32,
    ) -> Result<Reservation, Decision> {
        self.reserve_owned(owned(key), cost).await
    }

    /// The same, for who has to keep the question.
    #[cfg(any(feature = "rate-limit", feature = "macros"))]
    pub(crate) fn ask_to_reserve(
        &self,
        key: &[u8],
        cost: u32,
    ) -> Reserving<Result<Reservation, Decision>> {
        let (limiter, key) = (self.clone(), key.into());
        let asking = async move { limiter.reserve_owned(key, cost).await };
        Reserving::new(self.clone(), Box::pin(asking))
    }

    async fn reserve_owned(&self, key: Box<[u8]>, cost: u32) -> Result<Reservation, Decision> {
        let price = self.member().price(cost.into());
        let age = self.member().resets.age();
        let judged = self.take_one(&key, price).await;
        self.reserved(key, price, (judged, age))
    }

    /// What was taken, as something to give back.
    pub(super) fn reserved(
        &self,
        key: Box<[u8]>,
        price: u64,
        (judged, age): (Judged, Age),
    ) -> Result<Reservation, Decision> {
        if !judged.decision.is_allowed() {
            return Err(judged.decision);
        }
        // what a policy in shadow would have refused is not charged
        let charged = judged.charged != Charged::default();
        let permits = if charged { price } else { 0 };
        Ok(Reservation::new(self.clone(), key, permits, (judged, age)))
    }

    /// Takes a permit to hold while something is done, where the algorithm is
    /// [`Concurrency`](super::Algorithm::Concurrency). With another one it is a reservation that is given back.
    ///
    /// # Errors
    ///
    /// The decision, when as many are held as may be. Its `retry_after` says when the oldest ends if nobody renews
    /// it or gives it back.
    ///
    /// # Cancellation
    ///
    /// As with [`check`](Self::check): what was sent by then ends by itself after a period.
    pub async fn hold<Q: CacheKey + ?Sized>(&self, key: &Q) -> Result<Permit, Decision> {
        self.reserve(key, 1).await.map(Permit::new)
    }

    /// Gives back `permits` of those that `key` was charged last, and says how many. For a call that turned out
    /// not to count; [`reserve`](Self::reserve) knows which ones to give back, and this does not.
    ///
    /// While Redis does not answer nothing is given back there, and the answer is 0.
    pub async fn refund<Q: CacheKey + ?Sized>(&self, key: &Q, permits: u32) -> u64 {
        let charged = Charged {
            here: Some(LATEST),
            there: self.is_shared().then_some(LATEST),
        };
        self.give_back(&owned(key), charged, permits.into()).await
    }

    /// Forgets `key`: it has its whole quota again, and no [ban](super::Policy::ban), in all processes. Whether that is
    /// done; while Redis does not answer nobody knows.
    ///
    /// What was reserved before, in whatever process, and is given back after it takes nothing off what was charged
    /// since.
    ///
    /// Another process that was told of a refusal may refuse for up to a second more. The counts that another process
    /// keeps for an outage of Redis are not reset.
    pub async fn reset<Q: CacheKey + ?Sized>(&self, key: &Q) -> bool {
        let key = owned(key);
        let member = self.member();
        member.guard.forget(&key);
        let window = u64::try_from(self.window().as_micros()).unwrap_or(u64::MAX);
        member.resets.note(&key, member.now(), window);
        #[cfg(feature = "redis")]
        if let Some(far) = &self.member().far {
            let (member, far) = (Arc::clone(self.member()), Arc::clone(far));
            return far::forget(member, far, key).await;
        }
        local::forget(self.member(), &key);
        true
    }

    async fn take_one(&self, key: &[u8], price: u64) -> Judged {
        #[cfg(feature = "redis")]
        if let Some(far) = &self.member().far {
            let (member, far) = (Arc::clone(self.member()), Arc::clone(far));
            return asking::one(member, far, key.into(), price).await;
        }
        let member = self.member();
        if let Some(known) = member.known(key) {
            return Judged::of(known, Charged::default());
        }
        let judged = local::up_to(member, key, price, 1);
        member.learn(key, &judged.decision);
        judged
    }

    /// As many of `times` calls of `price` as pass.
    pub(super) async fn take(&self, key: &[u8], price: u64, times: u64) -> Judged {
        #[cfg(feature = "redis")]
        if let Some(far) = &self.member().far {
            let (member, far) = (Arc::clone(self.member()), Arc::clone(far));
            return far::up_to(member, far, key.into(), price, times).await;
        }
        local::up_to(self.member(), key, price, times)
    }

    pub(super) async fn give_back(&self, key: &[u8], charged: Charged, permits: u64) -> u64 {
        #[cfg(feature = "redis")]
        if let Some(far) = &self.member().far {
            let (member, far) = (Arc::clone(self.member()), Arc::clone(far));
            return far::refund(member, far, key.into(), charged, permits).await;
        }
        let here = charged.here;
        here.map_or(0, |at| local::refund(self.member(), key, at, permits))
    }

    /// The same where nobody can wait for it.
    pub(super) fn give_back_behind(&self, key: &[u8], charged: Charged, permits: u64) {
        #[cfg(feature = "redis")]
        if let Some(far) = &self.member().far {
            let (member, far) = (Arc::clone(self.member()), Arc::clone(far));
            let (wire, key) = (far.at().wire().clone(), key.into());
            wire.spawn(async move {
                far::refund(member, far, key, charged, permits).await;
            });
            return;
        }
        if let Some(at) = charged.here {
            local::refund(self.member(), key, at, permits);
        }
    }

    pub(super) async fn renew(
        &self,
        key: &[u8],
        charged: Charged,
        permits: u64,
    ) -> Option<Charged> {
        #[cfg(feature = "redis")]
        if let Some(far) = &self.member().far {
            let (member, far) = (Arc::clone(self.member()), Arc::clone(far));
            return far::renew(member, far, key.into(), charged, permits).await;
        }
        let at = charged.here?;
        let here = Some(local::renew(self.member(), key, at, permits)?);
        Some(Charged { here, there: None })
    }
}

pub(super) fn owned<Q: CacheKey + ?Sized>(key: &Q) -> Box<[u8]> {
    KeyWriter::lend(key, |key| key.into())
}
