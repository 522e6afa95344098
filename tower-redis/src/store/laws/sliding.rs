//! What is used lives on, up to what it was given.

use std::time::Duration;

use crate::store::entry::{Found, New, Place};

use super::world::{Seat, World, done, key, new, unique, unique_plain};

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);

/// An entry that is kept for two hours, and ends after `idle` where nobody touches it.
fn idle(idle: Duration) -> New {
    let idle = Some(idle);
    New { idle, ..new(7) }
}

/// Whether what lies there is there for `life` from a moment ago.
fn lives(world: &dyn World, at: &Place, life: Duration) -> bool {
    let left = world.left(key(at));
    left.is_some_and(|left| left <= life && left + MINUTE > life)
}

fn fill(seat: &Seat, at: &Place, new: &New) {
    done(seat.store.fill(at, &seat.lease(at), new)).unwrap();
}

pub(super) fn what_nobody_touches_ends(world: &dyn World) {
    let seat = world.seat();
    let moment = Duration::from_millis(20);
    for at in [unique(b"idle"), unique_plain(b"idle")] {
        fill(&seat, &at, &idle(moment));
        world.pass(moment);
        assert_eq!(seat.get(&at), Found::Nothing);
        done(seat.store.touch(&at, HOUR));
        assert_eq!(seat.get(&at), Found::Nothing);
    }
}

pub(super) fn what_is_touched_lives_as_long_as_its_header_allows(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"touched");
    fill(&a, &at, &idle(HOUR / 2));
    assert!(lives(world, &at, HOUR / 2));
    let before = a.held(&at);
    assert!(before.kept > Some(HOUR));
    done(b.store.touch(&at, HOUR));
    assert!(lives(world, &at, HOUR));
    // never less than it was
    done(b.store.touch(&at, MINUTE));
    assert!(lives(world, &at, HOUR));
    // nor more than it was given
    done(b.store.touch(&at, Duration::MAX));
    assert!(lives(world, &at, 2 * HOUR));
    let after = a.held(&at);
    assert_eq!((after.id, after.packed), (before.id, before.packed));
    assert!(after.fresh <= before.fresh && after.kept <= before.kept);
    // whatever lies there now says how long that is
    done(b.store.put(
        &at,
        &New {
            kept: HOUR,
            ..idle(MINUTE)
        },
    ))
    .unwrap();
    done(b.store.touch(&at, 2 * HOUR));
    assert!(lives(world, &at, HOUR));
    done(b.store.expire(std::slice::from_ref(&at)));
    done(b.store.touch(&at, 2 * HOUR));
    assert!(lives(world, &at, HOUR));
}

pub(super) fn what_is_plain_lives_as_long_as_it_is_told(world: &dyn World) {
    let seat = world.seat();
    let at = unique_plain(b"touched");
    fill(&seat, &at, &idle(HOUR / 2));
    assert!(lives(world, &at, HOUR / 2));
    for (keep, life) in [(3 * HOUR, 3 * HOUR), (HOUR, 3 * HOUR)] {
        done(seat.store.touch(&at, keep));
        assert!(lives(world, &at, life));
    }
}

pub(super) fn what_does_not_end_is_not_touched(world: &dyn World) {
    let seat = world.seat();
    let (plain, foreign) = (unique_plain(b"for ever"), unique_plain(b"foreign"));
    world.set(key(&plain), b"7", None);
    world.set_foreign(key(&foreign));
    for at in [&plain, &foreign] {
        done(seat.store.touch(at, HOUR));
        assert_eq!(world.left(key(at)), None);
        assert_ne!(seat.get(at), Found::Nothing);
    }
}
