//! Others hear of it, or hear that they missed something.

use crate::store::entry::Leased;
use crate::store::pattern::Pattern;
use crate::store::token::Part;

use super::world::{World, done, key, new, unique, unique_generation, unique_tag};

pub(super) fn a_removal_is_told_to_others_and_not_to_oneself(world: &dyn World) {
    let (a, b, c) = (world.seat(), world.seat(), world.seat());
    let (removed, put) = (unique(b"told a %b"), unique(b"told"));
    let also = unique(b"told");
    done(a.store.remove(&[removed.clone(), also.clone()]));
    done(a.store.put(&put, &new(1))).unwrap();
    let told: Vec<_> = [&removed, &also, &put]
        .map(|at| format!("key {}", key(at).escape_ascii()))
        .into();
    // to everybody, in the order in which it was told; a message may come twice
    for seat in [&b, &c] {
        let mut heard = seat.heard_from(world, &a);
        heard.dedup();
        assert_eq!(heard[..3], told);
    }
    let own = a.heard_from(world, &b);
    assert!(!own.iter().any(|heard| told.contains(heard)), "{own:?}");
}

pub(super) fn what_fills_anew_is_told(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let at = unique(b"anew");
    let Leased::Granted(lease) = done(a.store.lease_anew(&at)) else {
        panic!("there is nothing");
    };
    // what is refused has given way to something that others may not have heard of
    for stored in [true, false] {
        let filled = done(a.store.fill(&at, &lease, &new(1)));
        assert_eq!(filled.is_some(), stored);
        let mut heard = b.heard_from(world, &a);
        heard.dedup();
        assert_eq!(heard, [format!("key {}", key(&at).escape_ascii())]);
    }
}

pub(super) fn replaced_tokens_are_told(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let keys = [unique_tag(), unique_generation()];
    done(a.store.replace_tokens(&keys, Part::Hard));
    let told = keys
        .each_ref()
        .map(|key| format!("token {}", key.as_bytes().escape_ascii()));
    assert_eq!(b.heard_from(world, &a), told);
}

pub(super) fn a_pattern_is_told_before_and_after(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let pattern = Pattern::prefix(key(&unique(b"told")));
    done(a.store.remove_matching(&pattern));
    let told = format!("matching {}", pattern.as_bytes().escape_ascii());
    assert_eq!(b.heard_from(world, &a), [told.clone(), told]);
}

pub(super) fn who_missed_something_starts_a_new_epoch(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let mut mark = b.watch.epoch();
    let everything = || "everything".to_owned();
    // nothing was missed
    a.remove(&unique(b"quiet"));
    b.heard_from(world, &a);
    assert_eq!(b.watch.epoch(), mark);

    world.skip_message();
    assert_eq!(b.heard_from(world, &a), [everything()]);
    assert_ne!(b.watch.epoch(), mark);
    mark = b.watch.epoch();

    // what cannot be read may have been anything
    for text in [&b"2 what a later release says"[..], b"", b"1 x"] {
        world.publish(&world.names().channel(), text);
        assert_eq!(
            b.heard_from(world, &a),
            [everything()],
            "{}",
            text.escape_ascii()
        );
        assert_ne!(b.watch.epoch(), mark);
        mark = b.watch.epoch();
    }

    // counting starts again after a loss, and who counts says so
    world.lose(&world.names().feed());
    assert_eq!(b.heard_from(world, &a), [everything()]);
    assert_ne!(b.watch.epoch(), mark);
}
