//! How many processes are alive, for when Redis is not.
//!
//! Each holds a permit of one concurrency limit that is never full, and renews it; what is held is how many there
//! are. So it needs no command and no clock of its own, and a process that died is gone after a period.

use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;

use super::basis::{Basis, OnUnavailable};
use super::limiter::Limiter;
use super::permit::Permit;
use super::policy::{Algorithm, Policy};
use super::quota::Quota;
use super::state::Shared;

/// More than there ever are.
const PROCESSES: u64 = 1_000_000;
/// Seconds between two beats.
const BEAT: u64 = 10;
/// Those that hold on to the place only to count: the task, and its limiter.
const OWN: usize = 2;
/// How long one is counted that tells nothing any more.
pub(super) const PERIOD: Duration = Duration::from_secs(30);

/// Begins to count, once for all limiters of `shared`, if `policy` needs it.
///
/// # Errors
///
/// None in practice: the limit it counts by can be built.
pub(crate) fn start<K>(shared: &Shared, policy: &Policy<K>, clock: &Clock) -> Result<(), Error> {
    if policy.failure_policy() != OnUnavailable::Share || !shared.begins_to_count() {
        return Ok(());
    }
    let mut pulse = Pulse::new(shared, clock)?;
    let shared = shared.clone();
    shared.wire().clone().spawn(async move {
        loop {
            if let Some(processes) = pulse.beat().await {
                shared.learn_processes(processes);
            }
            for _ in 0..BEAT {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if shared.holders() <= OWN {
                    return;
                }
            }
        }
    });
    Ok(())
}

/// One process among those that are alive.
pub(super) struct Pulse {
    limiter: Limiter,
    permit: Option<Permit>,
}

impl Pulse {
    pub(super) fn new(shared: &Shared, clock: &Clock) -> Result<Self, Error> {
        let policy = Policy::new("tower-redis processes", Quota::new(PROCESSES, PERIOD))
            .algorithm(Algorithm::Concurrency)
            .on_unavailable(OnUnavailable::Closed);
        Ok(Self {
            limiter: Limiter::shared(&policy, clock.clone(), shared)?,
            permit: None,
        })
    }

    /// Tells that this process is alive; how many are, if Redis answers.
    pub(super) async fn beat(&mut self) -> Option<u64> {
        let held = match &mut self.permit {
            Some(permit) => permit.renew().await,
            None => false,
        };
        if !held {
            self.permit = self.limiter.hold(&()).await.ok();
        }
        let look = self.limiter.peek(&()).await;
        (look.basis == Basis::Shared).then(|| look.limit - look.remaining)
    }
}
