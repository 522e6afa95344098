//! Asking Redis, and what happens when it does not answer.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::error::Error;

use super::basis::Basis;
use super::decision::{Decided, Decision};
use super::member::Member;
use super::state::{Far, ask};
use super::together::{self, Away};

/// Decides about `key` for one policy whose counts are shared.
pub(super) async fn one(member: Arc<Member>, key: Box<[u8]>, cost: u64) -> Decision {
    let members = std::slice::from_ref(&member);
    let decided = all(members, &key, cost).await;
    // one policy has one decision
    let decision = decided.first().copied();
    decision.unwrap_or_else(|| member.decide(&key, cost))
}

/// Decides about `key` for policies whose counts are shared: all of them or none.
pub(super) async fn all(members: &[Arc<Member>], key: &[u8], cost: u64) -> Decided {
    let answer = {
        let places: SmallVec<[&Far; 2]> = members.iter().filter_map(|one| one.place()).collect();
        ask(&places, key, cost)
    };
    let (decided, all) = match answer.await {
        Ok(decided) => {
            let all = decided.iter().all(Decision::is_allowed);
            if all && cost > 0 {
                members.iter().for_each(|member| member.note(key, cost));
            }
            (decided, all)
        }
        Err(why) => {
            let decided = together::decide(members, key, cost, Some(away(members, &why)));
            let all = decided.iter().all(Decision::is_allowed);
            (decided, all)
        }
    };
    for (member, decision) in members.iter().zip(&decided) {
        // where others refused, this policy decided nothing
        if all || !decision.is_allowed() {
            member.count(decision);
        }
    }
    decided
}

fn away(members: &[Arc<Member>], why: &Error) -> Away {
    if !why.is_timeout() && !why.is_unavailable() {
        members.iter().for_each(|member| member.refused(why));
    }
    // an answer that cannot be read is one to a call that was executed
    if why.is_timeout() || why.is_corrupt() {
        Basis::Unknown
    } else {
        Basis::Unavailable
    }
}
