//! Requests that several policies decide about together.

use crate::limit::{Decisions, Limiter, LimiterSet, Subjects};

use super::held::{Held, Until};
use super::parked::Later;
use super::ruling::Ruling;

/// Decides, or begins to: nothing is sent, and nothing that may be given back is charged, before the answer is polled.
pub(super) fn begin(
    set: &LimiterSet,
    keys: Subjects,
    cost: u32,
    until: Option<Until>,
) -> Result<Box<Decisions>, Later> {
    if !gives_back(set, until)
        && let Some(decided) = set.decide_here(&keys, cost)
    {
        return Ok(Box::new(decided));
    }
    Err(ask(set, keys, cost, until))
}

/// Decides once the answer is polled.
pub(super) fn ask(set: &LimiterSet, keys: Subjects, cost: u32, until: Option<Until>) -> Later {
    if gives_back(set, until) {
        let asking = set.ask_to_reserve(keys, cost);
        return Box::pin(async move {
            Some(match asking.await {
                Ok(reserved) => {
                    let decisions = reserved.decisions().clone();
                    let held = Held::each(reserved.into_each(), until);
                    (Ruling::Each(Box::new(decisions)), held)
                }
                Err(decisions) => (Ruling::Each(Box::new(decisions)), None),
            })
        });
    }
    let set = set.clone();
    Box::pin(async move {
        let decisions = set.decide(&keys, cost).await;
        Some((Ruling::Each(Box::new(decisions)), None))
    })
}

fn gives_back(set: &LimiterSet, until: Option<Until>) -> bool {
    until.is_some() || set.limiters().iter().any(Limiter::is_of_held_permits)
}
