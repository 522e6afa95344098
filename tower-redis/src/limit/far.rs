//! What can be done to a key whose counts are shared, besides deciding about it.

use std::sync::Arc;
use std::time::Duration;

use super::abroad::Abroad;
use super::charge::{Charged, Judged};
use super::decision::Decision;
use super::local;
use super::member::Member;
use super::state::Ask;
use super::together;

/// More than a slot of a strict window is late, and the milliseconds that are cut off.
const MARGIN: Duration = Duration::from_secs(1);

/// As [`local::look`]. Without Redis it is what the policy would do.
pub(super) async fn look(
    member: Arc<Member>,
    abroad: Arc<Abroad>,
    key: Box<[u8]>,
    cost: u64,
) -> Decision {
    match abroad.ask(&key, cost, Ask::Look).await {
        Ok(one) => one.decision,
        Err(why) => together::look(&member, &key, cost, abroad.away(&why)),
    }
}

/// As [`local::up_to`]. Without Redis the policy decides about the whole.
pub(super) async fn up_to(
    member: Arc<Member>,
    abroad: Arc<Abroad>,
    key: Box<[u8]>,
    cost: u64,
    times: u64,
) -> Judged {
    let judged = match abroad.decide((*key).into(), cost, times).await {
        Ok(one) => {
            let passed = one.passed;
            let decision = Abroad::part(one.decision, passed > 0);
            let charge = || Charged {
                here: member.note(&key, cost.saturating_mul(passed)),
                there: Some(one.at),
            };
            let charged = if passed > 0 {
                charge()
            } else {
                Charged::default()
            };
            Judged {
                decision,
                passed,
                charged,
            }
        }
        Err(why) => together::up_to(&member, &key, cost, times, abroad.away(&why)),
    };
    abroad.counts.count(&judged.decision);
    Judged {
        decision: member.shown(judged.decision),
        ..judged
    }
}

/// Gives back what was charged, in both places, and says how much of it in Redis. When Redis does not answer it
/// stays charged there, until it would have come back.
pub(super) async fn refund(
    member: Arc<Member>,
    abroad: Arc<Abroad>,
    key: Box<[u8]>,
    charged: Charged,
    cost: u64,
) -> u64 {
    let here = charged
        .here
        .map(|at| local::refund(&member, &key, at, cost));
    let Some(there) = charged.there else {
        return here.unwrap_or(0);
    };
    let answer = abroad.ask(&key, cost, Ask::Refund(there)).await;
    abroad.refusals.forget(&key);
    answer.map_or(0, |one| one.passed)
}

/// As [`local::renew`]. When Redis does not answer it is held until it ends by itself, and can be asked for again
/// before.
pub(super) async fn renew(
    member: Arc<Member>,
    abroad: Arc<Abroad>,
    key: Box<[u8]>,
    charged: Charged,
    cost: u64,
) -> Option<Charged> {
    let here = charged
        .here
        .and_then(|at| local::renew(&member, &key, at, cost));
    let Some(there) = charged.there else {
        return here.map(|at| Charged {
            here: Some(at),
            there: None,
        });
    };
    let there = match abroad.ask(&key, cost, Ask::Renew(there)).await {
        Ok(one) if one.passed == cost => one.at,
        Ok(_) => return None,
        Err(_) => there,
    };
    Some(Charged {
        here,
        there: Some(there),
    })
}

/// Forgets `key` in both places; whether Redis has.
pub(super) async fn forget(member: Arc<Member>, abroad: Arc<Abroad>, key: Box<[u8]>) -> bool {
    local::forget(&member, &key);
    if let Some(leases) = &abroad.leases {
        leases.forget(&key);
    }
    // what was charged earlier than that has come back by itself
    let window = member.engine.window().saturating_add(MARGIN).as_millis();
    let window = u64::try_from(window).unwrap_or(u64::MAX);
    let answer = abroad.ask(&key, 0, Ask::Forget(window)).await;
    abroad.refusals.forget(&key);
    answer.is_ok()
}
