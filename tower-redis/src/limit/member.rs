//! One policy at work: what is behind a limiter and its clones.

#[cfg(feature = "redis")]
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::Clock;
use crate::error::Error;

#[cfg(feature = "redis")]
use super::abroad::Abroad;
use super::ban::Bans;
use super::basis::OnUnavailable;
use super::decision::Decision;
use super::engine::{Engine, Hold};
use super::guard::Guard;
#[cfg(feature = "redis")]
use super::leases::Leases;
use super::lines::Lines;
use super::offenders::Offenders;
use super::policy::{Algorithm, Policy};
use super::resets::Resets;
use super::state::Seat;
#[cfg(feature = "redis")]
use super::state::{Far, Shared};

/// A policy, the counts of this process, and where those of all processes lie.
pub(super) struct Member {
    pub(super) name: Box<str>,
    pub(super) engine: Engine,
    clock: Clock,
    on_unavailable: OnUnavailable,
    cost: u32,
    /// Whether it only watches.
    pub(super) shadow: bool,
    /// Whether its permits are held while something is done.
    pub(super) holds: bool,
    pub(super) guard: Guard,
    pub(super) resets: Resets,
    overflowed: AtomicBool,
    /// Who waits for its keys.
    pub(super) lines: Lines,
    #[cfg(feature = "redis")]
    pub(super) far: Option<Arc<Abroad>>,
}

impl Member {
    pub(super) fn new<K>(policy: &Policy<K>, clock: Clock) -> Result<Self, Error> {
        let name = policy.checked_name()?;
        let algorithm = policy.chosen_algorithm();
        if policy.permits_of_a_call() == 0 {
            return Err(Error::config(format!(
                "the policy {name:?}: a call that takes 0 permits; expected at least 1, since one that takes none is \
                 never refused"
            )));
        }
        let engine = Engine::new(
            algorithm,
            &policy.quota(),
            (policy.key_bound(), policy.without_room()),
        )
        .map_err(|why| Error::config(format!("the policy {name:?}: {why}")))?;
        let bans = policy.given_ban();
        let bans = bans.map(|ban| Bans::new(ban, policy.key_bound()));
        let bans = bans.transpose();
        let bans = bans.map_err(|why| Error::config(format!("the policy {name:?}: {why}")))?;
        let places = policy.top_places();
        let offenders = (places > 0).then(|| Offenders::new(places));
        Ok(Self {
            name: name.into(),
            engine,
            clock,
            on_unavailable: policy.failure_policy(),
            cost: policy.permits_of_a_call(),
            shadow: policy.is_shadow(),
            holds: algorithm == Algorithm::Concurrency,
            guard: Guard::new(bans, offenders),
            resets: Resets::default(),
            overflowed: AtomicBool::new(false),
            lines: Lines::default(),
            #[cfg(feature = "redis")]
            far: None,
        })
    }

    #[cfg(feature = "redis")]
    pub(super) fn shared<K>(
        policy: &Policy<K>,
        clock: Clock,
        shared: &Shared,
    ) -> Result<Self, Error> {
        let mut member = Self::new(policy, clock)?;
        let at = Far::new(shared, &member.name, member.engine.terms());
        // one that only watches keeps nobody out, here or elsewhere
        let bans = if member.shadow {
            None
        } else {
            member.guard.share_bans()
        };
        let bans = bans.map(|terms| at.beside("ban", terms));
        let remembers = !member.holds;
        let leases = policy.given_leases();
        if leases > 0 && !remembers {
            return Err(Error::config(format!(
                "the policy {:?}: leases with Algorithm::Concurrency, whose permits are held by those who use them; \
                 expected another algorithm, or no leases",
                member.name
            )));
        }
        let name = member.name.clone();
        let leases = (leases > 0).then(|| Leases::new(leases));
        let far = Abroad::new(at, bans, name, member.on_unavailable, remembers, leases);
        Ok(Self {
            far: Some(Arc::new(far)),
            ..member
        })
    }

    /// Decides by the counts of this process, for `then`.
    #[inline(always)]
    pub(super) fn decide_then<T>(
        &self,
        key: &[u8],
        cost: u64,
        then: impl FnOnce(Decision) -> T,
    ) -> T {
        if self.guard.watches() {
            return then(self.decide_guarded(key, cost));
        }
        self.decide_by_counts(key, cost, then)
    }

    #[cold]
    #[inline(never)]
    fn decide_guarded(&self, key: &[u8], cost: u64) -> Decision {
        if let Some(known) = self.known(key) {
            return known;
        }
        let decision = self.decide_by_counts(key, cost, |decision| decision);
        self.learn(key, &decision);
        decision
    }

    /// What is decided about a key that is on a list or kept out.
    pub(super) fn known(&self, key: &[u8]) -> Option<Decision> {
        if !self.guard.watches() {
            return None;
        }
        let known = self.guard.decide(key, self.now(), self.engine.limit())?;
        Some(self.shown(known))
    }

    /// What [`known`](Self::known) would say.
    pub(super) fn would_know(&self, key: &[u8]) -> Option<Decision> {
        if !self.guard.watches() {
            return None;
        }
        let known = self.guard.before(key, self.now(), self.engine.limit())?;
        Some(self.shown(known))
    }

    /// Remembers who was denied.
    pub(super) fn learn(&self, key: &[u8], decision: &Decision) {
        if self.guard.watches() && self.guard.after(key, self.now(), decision) {
            #[cfg(feature = "redis")]
            if let Some(far) = &self.far {
                far.ban(key);
            }
        }
    }

    /// The refusal of a key that this process keeps out by itself, while Redis is away that knows of all bans.
    #[cfg(feature = "redis")]
    pub(super) fn ban_here(&self, key: &[u8]) -> Option<Decision> {
        if !self.guard.watches() {
            return None;
        }
        self.guard.ban_here(key, self.now(), self.engine.limit())
    }

    #[inline(always)]
    fn decide_by_counts<T>(&self, key: &[u8], cost: u64, then: impl FnOnce(Decision) -> T) -> T {
        let now = self.clock.now().as_micros();
        self.engine.decide_then(key, now, cost, |decision, seat| {
            if seat == Seat::Shared {
                self.overflowed();
            }
            then(self.shown(decision))
        })
    }

    /// Whether Redis decides.
    #[inline]
    pub(super) fn is_shared(&self) -> bool {
        #[cfg(feature = "redis")]
        return self.far.is_some();
        #[cfg(not(feature = "redis"))]
        false
    }

    /// The permits that a call of `cost` takes.
    #[inline]
    pub(super) fn price(&self, cost: u64) -> u64 {
        cost.saturating_mul(self.cost.into())
    }

    /// A decision as its caller sees it.
    #[inline(always)]
    pub(super) fn shown(&self, decision: Decision) -> Decision {
        if self.shadow {
            return decision.in_shadow();
        }
        decision
    }

    /// Counts a refusal that was not decided by counts.
    pub(super) fn count_refusal(&self, key: &[u8], decision: &Decision) {
        #[cfg(feature = "redis")]
        if let Some(far) = &self.far {
            far.counts.count(decision);
            return;
        }
        self.hold(key).refuse(self.now(), decision);
    }

    pub(super) fn on_unavailable(&self) -> OnUnavailable {
        self.on_unavailable
    }

    /// Among how many processes the quota is divided without Redis.
    pub(super) fn share(&self) -> u64 {
        #[cfg(feature = "redis")]
        if self.on_unavailable == OnUnavailable::Share
            && let Some(far) = &self.far
        {
            return far.at().processes();
        }
        1
    }

    /// Whether one call can decide for both.
    #[cfg(feature = "redis")]
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        match (&self.far, &other.far) {
            (Some(here), Some(there)) => here.at().is_beside(there.at()),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Keeps everybody else from deciding about `key` by the counts of this process.
    pub(super) fn hold(&self, key: &[u8]) -> Hold<'_> {
        self.engine.hold(key)
    }

    /// The time, as the engine counts it.
    pub(super) fn now(&self) -> u64 {
        self.clock.now().as_micros()
    }

    /// Charges here what Redis has allowed, if that is who decides without it; when that is.
    #[cfg(feature = "redis")]
    pub(super) fn note(&self, key: &[u8], cost: u64) -> Option<u64> {
        let counts = matches!(
            self.on_unavailable,
            OnUnavailable::Local | OnUnavailable::Share
        );
        if !counts || cost == 0 {
            return None;
        }
        let now = self.now();
        let mut hold = self.hold(key);
        hold.note(now, cost);
        Some(hold.instant(now))
    }

    #[cold]
    pub(super) fn overflowed(&self) {
        if !self.overflowed.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                policy = &*self.name,
                keys = self.engine.keys(),
                "as many keys are in use as this limiter remembers; `Policy::on_full` decides about new \
                 ones until some come to rest. Raise `Policy::max_keys`, or limit what makes the \
                 keys. This is said once; `LimiterStats::overflowed` counts on"
            );
        }
    }
}
