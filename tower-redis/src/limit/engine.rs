//! One algorithm over one state, chosen when the limiter is built.

use std::time::Duration;

use crate::error::Error;

use super::algorithm::{self, algorithms};
#[cfg(feature = "redis")]
use super::contract::Terms;
use super::contract::{Rule, Tick};
use super::decision::Decision;
use super::full::OnFull;
use super::policy::Algorithm;
use super::quota::Quota;
use super::state::{Held, Memory, Seat};
use super::stats::Counts;

macro_rules! engine {
    ({} $($name:ident $lua:literal,)*) => {
        /// What decides. Each algorithm has a state type of its own, so an entry is no larger than it must.
        #[derive(Debug)]
        pub(super) enum Engine {
            $($name(Memory<algorithm::$name>),)*
        }

        /// One key of an engine, held while it is decided about together with those of others.
        pub(super) enum Hold<'a> {
            $($name(Held<'a, algorithm::$name>),)*
        }

        impl Engine {
            fn build(
                algorithm: Algorithm,
                quota: &Quota,
                (max_keys, on_full): (usize, OnFull),
            ) -> Result<Self, Error> {
                Ok(match algorithm {
                    $(Algorithm::$name => {
                        let rule = algorithm::$name::new(quota)?;
                        Self::$name(Memory::new(rule, max_keys, on_full))
                    })*
                })
            }

            /// Keeps everybody else from deciding about `key`.
            pub(super) fn hold(&self, key: &[u8]) -> Hold<'_> {
                match self {
                    $(Self::$name(memory) => Hold::$name(memory.hold(key)),)*
                }
            }
        }
    };
}

algorithms!(engine);

macro_rules! choose {
    ({ $of:ident, $on:expr, $it:ident => $then:expr } $($name:ident $lua:literal,)*) => {
        match $on {
            $($of::$name($it) => $then,)*
        }
    };
}

macro_rules! each {
    ($engine:expr, $memory:ident => $then:expr) => {
        algorithms!(choose Engine, $engine, $memory => $then)
    };
}

macro_rules! held {
    ($hold:expr, $held:ident => $then:expr) => {
        algorithms!(choose Hold, $hold, $held => $then)
    };
}

impl Engine {
    /// Room for so many keys, and who decides about more.
    pub(super) fn new(
        algorithm: Algorithm,
        quota: &Quota,
        room: (usize, OnFull),
    ) -> Result<Self, Error> {
        if let Some(burst) = quota.given_burst()
            && !algorithm.knows_bursts()
        {
            return Err(Error::config(format!(
                "a burst of {burst} with {algorithm:?}, which has none; expected a quota without \
                 `burst`, or `Algorithm::Gcra` or `Algorithm::TokenBucket`"
            )));
        }
        if room.0 == 0 {
            return Err(Error::config("room for 0 keys; expected at least 1"));
        }
        Self::build(algorithm, quota, room)
    }

    #[inline(always)]
    pub(super) fn decide_then<T>(
        &self,
        key: &[u8],
        now: Tick,
        cost: u64,
        then: impl FnOnce(Decision, Seat) -> T,
    ) -> T {
        each!(self, memory => memory.decide_then(key, now, cost, then))
    }

    /// What the script in Redis has to know.
    #[cfg(feature = "redis")]
    pub(super) fn terms(&self) -> Terms {
        each!(self, memory => memory.rule().terms())
    }

    pub(super) fn keys(&self) -> usize {
        each!(self, memory => memory.len())
    }

    pub(super) fn counts(&self) -> Counts {
        each!(self, memory => memory.counts())
    }

    pub(super) fn limit(&self) -> u64 {
        each!(self, memory => memory.rule().limit())
    }

    pub(super) fn window(&self) -> Duration {
        Duration::from_micros(each!(self, memory => memory.rule().window()))
    }
}

impl Hold<'_> {
    /// What would be decided; nothing is charged or counted.
    pub(super) fn would(&self, now: Tick, cost: u64) -> Decision {
        held!(self, held => held.would(now, cost))
    }

    pub(super) fn decide(&mut self, now: Tick, cost: u64) -> (Decision, Seat) {
        held!(self, held => held.decide(now, cost))
    }

    /// Counts a refusal that was seen coming, and says whether it was for want of room.
    pub(super) fn refuse(&mut self, now: Tick, refusal: &Decision) -> Seat {
        held!(self, held => held.refuse(now, refusal))
    }

    /// Charges what was decided elsewhere, if it fits, and counts no decision.
    #[cfg(feature = "redis")]
    pub(super) fn note(&mut self, now: Tick, cost: u64) {
        held!(self, held => held.note(now, cost));
    }

    /// The instant that a call at `now` counts as.
    pub(super) fn instant(&self, now: Tick) -> Tick {
        held!(self, held => held.instant(now))
    }

    /// Gives back what was charged at an instant, and says how much that was.
    pub(super) fn refund(&mut self, now: Tick, charged: (Tick, u64)) -> u64 {
        held!(self, held => held.refund(now, charged))
    }

    /// Charges at `now` what was charged at another instant, if all of it is still held.
    pub(super) fn renew(&mut self, now: Tick, charged: (Tick, u64)) -> u64 {
        held!(self, held => held.renew(now, charged))
    }

    /// Forgets the key.
    pub(super) fn forget(&mut self) {
        held!(self, held => held.forget());
    }
}
