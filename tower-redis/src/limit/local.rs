//! What can be done to a key by the counts of this process alone, besides deciding about it.

use super::charge::{Charged, Judged};
use super::contract::Tick;
use super::decision::Decision;
use super::member::Member;
use super::state::Seat;

/// What would be decided about a call of `cost`, and where the key stands without it.
pub(super) fn look(member: &Member, key: &[u8], cost: u64) -> Decision {
    let now = member.now();
    let hold = member.hold(key);
    let outcome = hold.would(now, cost).outcome;
    Decision {
        outcome,
        ..hold.would(now, 0)
    }
}

/// Lets as many of `times` calls of `cost` pass as can.
pub(super) fn up_to(member: &Member, key: &[u8], cost: u64, times: u64) -> Judged {
    let now = member.now();
    let mut hold = member.hold(key);
    let left = hold.would(now, 0).remaining;
    let fits = left.checked_div(cost).unwrap_or(times).min(times);
    // where not even one passes it is one that is refused
    let (decision, seat) = hold.decide(now, cost.saturating_mul(fits.max(1)));
    let here = decision.is_allowed().then(|| hold.instant(now));
    drop(hold);
    if seat == Seat::Shared {
        member.overflowed();
    }
    Judged {
        decision: member.shown(decision),
        // room may have been made meanwhile
        passed: if decision.is_allowed() {
            fits.max(1)
        } else {
            0
        },
        charged: Charged { here, there: None },
    }
}

/// Gives back `cost` of what was charged at an instant, and says how much of it.
pub(super) fn refund(member: &Member, key: &[u8], charged: Tick, cost: u64) -> u64 {
    let now = member.now();
    member.hold(key).refund(now, (charged, cost))
}

/// Charges now what was charged at an instant; when that is, or nothing if not all of it was held.
pub(super) fn renew(member: &Member, key: &[u8], charged: Tick, cost: u64) -> Option<Tick> {
    let now = member.now();
    let mut hold = member.hold(key);
    let held = hold.renew(now, (charged, cost)) == cost;
    held.then(|| hold.instant(now))
}

/// Forgets `key`.
pub(super) fn forget(member: &Member, key: &[u8]) {
    member.hold(key).forget();
}
