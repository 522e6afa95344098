//! What a lookup finds.

use std::convert::Infallible;
use std::time::Duration;

use tower_redis::cache::Status;

use super::support::{Source, TTL, two};

#[tokio::test]
async fn what_one_process_loads_another_finds_far_and_then_near() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    source.says(7);
    assert_eq!(a.read(1, &source).await, (7, Status::Loaded));
    assert_eq!(a.read(1, &source).await, (7, Status::Near));
    assert_eq!(b.read(1, &source).await, (7, Status::Far));
    assert_eq!(b.read(1, &source).await, (7, Status::Near));
    assert_eq!(source.asked(), 1);
    let (of_a, of_b) = (a.cache.stats(), b.cache.stats());
    assert_eq!((of_a.misses, of_a.near_hits, of_a.far_hits), (1, 1, 0));
    assert_eq!((of_b.misses, of_b.near_hits, of_b.far_hits), (0, 1, 1));
}

#[tokio::test]
async fn get_looks_far_and_loads_nothing() {
    let (_clock, server, a, b) = two();
    let source = Source::default();
    source.says(7);
    assert_eq!(b.cache.get(&1).await, None);
    // nothing was left behind for a load that never comes
    assert!(server.keys().iter().all(|key| !key.starts_with("l:")));
    a.read(1, &source).await;
    assert_eq!(b.cache.get(&1).await, Some(7));
    assert_eq!(b.read(1, &source).await, (7, Status::Near));
}

#[tokio::test]
async fn a_copy_lives_no_longer_than_what_it_was_copied_from() {
    let (clock, _server, a, b) = two();
    let source = Source::default();
    a.read(1, &source).await;
    clock.advance(TTL - Duration::from_secs(1));
    for process in [&a, &b] {
        process.far.beat();
    }
    assert_eq!(b.read(1, &source).await.1, Status::Far);
    clock.advance(Duration::from_secs(1));
    for process in [&a, &b] {
        process.far.beat();
    }
    source.says(8);
    assert_eq!(b.read(1, &source).await, (8, Status::Loaded));
    assert_eq!(a.read(1, &source).await, (8, Status::Far));
}

#[tokio::test]
async fn a_put_is_found_by_all() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    b.read(1, &source).await;
    a.cache.put(&1, 9, TTL).await;
    assert_eq!(a.read(1, &source).await, (9, Status::Near));
    assert_eq!(b.read(1, &source).await, (9, Status::Far));
}

#[tokio::test]
async fn a_put_beats_a_load_that_began_before_it() {
    let (_clock, _server, a, b) = two();
    let load = || async {
        a.cache.put(&1, 9, TTL).await;
        Ok::<_, Infallible>(0)
    };
    let found = b.cache.get_or_load(&1, load).await.unwrap();
    assert_eq!(found, 0);
    assert_eq!(b.cache.get(&1).await, Some(9));
    assert_eq!(b.cache.stats().refused_fills, 1);
}

#[tokio::test]
async fn of_two_loads_in_two_processes_the_first_fill_is_kept() {
    let (_clock, _server, a, b) = two();
    let inner = || async { Ok::<_, Infallible>(2) };
    let outer = || async {
        let second = b.cache.get_or_load(&1, inner).await.unwrap();
        assert_eq!(second, 2);
        Ok::<_, Infallible>(1)
    };
    assert_eq!(a.cache.get_or_load(&1, outer).await.unwrap(), 1);
    assert_eq!(a.cache.get(&1).await, Some(2));
    assert_eq!(b.cache.get(&1).await, Some(2));
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_loaded_anew_and_counted() {
    let (_clock, server, a, b) = two();
    let source = Source::default();
    source.says(7);
    a.read(1, &source).await;
    let key = value_key(&server.keys());
    for damaged in ["TR1 what", "TR2 later", "", "\"text\""] {
        server.set(&key, damaged, Some(TTL));
        let before = b.cache.stats().undecodable;
        b.far.cut_feed();
        b.far.join_feed();
        assert_eq!(b.read(1, &source).await, (7, Status::Loaded), "{damaged}");
        assert_eq!(b.cache.stats().undecodable, before + 1, "{damaged}");
        // and is overwritten by what was loaded
        assert!(server.get(&key).unwrap().starts_with(b"TR1 "), "{damaged}");
    }
}

fn value_key(keys: &[String]) -> String {
    let mut values = keys.iter().filter(|key| key.starts_with("tr:c:"));
    values.next().unwrap().clone()
}

#[tokio::test]
async fn values_of_another_shape_are_another_entry() {
    let (_clock, _server, a, b) = two();
    let texts = b.toolkit.cache::<u64, String>("numbers").build().unwrap();
    let source = Source::default();
    a.read(1, &source).await;
    assert_eq!(texts.get(&1).await, None);
    texts.put(&1, "text".to_owned(), TTL).await;
    assert_eq!(b.read(1, &source).await.1, Status::Far);
}

#[tokio::test]
async fn a_cache_that_is_near_only_leaves_nothing_far() {
    let (_clock, server, a, _b) = two();
    let near = a
        .toolkit
        .near_cache::<u64, fn() -> u64>("near")
        .build()
        .unwrap();
    near.put(&1, || 7, TTL).await;
    assert_eq!(near.get(&1).await.unwrap()(), 7);
    assert_eq!(server.keys().len(), 0);
}

/// A process acts on what others invalidate, not on its own messages.
#[tokio::test]
async fn two_caches_of_one_process_do_not_share_keys() {
    let (_clock, server, a, _b) = two();
    let again = a.toolkit.cache::<u64, u64>("numbers").build().unwrap();
    again.put(&1, 7, TTL).await;
    assert_eq!(a.cache.get(&1).await, None);
    assert!(server.keys().iter().all(|key| !key.starts_with("tr:c:")));
    drop(a.cache);
    let another = a.toolkit.cache::<u64, u64>("numbers").build().unwrap();
    another.put(&1, 8, TTL).await;
    assert!(server.keys().iter().any(|key| key.starts_with("tr:c:")));
}
