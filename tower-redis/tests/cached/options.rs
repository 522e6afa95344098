//! The options beside the key.

use std::time::Duration;

use tower_redis::cached;

use super::support::Runs;

const ENTRIES: usize = 2;

#[cached(capacity = ENTRIES, ttl = "1h30m", name = "bounded")]
fn bounded(id: u64) -> u64 {
    id
}

#[test]
fn capacity_bounds_what_is_kept() {
    for id in 0..100 {
        assert_eq!(bounded(id), id);
    }
    let kept = (0..100).filter(|id| bounded::peek(*id).is_some()).count();
    assert!((1..=ENTRIES).contains(&kept), "{kept} entries are kept");
}

static BRIEF: Runs = Runs::new();

fn lifetime(premium: bool) -> Duration {
    if premium {
        Duration::from_secs(60)
    } else {
        Duration::ZERO
    }
}

#[cached(ttl = lifetime(premium), skip(premium))]
fn brief(id: u64, premium: bool) -> u64 {
    BRIEF.count();
    id
}

#[test]
fn a_ttl_may_depend_on_the_arguments() {
    for _ in 0..2 {
        assert_eq!(brief(1, false), 1);
    }
    assert_eq!(BRIEF.so_far(), 2, "nothing is kept for no time");
    for _ in 0..2 {
        assert_eq!(brief(1, true), 1);
    }
    assert_eq!(BRIEF.so_far(), 3);
    brief::put(2, true, 20);
    assert_eq!(brief(2, true), 20);
}
