//! Tags across processes.

use std::convert::Infallible;
use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Reach, Status};
use tower_redis::testing::FarServer;

use super::support::{Process, Source, two};

#[tokio::test]
async fn a_tag_reaches_entries_that_were_fetched_without_naming_it() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1", "users"], &source).await;
    // the entry says so itself
    assert_eq!(b.read(1, &source).await, (0, Status::Far));
    source.says(8);
    a.toolkit.invalidate_tags(&["org:1"]).await;
    assert_eq!(b.read(1, &source).await, (8, Status::Loaded));
}

async fn changes(toolkit: Toolkit, expires: bool) {
    match expires {
        true => toolkit.expire_tags(&["org:7"]).await,
        false => toolkit.invalidate_tags(&["org:7"]).await,
    };
}

/// Nobody knows that the value has the tag when that is invalidated, here or elsewhere; who waits for the load has
/// the value, and nobody after.
#[tokio::test]
async fn a_tag_of_the_value_that_is_invalidated_while_that_is_loaded_counts_in_every_way_to_load() {
    for way in 0..4 {
        for (other, expires) in [(false, false), (false, true), (true, false), (true, true)] {
            let (_clock, _server, a, b) = two();
            let cache = |process: &Process| -> Cache<u64, u64> {
                let cache = process.toolkit.cache("tagged");
                let cache = cache.tags_with(|org| vec![format!("org:{org}")]);
                cache.build().unwrap()
            };
            let (here, there) = (cache(&a), cache(&b));
            let toolkit = if other { &b.toolkit } else { &a.toolkit };
            // Redis knows the tag: of one that it has never seen nobody could tell
            let load = || async { Ok::<_, Infallible>(8) };
            here.get_or_load(&2, load).await.unwrap();
            for (org, stays) in [(7, false), (8, true)] {
                let toolkit = toolkit.clone();
                let load = async || {
                    changes(toolkit.clone(), expires).await;
                    Ok::<_, Infallible>(org)
                };
                let loaded = match way {
                    0 => here.get_or_load(&1, load).await.unwrap(),
                    1 => {
                        let load = move || async move {
                            changes(toolkit, expires).await;
                            Ok::<_, Infallible>(org)
                        };
                        here.get_or_load_detached(&1, load).await.unwrap()
                    }
                    2 => {
                        let load = async |_| load().await.map(|org| [(1, org)]);
                        let found = here.get_or_load_many(&[1], load).await.unwrap();
                        found[0].unwrap()
                    }
                    _ => here.refresh(&1, load).await.unwrap(),
                };
                assert_eq!(loaded, org);
                for cache in [&here, &there] {
                    let found = cache.get(&1).await;
                    let expected = stays.then_some(org);
                    assert_eq!(found, expected, "{way}, {other}, {expires}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_cache_that_outlives_its_toolkit_hears_of_tags() {
    let (_, _server, one, other) = two();
    let source = Source::default();
    other.read_tagged(1, &["t"], &source).await;
    let Process {
        far: _far,
        toolkit,
        cache,
    } = other;
    drop(toolkit);
    one.toolkit.invalidate_tags(&["t"]).await;
    assert_eq!(cache.get(&1).await, None);
}

#[tokio::test]
async fn a_tag_reaches_across_caches_and_no_further() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1"], &source).await;
    a.read_tagged(2, &["org:2"], &source).await;
    source.says(8);
    b.toolkit.invalidate_tags(&["org:1"]).await;
    assert_eq!(
        a.read_tagged(1, &["org:1"], &source).await,
        (8, Status::Loaded)
    );
    assert_eq!(
        a.read_tagged(2, &["org:2"], &source).await,
        (0, Status::Near)
    );
}

#[tokio::test]
async fn a_token_that_was_lost_makes_entries_unusable_and_no_more() {
    let (clock, server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1"], &source).await;
    let token = server
        .keys()
        .into_iter()
        .find(|key| key.starts_with("tr:t:"));
    assert!(server.del(&token.unwrap()));
    source.says(8);
    assert_eq!(
        b.read_tagged(1, &["org:1"], &source).await,
        (8, Status::Loaded)
    );
    // who knew the token asks again after ten seconds
    clock.advance(Duration::from_secs(11));
    for process in [&a, &b] {
        process.far.beat();
    }
    assert_eq!(
        b.read_tagged(2, &["org:1"], &source).await,
        (8, Status::Loaded)
    );
    assert_eq!(
        a.read_tagged(2, &["org:1"], &source).await,
        (8, Status::Far)
    );
}

/// How many losses two processes have counted, each.
fn lost(processes: [&Process; 2]) -> [u64; 2] {
    processes.map(|process| process.cache.stats().lost_tokens)
}

/// Makes the server lose the one token that begins so.
fn lose(server: &FarServer, start: &str) {
    let keys = server.keys();
    let token = keys.iter().find(|key| key.starts_with(start)).unwrap();
    assert!(server.del(token));
}

#[tokio::test]
async fn a_first_use_is_no_loss() {
    let (clock, _server, a, b) = two();
    let source = Source::default();
    for (key, tags) in [(1, &["org:1"][..]), (2, &["org:2", "users"]), (3, &[])] {
        a.read_tagged(key, tags, &source).await;
        b.read_tagged(key, &["others"], &source).await;
        a.toolkit.invalidate_tags(tags).await;
        a.read_tagged(key, tags, &source).await;
        b.cache.clear().await;
        b.read_tagged(key, tags, &source).await;
    }
    // all has ended by itself
    clock.advance(Duration::from_secs(26 * 3_600));
    for process in [&a, &b] {
        process.far.beat();
        process.read_tagged(1, &["org:1"], &source).await;
    }
    assert_eq!(lost([&a, &b]), [0, 0]);
}

/// The one that made the token may be answered after the one that found it.
#[tokio::test]
async fn a_first_use_by_two_at_once_is_no_loss() {
    for seed in 0..100 {
        let (_clock, _server, a, b) = two();
        let source = Source::default();
        a.far.dawdle(seed);
        let read = |key| a.read_tagged(key, &["org:1"], &source);
        tokio::join!(read(1), read(2), read(3), read(4));
        assert_eq!(lost([&a, &b]), [0, 0], "seed {seed}");
    }
}

#[tokio::test]
async fn a_loss_is_counted_by_who_knew_the_token() {
    let (clock, server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1"], &source).await;
    b.read_tagged(2, &["org:1"], &source).await;
    lose(&server, "tr:t:");
    lose(&server, "tr:g:");
    // nobody asks for what is known
    a.read_tagged(3, &["org:1"], &source).await;
    assert_eq!(lost([&a, &b]), [0, 0]);
    clock.advance(Duration::from_secs(11));
    for process in [&a, &b] {
        process.far.beat();
    }
    // of an entry that is not there
    b.read_tagged(4, &["org:1"], &source).await;
    assert_eq!(lost([&a, &b]), [0, 2]);
    a.read_tagged(4, &["org:1"], &source).await;
    assert_eq!(lost([&a, &b]), [0, 2]);
}

#[tokio::test]
async fn a_loss_is_counted_by_who_finds_an_entry_that_carries_the_token() {
    // it knows the tag by its own call, or by what the entry says
    for (start, tags) in [("tr:t:", &["org:1"][..]), ("tr:t:", &[]), ("tr:g:", &[])] {
        let (_clock, server, a, b) = two();
        let source = Source::default();
        a.read_tagged(1, &["org:1"], &source).await;
        lose(&server, start);
        let (_, status) = b.read_tagged(1, tags, &source).await;
        assert_eq!(status, Status::Loaded, "{start} {tags:?}");
        assert_eq!(lost([&a, &b]), [0, 1], "{start} {tags:?}");
        b.read_tagged(2, tags, &source).await;
        assert_eq!(lost([&a, &b]), [0, 1], "{start} {tags:?}");
    }
}

#[tokio::test]
async fn a_message_that_comes_late_does_not_bring_back_what_was_invalidated_since() {
    for (by_tag, tags) in [(true, &["org:1"][..]), (false, &[])] {
        let (_clock, _server, a, b) = two();
        let source = Source::default();
        let invalidate = async |process: &Process| {
            if by_tag {
                process.toolkit.invalidate_tags(tags).await
            } else {
                process.cache.clear().await
            }
        };
        // b uses the token
        b.read_tagged(2, tags, &source).await;
        b.far.hold_messages();
        invalidate(&a).await;
        assert_eq!(a.read_tagged(1, tags, &source).await, (0, Status::Loaded));
        source.says(8);
        assert_eq!(invalidate(&b).await.reach, Reach::Everywhere);
        // what a has done before b
        b.far.deliver();
        assert_eq!(b.read_tagged(1, tags, &source).await, (8, Status::Loaded));
    }
}

#[tokio::test]
async fn after_a_flush_everything_is_loaded_again() {
    let (_clock, server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1"], &source).await;
    server.flush_all();
    source.says(8);
    assert_eq!(
        b.read_tagged(1, &["org:1"], &source).await,
        (8, Status::Loaded)
    );
}
