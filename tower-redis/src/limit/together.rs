//! Several policies decided about one key by the counts of this process: all of them or none.

use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::basis::{Away, Basis, OnUnavailable};
use super::charge::{Charged, Judged, Verdict};
use super::contract::Tick;
use super::decision::{Decision, Outcome};
use super::engine::Hold;
use super::full::UNTIL_ASKED_AGAIN;
#[cfg(feature = "redis")]
use super::local;
use super::member::Member;
use super::state::Seat;

/// A policy of several, and the key that it counts.
pub(super) type Seated<'a> = (&'a Arc<Member>, &'a [u8]);

/// Decides for all of `party`; `away` when Redis should have.
///
/// All locks are held together. They are taken in the order of the members' addresses, so no two calls
/// wait for each other.
pub(super) fn decide(party: &[Seated<'_>], cost: u64, away: Option<Away>) -> Verdict {
    let mut voices: SmallVec<[Voice<'_>; 2]> = ranked(party)
        .into_iter()
        .map(|(place, (member, key))| Voice::of(place, member, key, member.price(cost), away))
        .collect();
    voices.sort_unstable_by_key(|voice| voice.place);
    let all = voices
        .iter()
        .all(|voice| voice.would.is_allowed() || voice.member.shadow);
    let mut full: SmallVec<[&Member; 2]> = SmallVec::new();
    let decided = voices
        .iter_mut()
        .map(|voice| {
            let (decision, seat) = voice.decide(all);
            if seat == Seat::Shared {
                full.push(voice.member);
            }
            let here = voice.hold.as_ref().map(|hold| hold.instant(voice.now));
            let here = here.filter(|_| all && decision.is_allowed());
            let charged = Charged { here, there: None };
            Judged::of(decision, charged)
        })
        .collect();
    drop(voices);
    full.into_iter().for_each(Member::overflowed);
    decided
}

/// Whether what was decided lets the call pass.
#[cfg(feature = "redis")]
pub(super) fn is_passed(party: &[Seated<'_>], judged: &[Judged]) -> bool {
    let mut each = party.iter().zip(judged);
    each.all(|((member, _), judged)| judged.decision.is_allowed() || member.shadow)
}

/// As [`decide`], of one policy that should have been decided by Redis, and when it was charged.
#[cfg(feature = "redis")]
pub(super) fn one(member: &Member, key: &[u8], cost: u64, away: Away) -> (Decision, Charged) {
    let mut voice = Voice::of(0, member, key, cost, Some(away));
    let (decision, seat) = voice.decide(true);
    let here = voice.hold.as_ref().map(|hold| hold.instant(voice.now));
    drop(voice);
    if seat == Seat::Shared {
        member.overflowed();
    }
    let here = here.filter(|_| decision.is_allowed());
    (decision, Charged { here, there: None })
}

/// What [`one`] would decide.
#[cfg(feature = "redis")]
pub(super) fn look(member: &Member, key: &[u8], cost: u64, away: Away) -> Decision {
    let voice = Voice::of(0, member, key, cost, Some(away));
    let standing = match &voice.hold {
        Some(hold) => hold.would(voice.now, 0),
        None => voice.would,
    };
    Decision {
        outcome: voice.would.outcome,
        basis: voice.basis,
        ..standing
    }
}

/// As many of `times` calls as [`one`] lets pass.
#[cfg(feature = "redis")]
pub(super) fn up_to(member: &Member, key: &[u8], cost: u64, times: u64, away: Away) -> Judged {
    if let Some(banned) = member.ban_here(key) {
        return Judged::of(banned, Charged::default());
    }
    let policy = member.on_unavailable();
    if matches!(policy, OnUnavailable::Local | OnUnavailable::Share) {
        let share = member.share();
        let mut judged = local::up_to(member, key, cost.saturating_mul(share), times);
        judged.decision = shared(judged.decision, share);
        judged.decision.basis = away(policy);
        return judged;
    }
    let (decision, charged) = one(member, key, cost.saturating_mul(times), away);
    Judged {
        passed: if decision.is_allowed() { times } else { 0 },
        decision,
        charged,
    }
}

/// The policies in the order of their addresses, each with its place.
fn ranked<'a>(party: &[Seated<'a>]) -> SmallVec<[(usize, Seated<'a>); 2]> {
    let mut ranked: SmallVec<[(usize, Seated<'_>); 2]> =
        party.iter().copied().enumerate().collect();
    ranked.sort_unstable_by_key(|(_, (member, _))| Arc::as_ptr(member));
    ranked
}

/// What one policy has to say.
struct Voice<'a> {
    place: usize,
    member: &'a Member,
    now: Tick,
    /// The counts it rests on; none when nothing is counted.
    hold: Option<Hold<'a>>,
    basis: Basis,
    would: Decision,
    cost: u64,
    /// Among how many processes the quota is divided.
    share: u64,
}

impl<'a> Voice<'a> {
    fn of(place: usize, member: &'a Member, key: &[u8], cost: u64, away: Option<Away>) -> Self {
        let policy = member.on_unavailable();
        let share = match away {
            Some(_) => member.share(),
            None => 1,
        };
        let basis = away.map_or(Basis::Memory, |away| away(policy));
        #[cfg(feature = "redis")]
        let banned = away.and_then(|_| member.ban_here(key));
        #[cfg(not(feature = "redis"))]
        let banned = None::<Decision>;
        let basis = if banned.is_some() {
            Basis::Banned
        } else {
            basis
        };
        let uncounted = away.and_then(|_| uncounted(policy, member.engine.limit(), cost, basis));
        let uncounted = banned.or(uncounted);
        let cost = cost.saturating_mul(share);
        // read before the lock is taken, and once: what would be decided has to be what is
        let now = member.now();
        let (hold, would) = match uncounted {
            Some(decision) => (None, decision),
            None => {
                let hold = member.hold(key);
                let would = shared(hold.would(now, cost), share);
                (Some(hold), would)
            }
        };
        Self {
            place,
            member,
            now,
            hold,
            basis,
            would,
            cost,
            share,
        }
    }

    /// Charges the call if `all` would allow it. Where not, a policy that would not counts it as refused, and one
    /// that would only tells where the key stands.
    fn decide(&mut self, all: bool) -> (Decision, Seat) {
        let (decision, seat) = match &mut self.hold {
            Some(hold) if all => {
                let (decision, seat) = hold.decide(self.now, self.cost);
                (shared(decision, self.share), seat)
            }
            Some(hold) if !self.would.is_allowed() => {
                let seat = hold.refuse(self.now, &self.would);
                (self.would, seat)
            }
            Some(hold) => (shared(hold.would(self.now, 0), self.share), Seat::Own),
            None => (shared(self.would, self.share), Seat::Own),
        };
        let basis = self.basis;
        (Decision { basis, ..decision }, seat)
    }
}

/// A decision about so many times the cost, as one about a quota that is divided by as many.
fn shared(decision: Decision, share: u64) -> Decision {
    if share == 1 {
        return decision;
    }
    let outcome = match decision.outcome {
        // it is less than the whole quota, and Redis will be back
        Outcome::Never => Outcome::Denied {
            retry_after: UNTIL_ASKED_AGAIN,
        },
        outcome => outcome,
    };
    Decision {
        outcome,
        limit: decision.limit / share,
        remaining: decision.remaining / share,
        ..decision
    }
}

/// The decision of a policy that lets all pass, or none, while Redis is away.
fn uncounted(policy: OnUnavailable, limit: u64, cost: u64, basis: Basis) -> Option<Decision> {
    let (outcome, remaining, wait) = match policy {
        _ if cost > limit => (Outcome::Never, limit, Duration::ZERO),
        OnUnavailable::Local | OnUnavailable::Share => return None,
        OnUnavailable::Open => (Outcome::Allowed, limit - cost, Duration::ZERO),
        OnUnavailable::Closed => {
            let retry_after = UNTIL_ASKED_AGAIN;
            (Outcome::Denied { retry_after }, 0, retry_after)
        }
    };
    Some(Decision {
        outcome,
        basis,
        shadow_denied: false,
        limit,
        remaining,
        more_after: wait,
        reset_after: wait,
    })
}
