//! Tokens make what carries an older one unusable.

use std::collections::HashSet;
use std::time::Duration;

use crate::store::entry::{Found, Late, New};
use crate::store::token::{Given, Part};

use super::world::{Seat, World, done, new, unique, unique_generation, unique_tag};

pub(super) fn a_token_stays_until_it_is_replaced(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    for key in [unique_tag(), unique_generation()] {
        let first = a.token(&key);
        assert_eq!(b.token(&key), first);
        let second = b.replace(&key);
        assert_ne!(second, first);
        assert_eq!(a.token(&key), second);
        let (_, tokens) = done(a.store.get(&unique(b"token"), std::slice::from_ref(&key)));
        assert_eq!(tokens, [Given::there(second)]);
        assert!(second.stamp() > first.stamp());
    }
    // one that was never there
    let key = unique_tag();
    let replaced = a.replace(&key);
    assert_eq!(b.token(&key), replaced);
    assert_eq!(done(a.store.replace_tokens(&[], Part::Hard)), []);
    assert_eq!(done(a.store.tokens(&[])), []);
}

pub(super) fn a_lost_token_never_comes_back(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let key = unique_tag();
    let mut seen = HashSet::new();
    for round in 0..3 {
        assert!(seen.insert(a.token(&key).to_string()));
        if round == 1 {
            assert!(seen.insert(b.replace(&key).to_string()));
        }
        world.lose(&world.names().token(&key));
    }
    assert_eq!(a.token(&key), b.token(&key));
    // what is no token is as good as lost
    world.set(&world.names().token(&key), b"canary", None);
    assert!(seen.insert(a.token(&key).to_string()));
    assert_eq!(a.token(&key), b.token(&key));
}

pub(super) fn who_makes_a_token_is_told(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let there = unique_tag();
    a.token(&there);
    for key in [unique_tag(), unique_generation()] {
        let lying = world.names().token(&key);
        let keys = [there.clone(), key.clone()];
        let asks = |seat: &Seat| {
            let given = done(seat.store.tokens(&keys));
            [given[0].made, given[1].made]
        };
        let made = [false, true];
        let found = [false, false];
        // the first time
        assert_eq!(asks(&a), made);
        assert_eq!((asks(&a), asks(&b)), (found, found));
        b.replace(&key);
        assert_eq!(asks(&a), found);
        // it was lost
        world.lose(&lying);
        assert_eq!((asks(&b), asks(&a)), (made, found));
        world.lose(&lying);
        let (_, given) = done(a.store.get(&unique(b"made"), &keys));
        assert_eq!([given[0].made, given[1].made], made);
        assert_eq!(asks(&b), found);
        world.set(&lying, b"canary", None);
        assert_eq!((asks(&b), asks(&a)), (made, found));
        // it was replaced, and nothing else
        world.lose(&lying);
        a.replace(&key);
        assert_eq!((asks(&b), asks(&a)), (found, found));
    }
}

pub(super) fn an_entry_carries_what_it_was_given(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let (at, generation, tag) = (unique(b"carries"), unique_generation(), unique_tag());
    let lease = a.lease(&at);
    let before = [a.token(&generation), a.token(&tag)];
    let after = [b.replace(&generation), b.replace(&tag)];
    let new = New {
        generation: Some((generation, before[0])),
        tags: vec![(tag.clone(), before[1])],
        ..new(1)
    };
    // a token is no lease: it is who reads that sees they differ
    assert!(done(a.store.fill(&at, &lease, &new)).is_some());
    let held = b.held(&at);
    assert_eq!(held.generation, Some(before[0]));
    assert!(held.tags.are(&[(tag, before[1])]));
    assert!(before.iter().all(|token| !after.contains(token)));
}

pub(super) fn a_late_tag_is_not_later_than_the_stamp(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let late = |stamp, tag: &_| New {
        late: Some(Late {
            stamp,
            tags: vec![(Clone::clone(tag), a.token(tag))],
        }),
        ..new(1)
    };
    let fill = |new: &New| {
        let at = unique(b"late");
        let lease = a.lease(&at);
        let filled = done(a.store.fill(&at, &lease, new));
        assert_eq!(filled.is_some(), a.get(&at) != Found::Nothing);
        filled.is_some()
    };
    let put = |new: &New| {
        let at = unique(b"late");
        done(a.store.put(&at, &super::world::new(0))).unwrap();
        let stored = done(a.store.put(&at, new));
        assert_eq!(stored.is_some(), a.get(&at) != Found::Nothing);
        stored.is_some()
    };

    // nothing happened between stamp and token
    let tag = unique_tag();
    a.token(&tag);
    let stamp = done(a.store.stamp());
    let quiet = late(stamp, &tag);
    assert!(fill(&quiet) && put(&quiet));
    // not even the making of the token
    let unknown = late(done(a.store.stamp()), &unique_tag());
    assert!(fill(&unknown) && put(&unknown));
    // another tag was invalidated
    let stamp = done(a.store.stamp());
    b.replace(&unique_tag());
    assert!(fill(&late(stamp, &tag)));

    // the tag was
    let stamp = done(a.store.stamp());
    b.replace(&tag);
    let overtaken = late(stamp, &tag);
    assert!(!fill(&overtaken) && !put(&overtaken));
    // and its token was lost, too
    let stamp = done(a.store.stamp());
    b.replace(&tag);
    world.lose(&world.names().token(&tag));
    assert!(!fill(&late(stamp, &tag)));
    // and even the stamp: it is made from the clock
    let stamp = done(a.store.stamp());
    b.replace(&tag);
    world.pass(Duration::from_millis(20));
    world.lose(&world.names().token(&tag));
    world.lose(&world.names().stamp());
    assert!(!fill(&late(stamp, &tag)));

    let held = {
        let at = unique(b"late");
        let new = late(done(a.store.stamp()), &tag);
        done(a.store.put(&at, &new)).unwrap();
        a.held(&at)
    };
    assert!(held.tags.are(&[(tag.clone(), a.token(&tag))]));
}

pub(super) fn tokens_outlive_what_carries_them(world: &dyn World) {
    let seat = world.seat();
    let hours = |n: u64| Duration::from_secs(n * 3_600);
    let left = |key: &_| world.left(&world.names().token(key)).unwrap();
    let (generation, tag, late) = (unique_generation(), unique_tag(), unique_tag());
    let keys = [&generation, &tag, &late];
    for key in keys {
        seat.token(key);
        assert!(left(key) > hours(24));
    }
    let new = |kept| New {
        kept,
        generation: Some((generation.clone(), seat.token(&generation))),
        tags: vec![(tag.clone(), seat.token(&tag))],
        late: Some(Late {
            stamp: done(seat.store.stamp()),
            tags: vec![(late.clone(), seat.token(&late))],
        }),
        ..new(1)
    };
    let at = unique(b"outlived");
    let lease = seat.lease(&at);
    done(seat.store.fill(&at, &lease, &new(hours(100)))).unwrap();
    assert!(keys.iter().all(|key| left(key) > hours(100)));
    done(seat.store.put(&at, &new(hours(200)))).unwrap();
    assert!(keys.iter().all(|key| left(key) > hours(200)));
    // nothing makes it shorter
    done(seat.store.put(&at, &new(hours(1)))).unwrap();
    assert!(keys.iter().all(|key| left(key) > hours(200)));
    seat.replace(&tag);
    assert!(left(&tag) > hours(200));
}
