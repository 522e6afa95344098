//! Asking Redis, and what happens when it does not answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use smallvec::SmallVec;

use crate::error::Error;

use super::abroad::{Abroad, told};
use super::asked::Asking;
use super::basis::Away;
use super::charge::{Charged, Judged, Verdict};
use super::contract::Tick;
use super::decision::{Decided, Decision};
use super::leasing;
use super::member::Member;
use super::state::{Answer, Ask, Part, Stake, ask};
use super::together::{self, Seated};

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
        let ask = move |key, times| async move { abroad.decide(key, cost, times).await };
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

/// Decides for policies whose counts are shared: all of them or none.
pub(super) async fn all(party: &[Seated<'_>], cost: u64) -> Verdict {
    if party.is_empty() {
        return Verdict::new();
    }
    let answer = ask(&stakes(party, cost), Ask::Decide(1));
    let (mut judged, all) = match answer.await {
        Ok(answer) => {
            let all = answer.passed > 0;
            let charge = |(member, key): &Seated<'_>, at| Charged {
                here: member.note(key, member.price(cost)),
                there: Some(at),
            };
            let each = party.iter().zip(each(party, answer));
            let judged = each.map(|(seated, (decision, at))| {
                let charges = all && cost > 0 && decision.is_allowed();
                let charged = charges.then(|| charge(seated, at));
                Judged::of(decision, charged.unwrap_or_default())
            });
            (judged.collect(), all)
        }
        Err(why) => {
            let judged = match away(party, &why) {
                Some(away) => together::decide(party, cost, Some(away)),
                None => Verdict::new(),
            };
            let all = together::is_passed(party, &judged);
            (judged, all)
        }
    };
    for ((member, _), judged) in party.iter().zip(&mut judged) {
        // where others refused, this policy decided nothing
        if let Some(abroad) = &member.far
            && (all || !judged.decision.is_allowed())
        {
            abroad.counts.count(&judged.decision);
        }
        judged.decision = member.shown(judged.decision);
    }
    judged
}

/// What [`all`] would decide, each policy by itself.
pub(super) async fn look(party: &[Seated<'_>], cost: u64) -> Decided {
    if party.is_empty() {
        return Decided::new();
    }
    let answer = ask(&stakes(party, cost), Ask::Look);
    match answer.await {
        Ok(answer) => each(party, answer)
            .into_iter()
            .map(|(one, _)| one)
            .collect(),
        Err(why) => {
            let away = away(party, &why);
            let look = |(member, key): &Seated<'_>| {
                away.map(|away| together::look(member, key, member.price(cost), away))
            };
            party.iter().filter_map(look).collect()
        }
    }
}

fn stakes<'a>(party: &[Seated<'a>], cost: u64) -> SmallVec<[Stake<'a>; 2]> {
    let stakes = party.iter().filter_map(|(member, subject)| {
        let part = if member.shadow {
            Part::Watches
        } else {
            Part::Decides
        };
        let abroad = member.far.as_ref()?;
        Some(abroad.stakes(subject, member.price(cost), part))
    });
    stakes.flatten().collect()
}

/// What each policy says.
fn each(party: &[Seated<'_>], answer: Answer) -> SmallVec<[(Decision, Tick); 2]> {
    let mut said = answer.each.into_iter();
    let each = party.iter().filter_map(|(member, _)| {
        let has_bans = member.far.as_ref()?.bans.is_some();
        told(&mut said, has_bans)
    });
    each.collect()
}

/// Why Redis has not decided; each policy says by itself what has to be repaired.
fn away(party: &[Seated<'_>], why: &Error) -> Option<Away> {
    let theirs = party.iter().filter_map(|(member, _)| member.far.as_ref());
    theirs.fold(None, |_, abroad| Some(abroad.away(why)))
}
