//! One loads for all, and nobody waits for one who does not.

use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use crate::store::arrivals::Arrival;
use crate::store::entry::{EntryId, Found, Lease, Leased, New, Place};
use crate::store::pattern::Pattern;
use crate::store::token::Part;

use super::world::{Seat, World, done, key, new, unique, unique_plain, unique_tag, unpacked};

/// Longer than any test takes.
const HOUR: Duration = Duration::from_secs(3_600);
/// As short as can be.
const MOMENT: Duration = Duration::from_millis(20);

fn ask(seat: &Seat, at: &Place, rejected: Option<EntryId>, hold: Duration) -> Leased {
    done(seat.store.lease_fleet(at, rejected, hold))
}

fn asks(seat: &Seat, at: &Place) -> Leased {
    ask(seat, at, None, HOUR)
}

fn granted(leased: Leased) -> Lease {
    match leased {
        Leased::Granted(lease) => lease,
        other => panic!("expected a lease, found {other:?}"),
    }
}

fn is_held(leased: &Leased) -> bool {
    matches!(leased, Leased::Held { rest } if *rest <= HOUR && *rest > HOUR / 2)
}

fn failed(leased: Leased) -> Lease {
    match leased {
        Leased::Failed { rest, lease } if rest <= HOUR && rest > HOUR / 2 => lease,
        other => panic!("expected a failure, found {other:?}"),
    }
}

fn fill(seat: &Seat, at: &Place, lease: &Lease, value: u64) -> bool {
    done(seat.store.fill(at, lease, &new(value))).is_some()
}

pub(super) fn one_loads_for_all(world: &dyn World) {
    let seats = [world.seat(), world.seat(), world.seat()];
    let [a, b, c] = &seats;
    for at in [unique(b"fleet"), unique_plain(b"fleet")] {
        let lease = granted(asks(a, &at));
        // nor does it when the same process asks
        for seat in &seats {
            assert!(is_held(&asks(seat, &at)));
        }
        assert!(fill(a, &at, &lease, 1));
        let Leased::There(Found::Entry(there)) = asks(b, &at) else {
            panic!("what was loaded is there");
        };
        assert_eq!(unpacked(&there), 1);
        // what is rejected is nothing, and again one loads
        let rejected = Some(there.id);
        let lease = granted(ask(c, &at, rejected, HOUR));
        assert!(is_held(&ask(a, &at, rejected, HOUR)));
        assert!(fill(c, &at, &lease, 2));
        assert!(matches!(ask(a, &at, rejected, HOUR), Leased::There(_)));
    }
    let at = unique(b"fleet");
    world.set_foreign(key(&at));
    assert_eq!(asks(a, &at), Leased::Foreign);
}

pub(super) fn who_is_not_heard_of_is_replaced(world: &dyn World) {
    let (a, b, c) = (world.seat(), world.seat(), world.seat());
    let at = unique(b"dead");
    let dead = granted(ask(&a, &at, None, MOMENT));
    world.pass(MOMENT);
    let next = granted(asks(&b, &at));
    assert!(is_held(&asks(&c, &at)));
    // it was only slow: it does not take the place of the other, and what it loads is as good
    assert!(!done(a.store.renew(&at, &dead, HOUR)));
    assert!(done(b.store.renew(&at, &next, HOUR)));
    for end in [a.store.release(&at, &dead), a.store.fail(&at, &dead, HOUR)] {
        done(end);
        assert!(is_held(&asks(&c, &at)));
    }
    assert!(fill(&a, &at, &dead, 1));
    assert!(!fill(&b, &at, &next, 2));
    // nobody asked meanwhile
    let at = unique(b"slow");
    let slow = granted(ask(&a, &at, None, MOMENT));
    world.pass(MOMENT);
    assert!(done(a.store.renew(&at, &slow, HOUR)));
    assert!(is_held(&asks(&b, &at)));
    assert!(fill(&a, &at, &slow, 1));
}

pub(super) fn who_renews_is_not_replaced(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"renewed");
    let lease = granted(ask(&a, &at, None, MOMENT));
    assert!(done(a.store.renew(&at, &lease, HOUR)));
    world.pass(MOMENT);
    assert!(is_held(&asks(&b, &at)));
    // nor is there anything to renew for who shares
    let shared = b.lease(&at);
    assert!(!done(b.store.renew(&at, &shared, HOUR)));
    for end in [
        b.store.release(&at, &shared),
        b.store.fail(&at, &shared, HOUR),
    ] {
        done(end);
        assert!(is_held(&asks(&b, &at)));
    }
}

pub(super) fn after_a_failure_everybody_loads(world: &dyn World) {
    let (a, b, c) = (world.seat(), world.seat(), world.seat());
    let at = unique(b"failed");
    let lease = granted(asks(&a, &at));
    done(a.store.fail(&at, &lease, HOUR));
    assert!(!done(a.store.renew(&at, &lease, HOUR)));
    // nobody queues
    let [one, other] = [&b, &c].map(|seat| failed(asks(seat, &at)));
    assert!(fill(&c, &at, &other, 2));
    assert!(!fill(&b, &at, &one, 1));
    let Leased::There(Found::Entry(there)) = asks(&a, &at) else {
        panic!("one of them did not fail");
    };
    // which is over with it
    granted(ask(&a, &at, Some(there.id), HOUR));

    let at = unique(b"failed");
    let lease = granted(asks(&a, &at));
    done(a.store.fail(&at, &lease, MOMENT));
    world.pass(MOMENT);
    granted(asks(&b, &at));
    assert!(is_held(&asks(&c, &at)));
}

pub(super) fn who_gives_up_is_replaced_at_once(world: &dyn World) {
    let (a, b, c) = (world.seat(), world.seat(), world.seat());
    let at = unique(b"released");
    let lease = granted(asks(&a, &at));
    done(a.store.release(&at, &lease));
    let next = granted(asks(&b, &at));
    assert!(is_held(&asks(&c, &at)));
    assert!(fill(&b, &at, &next, 1));
}

pub(super) fn nobody_waits_for_a_load_that_was_overtaken(world: &dyn World) {
    let (a, b, c) = (world.seat(), world.seat(), world.seat());
    for how in [Ends::Remove, Ends::Expire, Ends::Matching, Ends::Anew] {
        let at = unique(b"overtaken");
        let before = granted(asks(&a, &at));
        how.is_done(&c, &at);
        let after = granted(asks(&b, &at));
        assert!(!done(a.store.renew(&at, &before, HOUR)), "{how:?}");
        assert!(!fill(&a, &at, &before, 1), "{how:?}");
        assert!(is_held(&asks(&c, &at)), "{how:?}");
        assert!(fill(&b, &at, &after, 2), "{how:?}");
    }
    let at = unique(b"overtaken");
    let before = granted(asks(&a, &at));
    done(c.store.put(&at, &new(2))).unwrap();
    assert!(matches!(asks(&b, &at), Leased::There(_)));
    assert!(!done(a.store.renew(&at, &before, HOUR)));
    assert!(!fill(&a, &at, &before, 1));
}

pub(super) fn who_shares_a_lease_loads_beside_the_one(world: &dyn World) {
    let (a, b, c) = (world.seat(), world.seat(), world.seat());
    // who shares comes later, and fills first or last
    for shared_first in [true, false] {
        let at = unique(b"beside");
        let one = granted(asks(&a, &at));
        let shared = b.lease(&at);
        assert_eq!(one.as_bytes(), shared.as_bytes());
        assert!(is_held(&asks(&c, &at)));
        assert!(done(a.store.renew(&at, &one, HOUR)));
        assert!(is_held(&asks(&c, &at)));
        let filled = [
            shared_first && fill(&b, &at, &shared, 1),
            fill(&a, &at, &one, 2),
            fill(&b, &at, &shared, 1),
        ];
        assert_eq!(filled, [shared_first, !shared_first, false]);
        assert!(matches!(asks(&c, &at), Leased::There(_)));
    }
    // who shares was there first
    let at = unique(b"beside");
    let shared = b.lease(&at);
    let one = granted(asks(&a, &at));
    assert_eq!(one.as_bytes(), shared.as_bytes());
    done(a.store.release(&at, &one));
    assert!(fill(&b, &at, &shared, 1));
    // what lies there may be the lease of a release that knows of nothing else
    let at = unique(b"beside");
    let lease = b"00000000000000ab";
    world.set(&crate::store::names::lease(key(&at)), lease, Some(HOUR));
    let one = granted(asks(&a, &at));
    assert_eq!(&one.as_bytes()[..], lease);
    assert!(fill(&a, &at, &one, 1));
}

/// What may become of a key that somebody waits for.
#[derive(Debug, Clone, Copy)]
enum Ends {
    Fill,
    RefusedFill,
    LateFill,
    Fail,
    Release,
    Put,
    Remove,
    Expire,
    Matching,
    Anew,
}

impl Ends {
    const ALL: [Self; 9] = [
        Self::Fill,
        Self::RefusedFill,
        Self::LateFill,
        Self::Fail,
        Self::Release,
        Self::Put,
        Self::Remove,
        Self::Expire,
        Self::Matching,
    ];

    fn is_done(self, by: &Seat, at: &Place) {
        let (store, places) = (&by.store, std::slice::from_ref(at));
        let lease = || granted(asks(by, at));
        match self {
            Self::Fill => assert!(fill(by, at, &lease(), 1)),
            Self::RefusedFill => {
                let lease = lease();
                let shared = by.lease(at);
                assert!(fill(by, at, &shared, 1) && !fill(by, at, &lease, 1));
            }
            Self::LateFill => {
                let (lease, tag) = (lease(), unique_tag());
                let stamp = done(store.stamp());
                done(store.replace_tokens(std::slice::from_ref(&tag), Part::Hard));
                let late = Some(crate::store::entry::Late {
                    stamp,
                    tags: vec![(tag.clone(), by.token(&tag))],
                });
                assert_eq!(done(store.fill(at, &lease, &New { late, ..new(1) })), None);
                granted(asks(by, at));
            }
            Self::Fail => done(store.fail(at, &lease(), HOUR)),
            Self::Release => done(store.release(at, &lease())),
            Self::Put => drop(done(store.put(at, &new(1)))),
            Self::Remove => done(store.remove(places)),
            Self::Expire => done(store.expire(places)),
            Self::Matching => drop(done(store.remove_matching(&Pattern::prefix(key(at))))),
            Self::Anew => drop(done(store.lease_anew(at))),
        }
    }
}

pub(super) fn is_ready(arrival: &mut Arrival) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    Pin::new(arrival).poll(&mut context).is_ready()
}

pub(super) fn who_waits_is_woken_whatever_becomes_of_it(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    for ends in Ends::ALL {
        // also in the process that does it
        for (waits, sync) in [(&a, &b), (&b, &a)] {
            let (at, other) = (unique(b"awaited"), unique(b"other"));
            let [mut arrival, mut of_other] = [&at, &other].map(|at| waits.watch.arrival(key(at)));
            assert!(!is_ready(&mut arrival));
            ends.is_done(&a, &at);
            // everything told before has come
            waits.heard_from(world, sync);
            assert!(is_ready(&mut arrival), "{ends:?}");
            assert!(!is_ready(&mut of_other), "{ends:?}");
        }
    }
}

pub(super) fn who_may_have_missed_it_is_woken(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"missed");
    let mut arrival = b.watch.arrival(key(&at));
    a.heard_from(world, &b);
    b.heard_from(world, &a);
    assert!(!is_ready(&mut arrival));
    world.skip_message();
    b.heard_from(world, &a);
    assert!(is_ready(&mut arrival));
}
