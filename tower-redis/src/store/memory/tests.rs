//! The laws, on a server that keeps them and on servers that do not.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::clock::ManualClock;
use crate::store::laws;

use super::fault::Fault;
use super::server::FarServer;
use super::world::InMemory;

#[test]
fn it_keeps_the_laws() {
    let world = InMemory::new(None);
    for law in laws::all() {
        (law.check)(&world);
    }
}

#[test]
fn each_law_finds_what_it_says_it_finds() {
    for law in laws::all() {
        for &fault in law.finds {
            let world = InMemory::new(Some(fault));
            let ran = catch_unwind(AssertUnwindSafe(|| (law.check)(&world)));
            assert!(ran.is_err(), "{} does not find {fault:?}", law.name);
        }
        assert!(!law.finds.is_empty(), "{} finds nothing", law.name);
    }
}

#[test]
fn no_fault_goes_unnoticed() {
    let found: BTreeSet<_> = laws::all().iter().flat_map(|law| law.finds).collect();
    let all: BTreeSet<_> = Fault::ALL.iter().collect();
    assert_eq!(found, all);
}

#[test]
fn a_cut_feed_is_noticed_when_it_is_joined_again() {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let process = server.process();
    let (watch, now) = (process.watch(), || clock.clock().coarse());
    let mark = watch.epoch();
    assert!(watch.admits(mark, now()));
    process.cut_feed();
    assert!(!watch.admits(mark, now()));
    process.join_feed();
    assert!(!watch.admits(mark, now()));
    assert!(watch.admits(watch.epoch(), now()));
}

#[test]
fn a_feed_that_does_not_beat_is_live_for_two_seconds() {
    let clock = ManualClock::new();
    let process = FarServer::new(&clock).process();
    let (watch, now) = (process.watch(), || clock.clock().coarse());
    let mark = watch.epoch();
    clock.advance(Duration::from_millis(1_999));
    assert!(watch.admits(mark, now()));
    clock.advance(Duration::from_millis(1));
    assert!(!watch.admits(mark, now()));
    // late, and nothing was missed
    process.hold_messages();
    process.beat();
    assert!(!watch.admits(mark, now()));
    process.deliver();
    process.beat();
    assert!(watch.admits(mark, now()));
}

#[test]
fn a_cut_connection_refuses_everything() {
    let process = FarServer::new(&ManualClock::new()).process();
    process.cut_data();
    let error = pollster::block_on(process.store().stamp()).unwrap_err();
    assert!(error.is_unavailable());
    process.join_data();
    assert!(pollster::block_on(process.store().stamp()).is_ok());
}

#[test]
fn a_foreign_message_removes_what_it_names() {
    let server = FarServer::new(&ManualClock::new());
    let processes = [server.process(), server.process()];
    for key in ["users:1", "users:2", "user"] {
        server.set(key, "1", None);
    }
    server.publish("cache:invalidate", "users:");
    server.publish("cache:invalidate", "");
    let keys = server.keys();
    assert!(keys.iter().any(|key| key == "user"), "{keys:?}");
    assert!(
        !keys.iter().any(|key| key.starts_with("users:")),
        "{keys:?}"
    );
    drop(processes);
}
