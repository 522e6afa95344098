//! Asking Redis, and what happens when it does not answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use smallvec::SmallVec;

use super::abroad::Abroad;
use super::asked::Asking;
use super::charge::{Charged, Judged};
use super::decision::{Decided, Decision};
use super::leasing;
use super::member::Member;
use super::state::{Ask, Stake, ask};
use super::together;

/// Begins to ask about `key`: nothing is sent before the answer is polled.
#[cold]
pub(super) fn begin(member: &Arc<Member>, far: &Arc<Abroad>, key: &[u8], cost: u32) -> Asking {
    let (member, far, key) = (Arc::clone(member), Arc::clone(far), key.into());
    let price = member.price(cost.into());
    Box::pin(async move { one(member, far, key, price).await.decision })
}

/// Decides about `key` for one policy whose counts are shared. Calls of one key that come while one is under way
/// go together.
pub(super) async fn one(
    member: Arc<Member>,
    abroad: Arc<Abroad>,
    key: Box<[u8]>,
    cost: u64,
) -> Judged {
    if let Some(known) = member.known(&key) {
        return Judged::of(known, Charged::default());
    }
    if let Some(judged) = leasing::take(&member, &abroad, &key, cost) {
        return judged;
    }
    let sent = member.now();
    if let Some(refusal) = abroad.refusals.recall(&key, cost, sent) {
        abroad.counts.recalled();
        abroad.counts.count(&refusal);
        member.learn(&key, &refusal);
        return Judged::of(member.shown(refusal), Charged::default());
    }
    let landed = {
        let flights = Arc::clone(&abroad.flights);
        let abroad = Arc::clone(&abroad);
        let ask = move |key, times| abroad.decide(key, cost, times);
        flights.join(&key, cost, ask).await
    };
    let more = landed.saved.swap(0, Ordering::Relaxed);
    abroad.counts.coalesced(more);
    let (decision, charged) = match &landed.answer {
        Ok(one) => {
            let decision = Abroad::part(one.decision, landed.takes_one());
            let mut charged = Charged::default();
            if decision.is_allowed() {
                charged = Charged {
                    here: member.note(&key, cost),
                    there: Some(one.at),
                };
                if more > 0 {
                    leasing::begin(&member, &abroad, &key, decision);
                }
            } else {
                let now = member.now();
                abroad.refusals.learn(&key, cost, decision, sent, now);
            }
            (decision, charged)
        }
        Err(why) => together::one(&member, &key, cost, abroad.away(why)),
    };
    abroad.counts.count(&decision);
    member.learn(&key, &decision);
    Judged::of(member.shown(decision), charged)
}

/// Decides about `key` for policies whose counts are shared: all of them or none.
pub(super) async fn all(members: &[Arc<Member>], key: &[u8], cost: u64) -> Decided {
    let answer = {
        let stakes = members.iter().filter_map(|member| {
            let far = member.far.as_ref()?.at();
            Some(Stake {
                far,
                cost: member.price(cost),
                watches: member.shadow,
            })
        });
        let stakes: SmallVec<[Stake<'_>; 2]> = stakes.collect();
        ask(&stakes, key, Ask::Decide(1))
    };
    let (decided, all) = match answer.await {
        Ok(answer) => {
            let decided = answer.decided();
            let all = answer.passed > 0;
            if all && cost > 0 {
                for (member, decision) in members.iter().zip(&decided) {
                    if decision.is_allowed() {
                        member.note(key, member.price(cost));
                    }
                }
            }
            (decided, all)
        }
        Err(why) => {
            let theirs = members.iter().filter_map(|member| member.far.as_ref());
            // each says by itself what has to be repaired
            let away = theirs.fold(None, |_, abroad| Some(abroad.away(&why)));
            let decided = together::decide(members, key, cost, away);
            let all = together::is_passed(members, &decided);
            (decided, all)
        }
    };
    for (member, decision) in members.iter().zip(&decided) {
        // where others refused, this policy decided nothing
        if let Some(abroad) = &member.far
            && (all || !decision.is_allowed())
        {
            abroad.counts.count(decision);
        }
    }
    let each = members.iter().zip(decided);
    each.map(|(member, decision): (_, Decision)| member.shown(decision))
        .collect()
}
