//! What other processes see of it, and what is left when Redis is away.

use std::pin::pin;

use tokio::sync::Notify;
use tower_redis::cache::Reach;
use tower_redis::testing::{FarProcess, FarServer, ManualClock, Mishap};
use tower_redis::{Toolkit, cached, invalidates};

use super::support::{kept, poll, user};

/// One process.
struct Process {
    far: FarProcess,
    toolkit: Toolkit,
}

fn two() -> (FarServer, Process, Process) {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let process = || {
        let far = server.process();
        let builder = Toolkit::builder().clock(clock.clock());
        let toolkit = builder.far(&far).build().unwrap();
        Process { far, toolkit }
    };
    let (here, there) = (process(), process());
    (server, here, there)
}

#[cached(key = "shared:{id}")]
async fn shared(id: u64) -> u64 {
    id
}

#[cached(key = "shared:{id}:more")]
async fn more(id: u64) -> u64 {
    id
}

#[cached]
async fn by_generation(id: u64) -> u64 {
    id
}

#[invalidates(
    user("acme", id),
    shared(id),
    tags("org:other"),
    pattern("shared:{id}:*"),
    clear(by_generation)
)]
async fn write(id: u64, gate: Option<&Notify>) {
    if let Some(gate) = gate {
        gate.notified().await;
    }
}

async fn fill() {
    user("acme", 7).await;
    user("other", 7).await;
    shared(7).await;
    more(7).await;
    by_generation(1).await;
    user("acme", 8).await;
}

/// What is found of all that.
async fn found() -> [bool; 6] {
    [
        kept("acme", 7).await,
        kept("other", 7).await,
        shared::peek(7).await.is_some(),
        more::peek(7).await.is_some(),
        by_generation::peek(1).await.is_some(),
        kept("acme", 8).await,
    ]
}

const BEFORE: [bool; 6] = [true; 6];
const AFTER: [bool; 6] = [false, false, false, false, false, true];

#[tokio::test]
async fn every_process_is_told() {
    let (_server, here, there) = two();
    here.toolkit.scope(fill()).await;
    assert_eq!(there.toolkit.scope(found()).await, BEFORE);
    here.toolkit.scope(write(7, None)).await;
    assert_eq!(here.toolkit.scope(found()).await, AFTER);
    assert_eq!(there.toolkit.scope(found()).await, AFTER);
}

#[tokio::test]
async fn a_writer_that_was_dropped_half_way_is_done_near_and_will_be_done_far() {
    let (_server, here, there) = two();
    here.toolkit.scope(fill()).await;
    assert_eq!(there.toolkit.scope(found()).await, BEFORE);
    {
        let gate = Notify::new();
        let mut call = pin!(here.toolkit.scope(write(7, Some(&gate))));
        assert!(poll(call.as_mut()).is_pending());
        // nothing is answered from here on
        here.far.cut_data();
    }
    here.far.join_data();
    here.far.beat();
    assert_eq!(here.toolkit.scope(found()).await, AFTER);
    assert_eq!(there.toolkit.scope(found()).await, AFTER);
}

#[tokio::test]
async fn an_invalidation_that_was_dropped_half_way_is_done_near_and_will_be_done_far() {
    let (_server, here, there) = two();
    here.toolkit.scope(fill()).await;
    assert_eq!(there.toolkit.scope(found()).await, BEFORE);
    here.far.always(Some(Mishap::Stalled));
    {
        let mut call = pin!(here.toolkit.scope(write(7, None)));
        assert!(poll(call.as_mut()).is_pending());
    }
    here.far.always(None);
    here.far.beat();
    assert_eq!(here.toolkit.scope(found()).await, AFTER);
    assert_eq!(there.toolkit.scope(found()).await, AFTER);
}

#[tokio::test]
async fn without_an_answer_of_redis_it_is_done_here_and_owed_there() {
    let (_server, here, there) = two();
    here.toolkit.scope(fill()).await;
    assert_eq!(there.toolkit.scope(found()).await, BEFORE);
    here.far.cut_data();
    here.toolkit.scope(write(7, None)).await;
    let all_gone = [false; 5];
    assert_eq!(here.toolkit.scope(found()).await[..5], all_gone);
    let pending = here.toolkit.invalidate_pattern("shared:*").await.unwrap();
    assert_eq!(pending.reach, Reach::Pending);
    here.far.join_data();
    here.far.beat();
    assert_eq!(here.toolkit.scope(found()).await, AFTER);
    assert_eq!(there.toolkit.scope(found()).await, AFTER);
}

#[tokio::test]
async fn a_pattern_reaches_the_near_tier_of_every_process() {
    let (server, here, there) = two();
    here.toolkit.scope(fill()).await;
    assert_eq!(there.toolkit.scope(found()).await, BEFORE);
    let done = here
        .toolkit
        .invalidate_pattern("shared:[0-9]")
        .await
        .unwrap();
    assert_eq!((done.dropped, done.reach), (1, Reach::Everywhere));
    assert_eq!(server.get("shared:7"), None);
    assert!(server.get("shared:7:more").is_some());
    for process in [&here, &there] {
        assert_eq!(process.toolkit.scope(shared::peek(7)).await, None);
        assert_eq!(process.toolkit.scope(more::peek(7)).await, Some(7));
    }
    // keys of ours have a form, too
    let done = here
        .toolkit
        .invalidate_pattern("tr:c:*user.*:acme:8")
        .await
        .unwrap();
    assert_eq!(done.dropped, 1);
    assert!(!there.toolkit.scope(kept("acme", 8)).await);
    assert!(there.toolkit.scope(kept("acme", 7)).await);
}

#[tokio::test]
async fn many_keys_are_removed_from_every_process() {
    let (_server, here, there) = two();
    let cache = |process: &Process| process.toolkit.cache::<u64, u64>("many").build().unwrap();
    let (ours, theirs) = (cache(&here), cache(&there));
    for key in 0..3 {
        ours.put(&key, key, std::time::Duration::from_secs(60))
            .await;
        assert_eq!(theirs.get(&key).await, Some(key));
    }
    let done = ours.invalidate_many(&[0, 2]).await;
    assert_eq!((done.dropped, done.reach), (2, Reach::Everywhere));
    for (key, expected) in [(0, None), (1, Some(1)), (2, None)] {
        assert_eq!(ours.get(&key).await, expected);
        assert_eq!(theirs.get(&key).await, expected);
    }
    here.far.cut_data();
    assert_eq!(ours.invalidate_many(&[1]).await.reach, Reach::Pending);
    assert_eq!(ours.stats().far_failures, 1);
    assert_eq!(ours.invalidate_many::<u64>(&[]).await.dropped, 0);
}
