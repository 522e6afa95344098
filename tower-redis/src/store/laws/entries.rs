//! What is stored is found, and nothing else.

use std::time::Duration;

use crate::store::entry::{EntryId, Found, Leased, New};

use super::world::{
    World, done, key, new, packed, unique, unique_generation, unique_plain, unique_tag, unpacked,
};

pub(super) fn a_value_comes_back_with_what_describes_it(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let (at, generation, tag) = (unique(b"value"), unique_generation(), unique_tag());
    assert_eq!(a.get(&at), Found::Nothing);
    let lease = a.lease(&at);
    let new = New {
        generation: Some((generation.clone(), a.token(&generation))),
        tags: vec![(tag.clone(), a.token(&tag))],
        ..new(7)
    };
    let id = done(a.store.fill(&at, &lease, &new)).unwrap();
    assert!(matches!(id, EntryId::Drawn(_)));

    let keys = [tag.clone(), generation.clone()];
    let (found, tokens) = done(b.store.get(&at, &keys));
    let Found::Entry(held) = found else {
        panic!("{found:?}");
    };
    let tokens = [tokens[0].token, tokens[1].token];
    assert_eq!(tokens, [b.token(&tag), b.token(&generation)]);
    assert_eq!(held.id, id);
    assert_eq!(held.packed, new.packed);
    assert_eq!(held.generation, Some(tokens[1]));
    assert!(held.tags.are(&[(tag, tokens[0])]));
    assert_eq!(held.cost, new.cost);
    let minute = Duration::from_secs(60);
    for (left, given) in [(held.fresh, new.fresh), (held.kept, new.kept)] {
        let left = left.unwrap();
        assert!(
            left <= given && left + minute > given,
            "{left:?} of {given:?}"
        );
    }
}

pub(super) fn what_is_over_is_not_found(world: &dyn World) {
    let seat = world.seat();
    let life = Duration::from_millis(20);
    for at in [unique(b"over"), unique_plain(b"over")] {
        let new = New {
            fresh: life,
            kept: life,
            ..new(7)
        };
        done(seat.store.put(&at, &new)).unwrap();
        world.pass(life);
        assert_eq!(seat.get(&at), Found::Nothing);
    }
}

pub(super) fn a_value_is_replaced(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"replaced");
    let first = done(a.store.put(&at, &new(1))).unwrap();
    let second = done(b.store.put(&at, &new(2))).unwrap();
    assert_ne!(first, second);
    let held = a.held(&at);
    assert_eq!((held.id, unpacked(&held)), (second, 2));
    b.remove(&at);
    assert_eq!(a.get(&at), Found::Nothing);
}

pub(super) fn bytes_of_others_are_named_and_not_read(world: &dyn World) {
    let seat = world.seat();
    for bytes in [
        &b"{\"a\":1}"[..],
        b"",
        b"TR2 0000000000000001 json\n1",
        b"TR1 0000000000000001 json 1 1 1 1 9 -\n1",
    ] {
        let at = unique(b"others");
        world.set(key(&at), bytes, None);
        let Found::Unreadable(id) = seat.get(&at) else {
            panic!("{:?}", seat.get(&at));
        };
        let nothing = done(seat.store.lease(&at, None));
        assert_eq!(nothing, Leased::There(Found::Unreadable(id)));
        assert_eq!(world.get(key(&at)).as_deref(), Some(bytes));
        let Leased::Granted(lease) = done(seat.store.lease(&at, Some(id))) else {
            panic!("what is rejected by name is nothing");
        };
        assert!(done(seat.store.fill(&at, &lease, &new(7))).is_some());
        assert_eq!(unpacked(&seat.held(&at)), 7);
    }
}

pub(super) fn what_is_no_string_is_left_alone(world: &dyn World) {
    let seat = world.seat();
    for at in [unique(b"foreign"), unique_plain(b"foreign")] {
        let lease = seat.lease(&at);
        world.set_foreign(key(&at));
        assert_eq!(seat.get(&at), Found::Foreign);
        assert_eq!(done(seat.store.lease(&at, None)), Leased::Foreign);
        assert_eq!(done(seat.store.fill(&at, &lease, &new(7))), None);
        assert_eq!(done(seat.store.put(&at, &new(7))), None);
        assert_eq!(seat.get(&at), Found::Foreign);
        seat.remove(&at);
        assert_eq!(seat.get(&at), Found::Nothing);
    }
}

pub(super) fn a_plain_value_is_its_bytes(world: &dyn World) {
    let seat = world.seat();
    let at = unique_plain(b"plain");
    let lease = seat.lease(&at);
    let id = done(seat.store.fill(&at, &lease, &new(7))).unwrap();
    assert_eq!(id, EntryId::of(b"7"));
    assert_eq!(world.get(key(&at)).as_deref(), Some(&b"7"[..]));
    let held = seat.held(&at);
    assert_eq!((held.id, unpacked(&held)), (id, 7));
    let left = held.fresh.unwrap();
    assert_eq!(held.kept, held.fresh);
    assert!(left > Duration::from_secs(7_100) && left <= Duration::from_secs(7_200));
    done(seat.store.put(&at, &new(8))).unwrap();
    assert_eq!(world.get(key(&at)).as_deref(), Some(&b"8"[..]));
}

pub(super) fn a_plain_value_of_somebody_else_is_found(world: &dyn World) {
    let seat = world.seat();
    let at = unique_plain(b"theirs");
    world.set(key(&at), b"9", None);
    let held = seat.held(&at);
    assert_eq!((held.fresh, held.kept), (None, None));
    assert_eq!((held.id, unpacked(&held)), (EntryId::of(b"9"), 9));
    assert!(held.generation.is_none() && held.tags.are(&[]));

    world.set(key(&at), b"10", Some(Duration::from_secs(60)));
    let held = seat.held(&at);
    assert!(
        held.fresh
            .is_some_and(|left| left <= Duration::from_secs(60))
    );
    assert_eq!(held.packed.payload, packed(10).payload);
    // what was rejected is no longer what is there
    let lease = done(seat.store.lease(&at, Some(EntryId::of(b"9"))));
    assert!(matches!(lease, Leased::There(Found::Entry(_))));
    let lease = done(seat.store.lease(&at, Some(held.id)));
    assert!(matches!(lease, Leased::Granted(_)));
}
