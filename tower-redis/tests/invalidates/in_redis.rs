//! What a real server makes of it.

use std::pin::pin;
use std::time::Duration;

use tests::{RedisServer, eventually_async};
use tokio::sync::Notify;
use tower_redis::cache::Reach;
use tower_redis::config::{Settings, Variables};
use tower_redis::{Toolkit, cached, invalidates};

use super::support::{kept, poll, user};

#[cached(key = "real:{id}")]
fn real(id: u64) -> u64 {
    id
}

#[cached]
async fn listed(page: u64) -> u64 {
    page
}

#[invalidates(user("acme", id), real(id), tags("org:other"), clear(listed))]
async fn write(id: u64, gate: Option<&Notify>) {
    if let Some(gate) = gate {
        gate.notified().await;
    }
}

#[invalidates(real(id), prefix("real:1{id}"), pattern("real:2[{id}]"))]
fn write_on_a_thread(id: u64) {
    let _ = id;
}

/// One process that uses the server of `url`.
fn process(url: &str) -> Toolkit {
    // a busy machine is not what is tested here
    let variables = Variables::from([("REDIS_URL", url), ("REDIS_TIMEOUT", "10s")]);
    let settings = Settings::read(&variables).unwrap();
    Toolkit::builder().settings(settings).build().unwrap()
}

async fn fill() {
    user("acme", 7).await;
    user("other", 7).await;
    real(7);
    listed(1).await;
    user("acme", 8).await;
}

async fn found() -> [bool; 5] {
    [
        kept("acme", 7).await,
        kept("other", 7).await,
        real::peek(7).is_some(),
        listed::peek(1).await.is_some(),
        kept("acme", 8).await,
    ]
}

const AFTER: [bool; 5] = [false, false, false, false, true];

#[tokio::test]
async fn both_processes_are_told_in_one_go() {
    let server = RedisServer::start();
    let (here, there) = (process(&server.url()), process(&server.url()));
    here.scope(fill()).await;
    assert_eq!(there.scope(found()).await, [true; 5]);
    here.scope(write(7, None)).await;
    assert_eq!(here.scope(found()).await, AFTER);
    eventually_async("the other has heard of it", || async {
        let found = there.scope(found()).await;
        if found == AFTER {
            Ok(())
        } else {
            Err(format!("{found:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn a_writer_that_was_dropped_is_done_in_both_processes() {
    let server = RedisServer::start();
    let (here, there) = (process(&server.url()), process(&server.url()));
    here.scope(fill()).await;
    assert_eq!(there.scope(found()).await, [true; 5]);
    {
        let gate = Notify::new();
        let mut call = pin!(here.scope(write(7, Some(&gate))));
        assert!(poll(call.as_mut()).is_pending());
    }
    assert_eq!(here.scope(found()).await, AFTER);
    eventually_async("the other has heard of it", || async {
        let found = there.scope(found()).await;
        if found == AFTER {
            Ok(())
        } else {
            Err(format!("{found:?}"))
        }
    })
    .await;
}

#[tokio::test]
async fn a_thread_waits_until_it_is_done() {
    let server = RedisServer::start();
    let here = process(&server.url());
    let keys = [7, 17, 175, 27, 28];
    here.scope_sync(|| keys.map(real));
    here.scope_sync(|| write_on_a_thread(7));
    let left = keys.map(|id| server.cli(&["EXISTS", &format!("real:{id}")]).int());
    assert_eq!(left, [0, 0, 0, 0, 1]);
    assert_eq!(here.scope_sync(|| real::peek(27)), None);
    assert_eq!(here.scope_sync(|| real::peek(28)), Some(28));
}

#[tokio::test]
async fn a_pattern_and_many_keys() {
    let server = RedisServer::start();
    let (here, there) = (process(&server.url()), process(&server.url()));
    let cache = |toolkit: &Toolkit| {
        let builder = toolkit.cache::<u64, u64>("numbers");
        builder.exact_keys("number:").build().unwrap()
    };
    let (ours, theirs) = (cache(&here), cache(&there));
    for key in 0..300 {
        ours.put(&key, key, Duration::from_secs(60)).await;
    }
    assert_eq!(theirs.get(&299).await, Some(299));
    let keys: Vec<u64> = (0..290).collect();
    let done = ours.invalidate_many(&keys).await;
    assert_eq!((done.dropped, done.reach), (290, Reach::Everywhere));
    assert_eq!(server.cli(&["KEYS", "number:*"]).items().len(), 10);
    let done = here.invalidate_pattern("number:29[0-8]").await.unwrap();
    assert_eq!((done.dropped, done.reach), (9, Reach::Everywhere));
    assert_eq!(server.cli(&["KEYS", "number:*"]).items().len(), 1);
    let done = here.invalidate_prefix("number:299").await.unwrap();
    assert_eq!(done.dropped, 1);
    eventually_async("the other has heard of it", || async {
        theirs.get(&299).await.is_none().then_some(())
    })
    .await;
}
