//! Runtimes without timers.

use std::convert::Infallible;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tower_redis::cache::Cache;

use crate::{HOUR, brings, cache, settle, toolkit};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn who_waits_no_longer_than_a_soft_timeout_waits_where_nothing_tells_the_time() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (toolkit, clock) = toolkit();
        let cache = toolkit.cache("n").ttl(SECOND).stale_if_error(HOUR);
        let cache: Cache<u64, u64> = cache.soft_timeout(SECOND).build().unwrap();
        cache.put(&1, 1, SECOND).await;
        clock.advance(2 * SECOND);
        let (go, gone) = oneshot::channel();
        let load = || async move {
            gone.await.unwrap();
            Ok::<_, Infallible>(2)
        };
        let leader = tokio::spawn({
            let cache = cache.clone();
            async move { cache.get_or_load_detached(&1, load).await }
        });
        settle().await;
        let follower = tokio::spawn({
            let cache = cache.clone();
            async move { cache.get_or_load_detached(&1, || brings(3)).await }
        });
        settle().await;
        go.send(()).unwrap();
        assert_eq!(leader.await.unwrap(), Ok(2));
        assert_eq!(follower.await.unwrap(), Ok(2));
    });
}

#[test]
fn a_warm_up_runs_and_cannot_be_repeated() {
    let (told, tells) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let cache = cache();
            assert_eq!(cache.warm([1]).run(brings).await.loaded, 1);
            let again = cache.warm([1]).every(SECOND).start(brings);
            told.send(again.unwrap_err().to_string()).unwrap();
        });
    });
    let error = tells.recv_timeout(60 * SECOND).unwrap();
    assert!(error.contains("enable_time"), "{error}");
}
