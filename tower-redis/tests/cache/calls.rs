//! What one call may ask for that others do not.

use std::convert::Infallible;
use std::time::Duration;

use tower_redis::cache::{Cache, Fresh, Status};

use crate::{Calls, brings, cache, toolkit};

const TTL: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_call_may_go_by_the_cache() {
    let cache = cache();
    let found = cache.entry(&1).bypass().get_or_load(|| brings(1)).await;
    assert_eq!((found.value, found.status), (Ok(1), Status::Bypass));
    assert_eq!(cache.get(&1).await, None, "nothing is stored");
    cache.get_or_load(&1, || brings(2)).await.unwrap();
    let found = cache.entry(&1).bypass().get_or_load(|| brings(3)).await;
    assert_eq!(found.value, Ok(3));
    assert_eq!(cache.get(&1).await, Some(2));
    assert_eq!(cache.stats().bypassed, 2);
}

#[tokio::test]
async fn whatever_a_call_does_it_may_go_by_the_cache() {
    let cache = cache();
    cache.put(&1, 1, TTL).await;
    assert!(cache.entry(&1).bypass().get().await.is_none());
    let found = cache.entries(&[1, 1, 2]).bypass().get().await;
    assert_eq!(found, [None, None, None]);
    assert_eq!(cache.get(&1).await, Some(1), "it is there still");
    let stats = cache.stats();
    assert_eq!((stats.bypassed, stats.misses), (3, 0));

    assert_eq!(cache.entry(&1).bypass().refresh(|| brings(2)).await, Ok(2));
    assert_eq!(cache.get(&1).await, None, "what was there is older");
    cache.put(&1, 3, TTL).await;
    let failed = cache.entry(&1).bypass().refresh(|| async { Err("away") });
    assert_eq!(failed.await, Err("away"));
    assert_eq!(cache.get(&1).await, Some(3));
    cache.entry(&1).bypass().put(4).await;
    assert_eq!(cache.get(&1).await, None, "what was there is older");
}

#[tokio::test]
async fn a_refresh_loads_whatever_is_there() {
    let cache = cache();
    assert_eq!(cache.refresh(&1, || brings(1)).await, Ok(1));
    assert_eq!(cache.refresh(&1, || brings(2)).await, Ok(2));
    assert_eq!(cache.get(&1).await, Some(2));
    assert_eq!(
        cache.refresh(&1, || async { Err("away") }).await,
        Err("away")
    );
    assert_eq!(cache.get(&1).await, Some(2), "what was there stays");
}

#[tokio::test]
async fn a_lookup_tells_where_its_value_came_from() {
    let cache = cache();
    assert!(cache.entry(&1).get().await.is_none());
    cache.get_or_load(&1, || brings(1)).await.unwrap();
    let found = cache.entry(&1).get().await.unwrap();
    assert_eq!((found.value, found.status), (1, Status::Near));
}

#[tokio::test]
async fn a_load_may_say_how_long_its_value_lives_and_which_tags_it_has() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit.cache("n").build().unwrap();
    let load = async || {
        let load = |_| async { Ok::<_, Infallible>(Fresh::new(7).ttl(TTL).tag("org:7")) };
        cache.entry(&1).load_with(load).await
    };
    assert_eq!(load().await.value, Ok(7));
    clock.advance(TTL - Duration::from_millis(1));
    assert_eq!(cache.get(&1).await, Some(7));
    clock.advance(Duration::from_millis(1));
    assert_eq!(cache.get(&1).await, None);
    load().await.value.unwrap();
    cache.invalidate_tags(&["org:8"]).await;
    assert_eq!(cache.get(&1).await, Some(7));
    cache.invalidate_tags(&["org:7"]).await;
    assert_eq!(cache.get(&1).await, None);
}

#[tokio::test]
async fn a_tag_that_is_invalidated_before_it_is_known_counts() {
    let cache = cache();
    let load = |_| async {
        cache.invalidate_tags(&["org:7"]).await;
        Ok::<_, Infallible>(Fresh::new(7).tag("org:7"))
    };
    assert_eq!(cache.entry(&1).load_with(load).await.value, Ok(7));
    assert_eq!(cache.get(&1).await, None, "it may be of before");
    let load = |_| async {
        cache.invalidate_tags(&["org:8"]).await;
        Ok::<_, Infallible>(Fresh::new(7).tag("org:7"))
    };
    assert_eq!(cache.entry(&1).load_with(load).await.value, Ok(7));
    assert_eq!(cache.get(&1).await, Some(7), "that is another one");
}

#[tokio::test]
async fn a_load_is_shown_what_was_there_and_may_keep_it() {
    let (toolkit, clock) = toolkit();
    let builder = toolkit.cache("n").ttl(TTL).keep_for_revalidation(TTL);
    let cache: Cache<u64, String> = builder.build().unwrap();
    let (full, checked) = (Calls::default(), Calls::default());
    for round in 0..3 {
        let load = |old: Option<tower_redis::cache::Previous<String>>| async {
            Ok::<_, Infallible>(match old {
                Some(old) => {
                    assert_eq!(*old, "etag-1");
                    checked.count();
                    old.unchanged()
                }
                None => {
                    full.count();
                    Fresh::new("etag-1".to_owned())
                }
            })
        };
        let found = cache.entry(&1).load_with(load).await;
        assert_eq!(
            (found.value.unwrap().as_str(), found.status),
            ("etag-1", Status::Loaded)
        );
        assert_eq!((full.seen(), checked.seen()), (1, round));
        clock.advance(TTL);
    }
    clock.advance(TTL);
    let load =
        |old: Option<_>| async move { Ok::<_, Infallible>(Fresh::new(old.is_some().to_string())) };
    let found = cache.entry(&1).load_with(load).await;
    assert_eq!(found.value.unwrap(), "false", "it is kept for so long");
}

#[tokio::test]
async fn that_there_is_nothing_may_be_remembered_for_a_shorter_time() {
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, Option<u64>> = toolkit
        .cache("n")
        .ttl(TTL)
        .negative_ttl(Duration::from_secs(1))
        .build()
        .unwrap();
    let nothing = || async { Ok::<_, Infallible>(None) };
    cache.get_or_load(&1, nothing).await.unwrap();
    cache
        .get_or_load(&2, || async { Ok::<_, Infallible>(Some(2)) })
        .await
        .unwrap();
    assert_eq!(cache.get(&1).await, Some(None));
    clock.advance(Duration::from_secs(1));
    assert_eq!(cache.get(&1).await, None);
    assert_eq!(cache.get(&2).await, Some(Some(2)));
}

#[tokio::test]
async fn what_is_used_lives_on_and_what_is_not_ends() {
    let (toolkit, clock) = toolkit();
    let builder = toolkit.cache("n").ttl(10 * TTL).time_to_idle(TTL);
    let cache: Cache<u64, u64> = builder.build().unwrap();
    for key in [1, 2] {
        cache.get_or_load(&key, || brings(key)).await.unwrap();
    }
    for _ in 0..8 {
        clock.advance(TTL - Duration::from_secs(1));
        assert_eq!(cache.get(&1).await, Some(1));
    }
    assert_eq!(cache.get(&2).await, None);
    clock.advance(TTL);
    assert_eq!(cache.get(&1).await, None);
    cache.get_or_load(&1, || brings(1)).await.unwrap();
    // however often it is used, its life has an end
    for _ in 0..25 {
        clock.advance(4 * Duration::from_secs(1));
        cache.get(&1).await;
    }
    assert_eq!(cache.get(&1).await, None);
}

#[tokio::test]
async fn however_it_is_read_it_is_used() {
    let (toolkit, clock) = toolkit();
    let cache = toolkit.cache("n").time_to_idle(TTL).refresh_after(0.01);
    let cache: Cache<u64, u64> = cache.build().unwrap();
    for key in 0..5 {
        cache.entry(&key).ttl(100 * TTL).put(key).await;
    }
    // the first rounds find it settled, the others due for an early refresh
    for round in 0..20 {
        clock.advance(TTL - Duration::from_secs(1));
        assert_eq!(cache.get_many(&[0]).await, [Some(0)], "{round}");
        let found = cache.entry(&1).get().await;
        assert_eq!(found.unwrap().value, 1, "{round}");
        assert_eq!(cache.get(&2).await, Some(2), "{round}");
        assert_eq!(cache.get_or_load(&3, || brings(3)).await, Ok(3), "{round}");
    }
    assert_eq!(cache.get(&4).await, None);
}
