//! Removing by pattern.

use bytes::Bytes;

use crate::store::entry::{Format, Found, Place};
use crate::store::pattern::Pattern;

use super::world::{World, done, key, new, unique, unique_plain};

fn under(prefix: &Place, rest: &[u8]) -> Place {
    let key = [&prefix.key[..], rest].concat();
    Place::new(Bytes::from(key), prefix.format)
}

pub(super) fn what_matches_goes_and_nothing_else(world: &dyn World) {
    let (a, b) = (world.seat(), world.seat());
    let base = unique(b"match");
    let inside: Vec<_> = (0..25)
        .map(|n| under(&base, format!(":in:{n}").as_bytes()))
        .collect();
    let (outside, near_by) = (under(&base, b":out"), under(&base, b":i"));
    for at in inside.iter().chain([&outside, &near_by]) {
        done(a.store.put(at, &new(1))).unwrap();
    }
    let loading = under(&base, b":in:loading");
    let tagged = under(&base, b":in:{tag}:loading");
    let leases = [a.lease(&loading), a.lease(&tagged)];
    let untouched = a.lease(&under(&base, b":out:loading"));

    let pattern = Pattern::prefix(&under(&base, b":in:").key);
    assert_eq!(done(b.store.remove_matching(&pattern)), 25);
    for at in &inside {
        assert_eq!(a.get(at), Found::Nothing);
    }
    for at in [&outside, &near_by] {
        assert!(matches!(a.get(at), Found::Entry(_)));
    }
    for (at, lease) in [&loading, &tagged].into_iter().zip(&leases) {
        assert_eq!(done(a.store.fill(at, lease, &new(1))), None);
    }
    let at = under(&base, b":out:loading");
    assert!(done(a.store.fill(&at, &untouched, &new(1))).is_some());
    assert_eq!(done(b.store.remove_matching(&pattern)), 0);
}

pub(super) fn characters_of_a_pattern_can_be_meant(world: &dyn World) {
    let seat = world.seat();
    let base = unique_plain(b"[*?\\]");
    let meant = under(&base, b"[a]*");
    let others = [under(&base, b"a*"), under(&base, b"[a]x")];
    for at in others.iter().chain([&meant]) {
        world.set(key(at), b"1", None);
    }
    let lease = {
        let at = Place::new(under(&base, b"[a]*x").key, Format::Envelope);
        (seat.lease(&at), at)
    };
    let pattern = Pattern::prefix(key(&meant));
    assert_eq!(done(seat.store.remove_matching(&pattern)), 1);
    assert_eq!(world.get(key(&meant)), None);
    assert!(others.iter().all(|at| world.get(key(at)).is_some()));
    assert_eq!(done(seat.store.fill(&lease.1, &lease.0, &new(1))), None);

    let glob = Pattern::within(key(&base), b"?a]?");
    assert_eq!(done(seat.store.remove_matching(&glob)), 1);
    assert_eq!(world.get(key(&others[1])), None);
}
