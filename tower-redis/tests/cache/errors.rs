//! What waiters get when the load they waited for fails.

use std::sync::Arc;

use tokio::sync::oneshot;
use tower_redis::cache::Cache;

use crate::{Calls, cache, settle};

#[derive(Debug, PartialEq)]
struct Boom(u8);

async fn failing(
    cache: &Cache<u64, u64>,
    calls: &Calls,
    go: oneshot::Receiver<()>,
) -> Result<u64, Arc<Boom>> {
    let load = || async {
        calls.count();
        let _ = go.await;
        Err(Boom(1))
    };
    cache.get_or_load(&1, load).await
}

/// A signal that has been given.
fn at_once() -> oneshot::Receiver<()> {
    oneshot::channel().1
}

#[tokio::test]
async fn waiters_share_the_error_and_it_is_not_stored() {
    let (cache, calls) = (cache(), Calls::default());
    let (go, gone) = oneshot::channel();
    let leader = tokio::spawn({
        let (cache, calls) = (cache.clone(), calls.clone());
        async move { failing(&cache, &calls, gone).await }
    });
    settle().await;
    let waiters: Vec<_> = (0..50)
        .map(|_| {
            let (cache, calls) = (cache.clone(), calls.clone());
            tokio::spawn(async move { failing(&cache, &calls, at_once()).await })
        })
        .collect();
    settle().await;
    go.send(()).unwrap();
    let first = leader.await.unwrap().unwrap_err();
    for waiter in waiters {
        assert!(Arc::ptr_eq(&waiter.await.unwrap().unwrap_err(), &first));
    }
    assert_eq!((calls.seen(), &*first), (1, &Boom(1)));
    assert_eq!(cache.get(&1).await, None);
    assert!(failing(&cache, &calls, at_once()).await.is_err());
    assert_eq!(calls.seen(), 2, "the next call loads again");
    assert_eq!(cache.stats().failed_loads, 2);
}

#[tokio::test]
async fn a_waiter_for_another_type_of_error_runs_its_own_load() {
    let (cache, calls) = (cache(), Calls::default());
    let (go, gone) = oneshot::channel();
    let leader = tokio::spawn({
        let (cache, calls) = (cache.clone(), calls.clone());
        async move { failing(&cache, &calls, gone).await }
    });
    settle().await;
    let waiter = tokio::spawn({
        let cache = cache.clone();
        async move { cache.get_or_load(&1, || async { Ok::<_, String>(7) }).await }
    });
    settle().await;
    go.send(()).unwrap();
    assert!(leader.await.unwrap().is_err());
    assert_eq!(waiter.await.unwrap(), Ok(7));
}
