//! Many at once are what each is alone.

use std::time::Duration;

use crate::store::entry::{EntryId, Found, Late, Lease, Leased, New, Place};
use crate::store::token::Given;

use super::world::{
    World, done, key, new, unique, unique_generation, unique_plain, unique_tag, unpacked,
};

/// More than one round trip names.
const MANY: usize = 5_000;

fn places(name: &[u8], many: usize) -> Vec<Place> {
    let place = |n| {
        if n % 2 == 0 {
            unique(name)
        } else {
            unique_plain(name)
        }
    };
    (0..many).map(place).collect()
}

fn granted(leased: Leased) -> Lease {
    match leased {
        Leased::Granted(lease) => lease,
        other => panic!("expected a lease, found {other:?}"),
    }
}

pub(super) fn many_are_found_in_their_order(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let (tag, generation) = (unique_tag(), unique_generation());
    let tokens = [tag, generation];
    let known = [a.token(&tokens[0]), a.token(&tokens[1])];
    let mut all = places(b"many", 6);
    let tagged = New {
        generation: Some((tokens[1].clone(), known[1])),
        ..new(0)
    };
    done(a.store.put(&all[0], &tagged)).unwrap();
    done(a.store.put(&all[1], &new(1))).unwrap();
    world.set(key(&all[2]), b"nothing of ours", None);
    world.set_foreign(key(&all[3]));
    world.set_foreign(key(&all[4]));
    all.push(unique(b"nothing"));
    let (found, given) = done(b.store.get_many(&all, &tokens));
    assert_eq!(given, known.map(Given::there));
    assert_eq!(found.len(), all.len());
    for (at, found) in all.iter().zip(&found) {
        match (b.get(at), found) {
            // some of its life is over
            (Found::Entry(one), Found::Entry(other)) => {
                assert_eq!((one.id, unpacked(&one)), (other.id, unpacked(other)));
                assert_eq!(one.generation, other.generation);
                assert!(one.fresh <= other.fresh && one.kept <= other.kept);
                assert!(one.kept.unwrap() > Duration::from_secs(7_000));
            }
            (one, other) => assert_eq!(&one, other),
        }
    }
    assert!(matches!(found[3], Found::Foreign));
    assert_eq!(
        done(b.store.get_many(&[], &tokens)).1,
        known.map(Given::there)
    );
    assert_eq!(done(b.store.get_many(&[], &[])), (Vec::new(), Vec::new()));
}

pub(super) fn many_are_leased_and_filled_in_their_order(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let all = places(b"many", MANY);
    let there = done(a.store.put(&all[1], &new(7))).unwrap();
    let also = done(a.store.put(&all[4_998], &new(7))).unwrap();
    world.set_foreign(key(&all[2]));
    let rejected = |n: usize| (n == 4_998).then_some(also);
    let wanted = all.iter().cloned().enumerate();
    let wanted: Vec<(Place, Option<EntryId>)> = wanted.map(|(n, at)| (at, rejected(n))).collect();
    let leased = done(b.store.lease_many(&wanted));
    assert_eq!(leased.len(), MANY);
    let mut entries = Vec::new();
    for (n, (leased, at)) in leased.into_iter().zip(&all).enumerate() {
        match (n, leased) {
            (1, Leased::There(Found::Entry(held))) => assert_eq!(held.id, there),
            (2, Leased::Foreign) => {}
            (_, leased) => entries.push((at.clone(), granted(leased), new(n as u64))),
        }
    }
    assert_eq!(entries.len(), MANY - 2);
    // one was invalidated meanwhile, and a late tag of another one
    a.remove(&entries[10].0);
    let tag = unique_tag();
    let stamp = done(a.store.stamp());
    a.replace(&tag);
    let tags = vec![(tag.clone(), a.token(&tag))];
    entries[12].2.late = Some(Late { stamp, tags });
    let filled = done(b.store.fill_many(&entries));
    assert_eq!(filled.len(), entries.len());
    let places: Vec<_> = entries.iter().map(|(at, ..)| at.clone()).collect();
    let (found, _) = done(a.store.get_many(&places, &[]));
    for (n, (filled, found)) in filled.iter().zip(&found).enumerate() {
        match (filled, found) {
            (Some(id), Found::Entry(held)) => {
                assert_eq!(
                    (held.id, &held.packed.payload),
                    (*id, &entries[n].2.packed.payload)
                );
            }
            (None, Found::Nothing) => assert!(n == 10 || n == 12),
            other => panic!("{n}: {other:?}"),
        }
    }
    // leases are consumed
    let again = done(b.store.fill_many(&entries[..3]));
    assert_eq!(again, [None; 3]);
    assert_eq!(done(b.store.lease_many(&[])), []);
    assert_eq!(done(b.store.fill_many(&[])), []);
}

pub(super) fn what_fills_many_is_told(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let [anew, held, shared] = [0; 3].map(|_| unique(b"told"));
    let hour = Duration::from_secs(3_600);
    let leases = [
        granted(done(a.store.lease_anew(&anew))),
        granted(done(a.store.lease_fleet(&held, None, hour))),
        a.lease(&shared),
    ];
    let entries = [&anew, &held, &shared].into_iter().cloned();
    let entries: Vec<_> = entries
        .zip(leases)
        .map(|(at, lease)| (at, lease, new(1)))
        .collect();
    let arrivals = [&held, &shared].map(|at| b.watch.arrival(key(at)));
    assert!(
        done(a.store.fill_many(&entries))
            .iter()
            .all(Option::is_some)
    );
    let mut heard = b.heard_from(world, &a);
    heard.dedup();
    assert_eq!(heard, [format!("key {}", key(&anew).escape_ascii())]);
    let [mut held, mut shared] = arrivals;
    assert!(super::fleet::is_ready(&mut held) && !super::fleet::is_ready(&mut shared));
}
