//! Taking permits ahead, behind the calls.

use std::sync::Arc;

use super::abroad::Abroad;
use super::charge::{Charged, Judged};
use super::decision::Decision;
use super::leases::HORIZON;
use super::member::Member;
use super::state::Ask;

/// Lets a call of `cost` pass by what was taken ahead.
pub(super) fn take(
    member: &Arc<Member>,
    abroad: &Arc<Abroad>,
    key: &[u8],
    cost: u64,
) -> Option<Judged> {
    let leases = abroad.leases.as_ref().filter(|_| cost > 0)?;
    let taken = leases.take(key, cost, member.now())?;
    if let Some(size) = taken.next {
        lease(member, abroad, key, size);
    }
    abroad.counts.leased();
    abroad.counts.count(&taken.decision);
    let charged = Charged {
        here: member.note(key, cost),
        there: Some(taken.at),
    };
    Some(Judged::of(taken.decision, charged))
}

/// Begins to take ahead of a key whose calls had to wait for each other.
pub(super) fn begin(member: &Arc<Member>, abroad: &Arc<Abroad>, key: &[u8], standing: Decision) {
    let size = abroad
        .leases
        .as_ref()
        .and_then(|leases| leases.begin(key, standing));
    if let Some(size) = size {
        lease(member, abroad, key, size);
    }
}

fn lease(member: &Arc<Member>, abroad: &Arc<Abroad>, key: &[u8], size: u64) {
    let (member, key) = (Arc::clone(member), Box::<[u8]>::from(key));
    let wire = abroad.at().wire().clone();
    let abroad = Arc::clone(abroad);
    wire.spawn(async move {
        let Some(leases) = &abroad.leases else {
            return;
        };
        let sent = member.now();
        let Ok(one) = abroad.decide((*key).into(), 1, size).await else {
            leases.failed(&key);
            return;
        };
        let horizon = u64::try_from(HORIZON.as_micros()).unwrap_or(0);
        let until = sent.saturating_add(horizon);
        leases.granted(&key, one.passed, one.at, until, one.decision);
        if one.passed == 0 {
            return;
        }
        tokio::time::sleep(HORIZON).await;
        let Some(ended) = leases.end(&key, one.at) else {
            return;
        };
        abroad
            .counts
            .overshot(ended.used.saturating_sub(ended.granted));
        if ended.left() > 0 {
            // what cannot be given back comes back by itself
            let _ = abroad.ask(&key, ended.left(), Ask::Refund(ended.at)).await;
            abroad.refusals.forget(&key);
        }
    });
}
