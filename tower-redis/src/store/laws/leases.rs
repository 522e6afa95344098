//! A load that was overtaken is not stored.

use crate::store::entry::{EntryId, Found, Leased};

use super::world::{World, done, key, new, unique, unique_plain, unpacked};
use crate::store::names;

pub(super) fn a_removal_takes_the_lease(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    for at in [unique(b"removed"), unique_plain(b"removed")] {
        let lease = a.lease(&at);
        b.remove(&at);
        assert_eq!(done(a.store.fill(&at, &lease, &new(1))), None);
        assert_eq!(b.get(&at), Found::Nothing);
        // whoever asks after the removal gets one that is good, and the old one stays bad
        let later = b.lease(&at);
        assert_ne!(later, lease);
        assert_eq!(done(a.store.fill(&at, &lease, &new(1))), None);
        assert!(done(b.store.fill(&at, &later, &new(2))).is_some());
        assert_eq!(unpacked(&a.held(&at)), 2);
    }
}

pub(super) fn the_first_fill_wins(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"shared");
    let (one, other) = (a.lease(&at), b.lease(&at));
    assert_eq!(one, other);
    let first = done(b.store.fill(&at, &other, &new(2))).unwrap();
    assert_eq!(done(a.store.fill(&at, &one, &new(1))), None);
    assert_eq!(a.held(&at).id, first);
}

pub(super) fn a_put_beats_older_loads(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"put");
    let lease = a.lease(&at);
    done(b.store.put(&at, &new(2))).unwrap();
    assert_eq!(done(a.store.fill(&at, &lease, &new(1))), None);
    assert_eq!(unpacked(&a.held(&at)), 2);
}

pub(super) fn a_lease_names_what_it_rejects(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"rejected");
    let first = done(a.store.put(&at, &new(1))).unwrap();
    let second = done(b.store.put(&at, &new(2))).unwrap();
    for rejected in [None, Some(first), Some(EntryId::of(b"2"))] {
        let Leased::There(Found::Entry(there)) = done(a.store.lease(&at, rejected)) else {
            panic!("there is something else than {rejected:?}");
        };
        assert_eq!((there.id, unpacked(&there)), (second, 2));
    }
    let Leased::Granted(lease) = done(a.store.lease(&at, Some(second))) else {
        panic!("there is nothing else than {second:?}");
    };
    // what was rejected stays until it is overwritten
    assert_eq!(b.held(&at).id, second);
    let third = done(a.store.fill(&at, &lease, &new(3))).unwrap();
    assert_eq!(b.held(&at).id, third);
}

pub(super) fn a_lease_anew_replaces_all_before(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"anew");
    let before = a.lease(&at);
    let Leased::Granted(anew) = done(b.store.lease_anew(&at)) else {
        panic!("there is nothing");
    };
    assert_eq!(done(a.store.fill(&at, &before, &new(1))), None);
    let filled = done(b.store.fill(&at, &anew, &new(2)));
    assert_eq!(b.held(&at).id, filled.unwrap());
    // whatever is there
    let Leased::Granted(again) = done(a.store.lease_anew(&at)) else {
        panic!("what is there does not count");
    };
    assert_eq!(unpacked(&b.held(&at)), 2);
    assert!(done(a.store.fill(&at, &again, &new(3))).is_some());
    world.lose(key(&at));
    world.set_foreign(key(&at));
    assert_eq!(done(a.store.lease_anew(&at)), Leased::Foreign);
}

pub(super) fn a_lost_lease_refuses(world: &dyn World) {
    let seat = world.seat();
    let at = unique(b"lost");
    let lease = seat.lease(&at);
    world.lose(&names::lease(key(&at)));
    assert_eq!(done(seat.store.fill(&at, &lease, &new(1))), None);
    assert_eq!(seat.get(&at), Found::Nothing);
}

pub(super) fn many_keys_go_at_once(world: &dyn World) {
    let seat = world.seat();
    let places: Vec<_> = (0..10).map(|_| unique(b"many")).collect();
    let leases: Vec<_> = places.iter().map(|at| seat.lease(at)).collect();
    let half = &places[..5];
    for at in half {
        done(seat.store.put(at, &new(1))).unwrap();
    }
    let leases: Vec<_> = leases.into_iter().skip(5).collect();
    done(seat.store.remove(&places));
    for at in &places {
        assert_eq!(seat.get(at), Found::Nothing);
    }
    for (at, lease) in places[5..].iter().zip(&leases) {
        assert_eq!(done(seat.store.fill(at, lease, &new(1))), None);
    }
    done(seat.store.remove(&[]));
}
