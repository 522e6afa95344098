//! What a policy needs whose counts are shared.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;

use super::basis::{Away, Basis, OnUnavailable};
use super::decision::{Decision, Outcome};
use super::flights::Flights;
use super::leases::Leases;
use super::refusals::Refusals;
use super::state::{Ask, Far, One, Stake, ask_one};
use super::stats::SharedCounts;

/// Where the counts of all processes lie, and what this process knows of them.
pub(super) struct Abroad {
    pub(super) at: Far,
    pub(super) counts: SharedCounts,
    pub(super) flights: Arc<Flights>,
    pub(super) refusals: Refusals,
    pub(super) leases: Option<Leases>,
    name: Box<str>,
    on_unavailable: OnUnavailable,
    refused: AtomicBool,
}

impl Abroad {
    /// One whose refusals are remembered, if it `remembers`: where permits are given back at any time nobody
    /// knows how long a refusal holds.
    pub(super) fn new(
        at: Far,
        name: Box<str>,
        on_unavailable: OnUnavailable,
        remembers: bool,
        leases: Option<Leases>,
    ) -> Self {
        Self {
            at,
            counts: SharedCounts::default(),
            flights: Arc::new(Flights::new()),
            refusals: Refusals::new(remembers),
            leases,
            name,
            on_unavailable,
            refused: AtomicBool::new(false),
        }
    }

    /// Asks about one policy by itself. One that only watches is asked as any other.
    pub(super) fn ask(
        &self,
        key: &[u8],
        cost: u64,
        what: Ask,
    ) -> impl Future<Output = Result<One, Error>> + Send + use<> {
        let stake = Stake {
            far: &self.at,
            subject: key,
            cost,
            watches: false,
        };
        ask_one(&stake, what)
    }

    /// Why Redis has not decided.
    pub(super) fn away(&self, why: &Error) -> Away {
        if !why.is_timeout() && !why.is_unavailable() {
            self.refused(why);
        }
        // an answer that cannot be read is one to a call that was executed
        if why.is_timeout() || why.is_corrupt() {
            Basis::Unknown
        } else {
            Basis::Unavailable
        }
    }

    /// Says what somebody has to repair. An outage is told by who keeps the connection.
    #[cold]
    fn refused(&self, why: &Error) {
        if !self.refused.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                policy = &*self.name,
                on_unavailable = ?self.on_unavailable,
                "a limit cannot count in Redis, and its policy for that decides: {why}. The user of \
                 this connection needs the commands EVALSHA, EVAL, TIME, GET and SET on the keys of \
                 limits, and nobody else may write those. This is said once; `LimiterStats` counts on"
            );
        }
    }

    /// What an answer of Redis, of which this call got a part, says to it.
    pub(super) fn part(decision: Decision, passes: bool) -> Decision {
        let outcome = if passes {
            Outcome::Allowed
        } else {
            decision.outcome
        };
        Decision {
            outcome,
            ..decision
        }
    }
}
