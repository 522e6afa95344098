//! Invalidations reach every process, and beat loads.

use std::convert::Infallible;
use std::time::Duration;

use tower_redis::cache::{Reach, Status};

use super::support::{Process, Source, TTL, two};

async fn invalidate(how: &str, process: &Process) -> Reach {
    match how {
        "key" => process.cache.invalidate(&1).await.reach,
        "prefix" => process.cache.invalidate_prefix("1").await.unwrap().reach,
        "clear" => process.cache.clear().await.reach,
        _ => process.toolkit.invalidate_tags(&["t"]).await.reach,
    }
}

const WAYS: [&str; 4] = ["key", "prefix", "clear", "tags"];

#[tokio::test]
async fn an_invalidation_is_seen_here_and_there() {
    for how in WAYS {
        let (_clock, _server, a, b) = two();
        let source = Source::default();
        for process in [&a, &b] {
            process.read_tagged(1, &["t"], &source).await;
        }
        source.says(8);
        assert_eq!(invalidate(how, &a).await, Reach::Everywhere);
        assert_eq!(
            a.read_tagged(1, &["t"], &source).await,
            (8, Status::Loaded),
            "{how}"
        );
        assert_eq!(
            b.read_tagged(1, &["t"], &source).await,
            (8, Status::Far),
            "{how}"
        );
        assert_eq!(source.asked(), 2, "{how}");
    }
}

#[tokio::test]
async fn a_load_under_way_elsewhere_is_not_kept_by_anybody() {
    for how in WAYS {
        let (_clock, _server, a, b) = two();
        let source = Source::default();
        let load = || async {
            let old = source.ask();
            source.says(8);
            assert_eq!(invalidate(how, &a).await, Reach::Everywhere);
            Ok::<_, Infallible>(old)
        };
        let found = b.cache.entry(&1).tags(&["t"]).get_or_load(load).await;
        assert_eq!(found.value.unwrap(), 0, "{how}");
        assert_eq!(
            a.read_tagged(1, &["t"], &source).await,
            (8, Status::Loaded),
            "{how}"
        );
        assert_eq!(
            b.read_tagged(1, &["t"], &source).await,
            (8, Status::Far),
            "{how}"
        );
    }
}

/// The message is on its way while the other process fetches what was removed before, or fills.
#[tokio::test]
async fn a_message_that_comes_late_still_comes() {
    for how in WAYS {
        let (_clock, _server, a, b) = two();
        let source = Source::default();
        a.read_tagged(1, &["t"], &source).await;
        b.read_tagged(1, &["t"], &source).await;
        b.far.hold_messages();
        source.says(8);
        invalidate(how, &a).await;
        // nobody can know yet
        assert_eq!(b.read_tagged(1, &["t"], &source).await.0, 0, "{how}");
        b.far.deliver();
        assert_eq!(b.read_tagged(1, &["t"], &source).await.0, 8, "{how}");
    }
}

#[tokio::test]
async fn a_message_that_is_lost_makes_everything_suspect() {
    for how in WAYS {
        let (_clock, _server, a, b) = two();
        let source = Source::default();
        b.read_tagged(1, &["t"], &source).await;
        b.read_tagged(2, &[], &source).await;
        // a gap shows between two messages
        a.cache.invalidate(&100).await;
        b.far.lose_messages(usize::from(how == "prefix") + 1);
        source.says(8);
        invalidate(how, &a).await;
        // the next one shows the gap
        a.cache.invalidate(&100).await;
        assert_eq!(
            b.read_tagged(1, &["t"], &source).await,
            (8, Status::Loaded),
            "{how}"
        );
        if how != "clear" {
            // what is still right is found to be, without a load
            assert_eq!(
                b.read_tagged(2, &[], &source).await,
                (0, Status::Far),
                "{how}"
            );
            assert_eq!(
                b.read_tagged(2, &[], &source).await,
                (0, Status::Near),
                "{how}"
            );
        }
    }
}

#[tokio::test]
async fn a_process_does_not_undo_its_own_put() {
    let (_clock, _server, a, _b) = two();
    a.far.hold_messages();
    a.cache.put(&1, 7, TTL).await;
    a.far.deliver();
    assert_eq!(a.read(1, &Source::default()).await, (7, Status::Near));
}

#[tokio::test]
async fn a_put_elsewhere_whose_message_overtakes_is_not_overwritten_near() {
    let (_clock, _server, a, b) = two();
    a.cache.put(&1, 7, TTL).await;
    b.cache.put(&1, 8, TTL).await;
    assert_eq!(a.read(1, &Source::default()).await, (8, Status::Far));
    assert_eq!(b.read(1, &Source::default()).await, (8, Status::Near));
}

/// A load that began before an invalidation that was not heard of is its own callers' business.
#[tokio::test]
async fn a_flight_is_not_joined_by_those_who_may_have_missed_something_since_it_began() {
    for loses in ["a message", "the connection", "everything, for two seconds"] {
        let (clock, _server, a, b) = two();
        let source = Source::default();
        let load = || async {
            let old = source.ask();
            source.says(8);
            match loses {
                "a message" => {
                    b.cache.invalidate(&100).await;
                    a.far.lose_messages(1);
                    b.cache.invalidate(&1).await;
                    b.cache.invalidate(&100).await;
                }
                "the connection" => {
                    a.far.cut_feed();
                    b.cache.invalidate(&1).await;
                    a.far.join_feed();
                }
                _ => {
                    a.far.hold_messages();
                    b.cache.invalidate(&1).await;
                    clock.advance(Duration::from_secs(2));
                }
            }
            assert_eq!(a.read(1, &source).await.0, 8, "{loses}");
            Ok::<_, Infallible>(old)
        };
        assert_eq!(a.cache.get_or_load(&1, load).await.unwrap(), 0);
    }
}

/// A lookup fetches what lies far, the put replaces it, and the lookup hears its answer last.
#[tokio::test]
async fn a_put_is_not_overwritten_near_by_what_was_fetched_before_it() {
    for seed in 1..200 {
        let (_clock, _server, a, b) = two();
        b.cache.put(&1, 7, TTL).await;
        a.far.dawdle(seed);
        let source = Source::default();
        tokio::join!(a.cache.put(&1, 8, TTL), a.read(1, &source));
        a.far.dawdle(0);
        assert_eq!(a.read(1, &source).await.0, 8, "seed {seed}");
    }
}

/// A look fetches what lies far, it is invalidated here or elsewhere, and the look hears its answer before or after.
#[tokio::test]
async fn what_is_invalidated_while_somebody_looks_is_not_kept() {
    for how in WAYS {
        for (seed, elsewhere) in (1..60).flat_map(|seed| [(seed, false), (seed, true)]) {
            let (_clock, _server, a, b) = two();
            b.cache.entry(&1).tags(&["t"]).put(7).await;
            a.far.dawdle(seed);
            let by = if elsewhere { &b } else { &a };
            tokio::join!(invalidate(how, by), a.cache.get_many(&[1]));
            a.far.dawdle(0);
            assert_eq!(a.cache.get(&1).await, None, "{how}, seed {seed}");
            b.cache.entry(&1).tags(&["t"]).put(7).await;
            a.far.dawdle(seed);
            tokio::join!(invalidate(how, by), a.cache.get(&1));
            a.far.dawdle(0);
            assert_eq!(a.cache.get(&1).await, None, "{how}, seed {seed}");
            // nothing was loaded that could have been refused
            assert_eq!(a.cache.stats().refused_fills, 0);
        }
    }
}

#[tokio::test]
async fn a_pattern_for_another_cache_is_not_in_the_way_of_who_looks() {
    let (_clock, _server, a, b) = two();
    for seed in 1..60 {
        let key = seed;
        b.cache.put(&key, 7, TTL).await;
        a.far.dawdle(seed);
        let pattern = a.toolkit.invalidate_pattern("others:*");
        let (_, found) = tokio::join!(pattern, a.cache.get(&key));
        a.far.dawdle(0);
        assert_eq!(found, Some(7));
        let again = a.cache.entry(&key).get().await.unwrap();
        assert_eq!(again.status, Status::Near, "seed {seed}");
    }
}
