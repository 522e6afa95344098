//! One policy at work: what is behind a limiter and its clones.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::Clock;
use crate::error::Error;
use crate::registry::Reports;

use super::basis::OnUnavailable;
use super::decision::Decision;
use super::engine::{Engine, Hold};
use super::policy::Policy;
use super::state::Seat;
#[cfg(feature = "redis")]
use super::state::{Far, Shared};
use super::stats::LimiterStats;
#[cfg(feature = "redis")]
use super::stats::SharedCounts;

/// A policy, the counts of this process, and where those of all processes lie.
pub(super) struct Member {
    pub(super) name: Box<str>,
    pub(super) engine: Engine,
    clock: Clock,
    on_unavailable: OnUnavailable,
    overflowed: AtomicBool,
    #[cfg(feature = "redis")]
    pub(super) far: Option<Abroad>,
}

/// What a policy needs whose counts are shared.
#[cfg(feature = "redis")]
pub(super) struct Abroad {
    at: Far,
    counts: SharedCounts,
    refused: AtomicBool,
}

impl Member {
    pub(super) fn new<K>(policy: &Policy<K>, clock: Clock) -> Result<Self, Error> {
        let name = policy.checked_name()?;
        let algorithm = policy.chosen_algorithm();
        let engine = Engine::new(algorithm, &policy.quota(), policy.key_bound())
            .map_err(|why| Error::config(format!("the policy {name:?}: {why}")))?;
        Ok(Self {
            name: name.into(),
            engine,
            clock,
            on_unavailable: policy.failure_policy(),
            overflowed: AtomicBool::new(false),
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
        let member = Self::new(policy, clock)?;
        let far = Abroad {
            at: Far::new(shared, &member.name, member.engine.terms()),
            counts: SharedCounts::default(),
            refused: AtomicBool::new(false),
        };
        Ok(Self {
            far: Some(far),
            ..member
        })
    }

    /// Decides by the counts of this process.
    #[inline(always)]
    pub(super) fn decide(&self, key: &[u8], cost: u64) -> Decision {
        let now = self.clock.now().as_micros();
        let (decision, seat) = self.engine.decide(key, now, cost);
        if seat == Seat::Shared {
            self.overflowed();
        }
        decision
    }

    pub(super) fn on_unavailable(&self) -> OnUnavailable {
        self.on_unavailable
    }

    /// Whether one call can decide for both.
    #[cfg(feature = "redis")]
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        match (self.place(), other.place()) {
            (Some(here), Some(there)) => here.is_beside(there),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    /// Where the counts of all processes lie, if they are shared.
    #[cfg(feature = "redis")]
    pub(super) fn place(&self) -> Option<&Far> {
        self.far.as_ref().map(|far| &far.at)
    }

    /// Keeps everybody else from deciding about `key` by the counts of this process.
    pub(super) fn hold(&self, key: &[u8]) -> Hold<'_> {
        self.engine.hold(key)
    }

    /// The time, as the engine counts it.
    pub(super) fn now(&self) -> u64 {
        self.clock.now().as_micros()
    }

    /// Charges here what Redis has allowed, if that is who decides without it.
    #[cfg(feature = "redis")]
    pub(super) fn note(&self, key: &[u8], cost: u64) {
        if self.on_unavailable == OnUnavailable::Local {
            self.engine.note(key, self.now(), cost);
        }
    }

    #[cfg(feature = "redis")]
    pub(super) fn count(&self, decision: &Decision) {
        if let Some(far) = &self.far {
            far.counts.count(decision);
        }
    }

    #[cold]
    pub(super) fn overflowed(&self) {
        if !self.overflowed.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                policy = &*self.name,
                keys = self.engine.keys(),
                "as many keys are in use as this limiter remembers; new ones share the permits that \
                 are left until some come to rest. Raise `Policy::max_keys`, or limit what makes the \
                 keys. This is said once; `LimiterStats::overflowed` counts on"
            );
        }
    }

    /// Says what somebody has to repair. An outage is told by who keeps the connection.
    #[cfg(feature = "redis")]
    #[cold]
    pub(super) fn refused(&self, why: &Error) {
        if let Some(far) = &self.far
            && !far.refused.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                policy = &*self.name,
                on_unavailable = ?self.on_unavailable,
                "a limit cannot count in Redis, and its policy for that decides: {why}. The user of \
                 this connection needs the commands EVALSHA, EVAL, TIME, GET and SET on the keys of \
                 limits, and nobody else may write those. This is said once; `LimiterStats` counts on"
            );
        }
    }
}

impl Reports<LimiterStats> for Member {
    fn stats(&self) -> LimiterStats {
        let counts = self.engine.counts();
        #[cfg_attr(
            not(feature = "redis"),
            expect(unused_mut, reason = "nothing is shared")
        )]
        let mut stats = LimiterStats {
            name: self.name.to_string(),
            allowed: counts.allowed,
            denied: counts.denied,
            unknown: 0,
            open: 0,
            closed: 0,
            local: 0,
            overflowed: counts.overflowed,
            keys: self.engine.keys(),
        };
        #[cfg(feature = "redis")]
        if let Some(far) = &self.far {
            far.counts.add_to(&mut stats);
        }
        stats
    }
}
