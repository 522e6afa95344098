//! What is known of a key before its permits are counted: that it is on a list, or kept out.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use crate::telemetry::Counter;

use super::ban::Bans;
use super::basis::Basis;
#[cfg(feature = "redis")]
use super::contract::Terms;
use super::contract::Tick;
use super::decision::{Decision, Outcome};
use super::offenders::{Offender, Offenders};
use super::stats::LimiterStats;

/// What a list says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listed {
    Allowed,
    Denied,
}

/// The lists, the bans and the offenders of one policy. One without any costs a check a look at one flag.
pub(super) struct Guard {
    /// Whether there is anything to look at.
    watches: AtomicBool,
    lists: RwLock<HashMap<Box<[u8]>, Listed>>,
    bans: Option<Bans>,
    /// Whether they lie in Redis, and hold here only without it.
    shares_bans: bool,
    offenders: Option<Offenders>,
    counts: Counts,
}

/// What nothing else sees.
#[derive(Default)]
struct Counts {
    allowed: Counter,
    denied: Counter,
    banned: Counter,
}

impl Guard {
    pub(super) fn new(bans: Option<Bans>, offenders: Option<Offenders>) -> Self {
        Self {
            watches: AtomicBool::new(bans.is_some() || offenders.is_some()),
            lists: RwLock::default(),
            bans,
            shares_bans: false,
            offenders,
            counts: Counts::default(),
        }
    }

    #[inline(always)]
    pub(super) fn watches(&self) -> bool {
        self.watches.load(Ordering::Relaxed)
    }

    /// Puts `key` on a list, or takes it from the one it is on.
    pub(super) fn list(&self, key: &[u8], listed: Option<Listed>) {
        let mut lists = self.lists.write().unwrap_or_else(PoisonError::into_inner);
        match listed {
            Some(listed) => lists.insert(key.into(), listed),
            None => lists.remove(key),
        };
        self.watches.store(true, Ordering::Relaxed);
    }

    /// What is decided without a look at the counts, and counted.
    pub(super) fn decide(&self, key: &[u8], now: Tick, limit: u64) -> Option<Decision> {
        let decision = self.before(key, now, limit)?;
        if decision.is_allowed() {
            self.counts.allowed.bump();
        } else {
            self.counts.denied.bump();
        }
        self.after(key, now, &decision);
        Some(decision)
    }

    pub(super) fn add_to(&self, stats: &mut LimiterStats) {
        stats.allowed += self.counts.allowed.total();
        stats.denied += self.counts.denied.total();
        stats.banned += self.counts.banned.total();
    }

    /// What would be decided without a look at the counts; `limit` is the most that can be used at once.
    pub(super) fn before(&self, key: &[u8], now: Tick, limit: u64) -> Option<Decision> {
        let listed = {
            let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
            lists.get(key).copied()
        };
        let (outcome, remaining) = match listed {
            Some(Listed::Allowed) => (Outcome::Allowed, limit),
            Some(Listed::Denied) => (Outcome::Never, 0),
            None if self.shares_bans => return None,
            None => return self.ban_here(key, now, limit),
        };
        Some(Decision {
            outcome,
            basis: Basis::Listed,
            shadow_denied: false,
            limit,
            remaining,
            more_after: Duration::ZERO,
            reset_after: Duration::ZERO,
        })
    }

    /// The refusal of a key that this process keeps out.
    pub(super) fn ban_here(&self, key: &[u8], now: Tick, limit: u64) -> Option<Decision> {
        let refusal = self.bans.as_ref()?.refusal(key, now)?;
        Some(Decision { limit, ..refusal })
    }

    /// Has the bans in Redis, if there are any: what the script there has to know.
    #[cfg(feature = "redis")]
    pub(super) fn share_bans(&mut self) -> Option<Terms> {
        let terms = self.bans.as_ref()?.terms();
        self.shares_bans = true;
        Some(terms)
    }

    /// Learns what was decided, and says whether that begins a ban.
    pub(super) fn after(&self, key: &[u8], now: Tick, decision: &Decision) -> bool {
        if decision.is_allowed() {
            #[cfg(feature = "redis")]
            if self.shares_bans
                && decision.basis == Basis::Shared
                && let Some(bans) = &self.bans
            {
                bans.end(key);
            }
            return false;
        }
        if let Some(offenders) = &self.offenders {
            offenders.denied(key);
        }
        if decision.basis == Basis::Banned {
            self.counts.banned.bump();
        }
        match &self.bans {
            Some(bans) if !matches!(decision.basis, Basis::Banned | Basis::Listed) => {
                bans.denied(key, now)
            }
            _ => false,
        }
    }

    /// Ends a ban.
    pub(super) fn forget(&self, key: &[u8]) {
        if let Some(bans) = &self.bans {
            bans.forget(key);
        }
    }

    pub(super) fn top(&self) -> Vec<Offender> {
        self.offenders
            .as_ref()
            .map(Offenders::top)
            .unwrap_or_default()
    }
}

// keys may be secrets
impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}
