//! One algorithm over one state, chosen when the limiter is built.

use std::time::Duration;

use crate::error::Error;

use super::algorithm::{FixedWindow, Gcra, StrictWindow};
#[cfg(feature = "redis")]
use super::contract::Terms;
use super::contract::{Rule, Tick};
use super::decision::Decision;
use super::policy::Algorithm;
use super::quota::Quota;
use super::state::{Held, Memory, Seat};
use super::stats::Counts;

/// What decides. Each algorithm has a state type of its own, so an entry is no larger than it must.
#[derive(Debug)]
pub(super) enum Engine {
    Gcra(Memory<Gcra>),
    FixedWindow(Memory<FixedWindow>),
    StrictWindow(Memory<StrictWindow>),
}

/// One key of an engine, held while it is decided about together with those of others.
pub(super) enum Hold<'a> {
    Gcra(Held<'a, Gcra>),
    FixedWindow(Held<'a, FixedWindow>),
    StrictWindow(Held<'a, StrictWindow>),
}

macro_rules! each {
    ($engine:expr, $memory:ident => $then:expr) => {
        match $engine {
            Engine::Gcra($memory) => $then,
            Engine::FixedWindow($memory) => $then,
            Engine::StrictWindow($memory) => $then,
        }
    };
}

impl Engine {
    pub(super) fn new(algorithm: Algorithm, quota: &Quota, max_keys: usize) -> Result<Self, Error> {
        if let (Algorithm::FixedWindow | Algorithm::StrictWindow, Some(burst)) =
            (algorithm, quota.given_burst())
        {
            return Err(Error::config(format!(
                "a burst of {burst} with {algorithm:?}, which has none; expected a quota without \
                 `burst`, or `Algorithm::Gcra`"
            )));
        }
        if max_keys == 0 {
            return Err(Error::config("room for 0 keys; expected at least 1"));
        }
        Ok(match algorithm {
            Algorithm::Gcra => Self::Gcra(Memory::new(Gcra::new(quota)?, max_keys)),
            Algorithm::FixedWindow => {
                Self::FixedWindow(Memory::new(FixedWindow::new(quota)?, max_keys))
            }
            Algorithm::StrictWindow => {
                Self::StrictWindow(Memory::new(StrictWindow::new(quota)?, max_keys))
            }
        })
    }

    #[inline(always)]
    pub(super) fn decide(&self, key: &[u8], now: Tick, cost: u64) -> (Decision, Seat) {
        each!(self, memory => memory.decide(key, now, cost))
    }

    /// Keeps everybody else from deciding about `key`.
    pub(super) fn hold(&self, key: &[u8]) -> Hold<'_> {
        match self {
            Self::Gcra(memory) => Hold::Gcra(memory.hold(key)),
            Self::FixedWindow(memory) => Hold::FixedWindow(memory.hold(key)),
            Self::StrictWindow(memory) => Hold::StrictWindow(memory.hold(key)),
        }
    }

    /// Charges what was decided elsewhere, if it fits, and counts no decision.
    #[cfg(feature = "redis")]
    pub(super) fn note(&self, key: &[u8], now: Tick, cost: u64) {
        each!(self, memory => memory.note(key, now, cost));
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
        match self {
            Self::Gcra(held) => held.would(now, cost),
            Self::FixedWindow(held) => held.would(now, cost),
            Self::StrictWindow(held) => held.would(now, cost),
        }
    }

    pub(super) fn decide(&mut self, now: Tick, cost: u64) -> (Decision, Seat) {
        match self {
            Self::Gcra(held) => held.decide(now, cost),
            Self::FixedWindow(held) => held.decide(now, cost),
            Self::StrictWindow(held) => held.decide(now, cost),
        }
    }
}
