//! What is made stale is kept, and nobody takes it for fresh.

use std::time::Duration;

use crate::store::entry::{Found, Held, New};
use crate::store::token::Part;

use super::world::{
    Seat, World, done, key, new, unique, unique_generation, unique_plain, unique_tag, unpacked,
};

/// What was put there, and what is there after it was made stale.
fn made_stale(a: &Seat, b: &Seat, value: &New) -> [Held; 2] {
    let at = unique(b"stale");
    done(a.store.put(&at, value)).unwrap();
    let before = a.held(&at);
    done(b.store.expire(std::slice::from_ref(&at)));
    [before, a.held(&at)]
}

pub(super) fn what_is_no_longer_fresh_is_kept(world: &dyn World) {
    let seat = world.seat();
    let at = unique(b"kept");
    let fresh = Duration::from_millis(20);
    done(seat.store.put(&at, &New { fresh, ..new(7) })).unwrap();
    world.pass(fresh);
    let held = seat.held(&at);
    assert_eq!((held.fresh, unpacked(&held)), (Some(Duration::ZERO), 7));
    assert!(held.kept.unwrap() > Duration::from_secs(7_000));
}

pub(super) fn what_was_made_stale_is_another_entry_and_is_kept(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let (generation, tag) = (unique_generation(), unique_tag());
    let value = New {
        generation: Some((generation.clone(), a.token(&generation))),
        tags: vec![(tag.clone(), a.token(&tag))],
        ..new(7)
    };
    let [before, after] = made_stale(&a, &b, &value);
    assert_eq!(after.fresh, Some(Duration::ZERO));
    assert!(after.kept <= before.kept && after.kept.unwrap() > Duration::from_secs(7_000));
    // who has a copy of what was there does not take it for unchanged
    assert_ne!(after.id, before.id);
    let same = Held {
        id: before.id,
        fresh: before.fresh,
        kept: before.kept,
        ..after
    };
    assert_eq!(same, before);
}

pub(super) fn what_was_made_stale_ends_when_it_would_have(world: &dyn World) {
    let seat = world.seat();
    let at = unique(b"ends");
    let kept = Duration::from_millis(40);
    let fresh = kept;
    done(seat.store.put(
        &at,
        &New {
            fresh,
            kept,
            ..new(7)
        },
    ))
    .unwrap();
    done(seat.store.expire(std::slice::from_ref(&at)));
    assert!(world.left(key(&at)).is_none_or(|left| left <= kept));
    world.pass(kept);
    assert_eq!(seat.get(&at), Found::Nothing);
}

pub(super) fn what_has_no_stale_life_goes(world: &dyn World) {
    let seat = world.seat();
    let plain = unique_plain(b"plain");
    done(seat.store.put(&plain, &new(7))).unwrap();
    let (others, nothing) = (unique(b"others"), unique(b"nothing"));
    world.set(key(&others), b"TR1 is what it starts with", None);
    let foreign = unique_plain(b"foreign");
    world.set_foreign(key(&foreign));
    let all = [plain, others, nothing, foreign];
    done(seat.store.expire(&all));
    assert!(all.iter().all(|at| seat.get(at) == Found::Nothing));
    done(seat.store.expire(&[]));
}

pub(super) fn an_expiry_takes_the_lease(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    for at in [unique(b"expired"), unique_plain(b"expired")] {
        let lease = a.lease(&at);
        done(b.store.expire(std::slice::from_ref(&at)));
        assert_eq!(done(a.store.fill(&at, &lease, &new(1))), None);
        assert!(done(b.store.fill(&at, &b.lease(&at), &new(2))).is_some());
    }
}

pub(super) fn an_expiry_is_told(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let (one, other) = (unique(b"expired a %b"), unique_plain(b"expired"));
    done(a.store.expire(&[one.clone(), other.clone()]));
    let told = [&one, &other].map(|at| format!("expired {}", key(at).escape_ascii()));
    let mut heard = b.heard_from(world, &a);
    // a message may come twice
    heard.truncate(2);
    assert_eq!(heard, told);
    let own = a.heard_from(world, &b);
    assert!(!own.iter().any(|heard| told.contains(heard)), "{own:?}");
}

pub(super) fn a_soft_part_is_replaced_alone(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    for key in [unique_tag(), unique_generation()] {
        let first = a.token(&key);
        let soften = || {
            done(
                b.store
                    .replace_tokens(std::slice::from_ref(&key), Part::Soft),
            )[0]
        };
        let second = soften();
        assert_eq!(a.token(&key), second);
        assert!(second != first && second.same_hard(first));
        assert!(second.stamp() > first.stamp());
        let third = b.replace(&key);
        assert!(!third.same_hard(second));
        assert_eq!(a.token(&key), third);
        // what was lost, or is none, has no part that could stay
        for lying in [None, Some(&b"1.2.3"[..])] {
            world.lose(&world.names().token(&key));
            if let Some(lying) = lying {
                world.set(&world.names().token(&key), lying, None);
            }
            let made = soften();
            assert!(!made.same_hard(third));
            assert_eq!(a.token(&key), made);
        }
    }
}

pub(super) fn which_part_was_replaced_is_told(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let keys = [unique_tag(), unique_generation()];
    done(a.store.replace_tokens(&keys, Part::Soft));
    a.replace(&keys[0]);
    let names = keys.each_ref().map(|key| key.as_bytes().escape_ascii());
    let [tag, generation] = names;
    let told = [
        format!("soft {tag}"),
        format!("soft {generation}"),
        format!("token {tag}"),
    ];
    assert_eq!(b.heard_from(world, &a), told);
}
