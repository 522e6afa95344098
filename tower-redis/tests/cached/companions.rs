//! What stands beside a cached function.

use tokio::sync::Semaphore;
use tower_redis::cache::Status;
use tower_redis::cached;

use super::support::{Runs, eventually};

static QUOTES: Runs = Runs::new();

#[cached(ttl = 60)]
async fn quote(symbol: &str) -> Result<usize, String> {
    match symbol {
        "BAD" => Err("no such symbol".to_owned()),
        _ => Ok(QUOTES.count()),
    }
}

#[tokio::test]
async fn each_does_what_it_is_called() {
    assert_eq!(quote::peek("ACME").await, None);
    let looked_up = quote::lookup("ACME").await;
    assert_eq!((looked_up.value, looked_up.status), (Ok(1), Status::Loaded));
    let looked_up = quote::lookup("ACME").await;
    assert_eq!((looked_up.value, looked_up.status), (Ok(1), Status::Near));
    assert_eq!(quote::peek("ACME").await, Some(Ok(1)));

    assert_eq!(quote::refresh("ACME").await, Ok(2));
    assert_eq!(quote("ACME").await, Ok(2));

    assert_eq!(quote::invalidate("ACME").await.dropped, 1);
    assert_eq!(quote::invalidate("ACME").await.dropped, 0);
    assert_eq!(quote("ACME").await, Ok(3));

    quote::put("ACME", Ok(70)).await;
    assert_eq!(quote("ACME").await, Ok(70));
    quote::put("ACME", Err("gone".to_owned())).await;
    assert_eq!(quote::peek("ACME").await, None);

    assert!(quote::refresh("BAD").await.is_err());
    quote::put("A", Ok(1)).await;
    quote::put("B", Ok(2)).await;
    assert_eq!(quote::clear().await.dropped, 2);
    assert_eq!(quote::peek("A").await, None);
}

static PLAIN: Runs = Runs::new();

#[cached(key = "plain:{id}:{of}", ttl = 60)]
async fn plain(id: u64, of: &str) -> usize {
    PLAIN.count() + of.len() + id as usize
}

#[expect(dead_code, reason = "only its companions are asked")]
#[cached]
fn unspelled(id: u64, of: Option<&str>) -> usize {
    id as usize + of.map_or(0, str::len)
}

#[tokio::test]
async fn the_key_is_told_as_it_is_written() {
    assert_eq!(plain::key(7, "a b"), "plain:7:a b");
    assert_eq!(plain::key(7, "a:b"), "plain:7:a%3Ab");
    assert_eq!(unspelled::key(7, Some("a b")), "7:a%20b");
    assert_eq!(unspelled::key(7, None), "7:~");
}

#[tokio::test]
async fn the_body_itself_can_be_run() {
    let toolkit = tower_redis::Toolkit::in_memory();
    let calls = async {
        let first = plain(1, "a").await;
        let second = plain::uncached(1, "a").await;
        assert_eq!(second, first + 1);
        assert_eq!(plain(1, "a").await, first, "what was kept still is");
        let stats = plain::stats();
        assert_eq!((stats.near_hits, stats.misses, stats.loads), (1, 1, 1));
    };
    toolkit.scope(calls).await;
    assert_eq!(unspelled::uncached(1, Some("a")), 2);
}

static OLD_GATE: Semaphore = Semaphore::const_new(0);
static OLD: Runs = Runs::new();

#[cached]
async fn slow(id: u64) -> (u64, usize) {
    let run = OLD.count();
    let _pass = OLD_GATE.acquire().await.unwrap();
    (id, run)
}

#[tokio::test]
async fn an_invalidation_beats_a_load_under_way() {
    let load = tokio::spawn(slow(1));
    eventually(|| OLD.so_far() == 1).await;
    slow::invalidate(1).await;
    OLD_GATE.add_permits(1);
    assert_eq!(load.await.unwrap(), (1, 1));
    assert_eq!(slow::peek(1).await, None);
    assert_eq!(slow(1).await, (1, 2));
}

static FIRST_GATE: Semaphore = Semaphore::const_new(0);
static REFRESHED: Runs = Runs::new();

#[cached]
async fn refreshed(id: u64) -> (u64, usize) {
    let run = REFRESHED.count();
    if run == 1 {
        let _pass = FIRST_GATE.acquire().await.unwrap();
    }
    (id, run)
}

#[tokio::test]
async fn a_refresh_beats_a_load_that_began_before_it() {
    let load = tokio::spawn(refreshed(1));
    eventually(|| REFRESHED.so_far() == 1).await;
    assert_eq!(refreshed::refresh(1).await, (1, 2));
    FIRST_GATE.add_permits(1);
    assert_eq!(
        load.await.unwrap(),
        (1, 1),
        "its own caller gets what it brought"
    );
    assert_eq!(refreshed::peek(1).await, Some((1, 2)));
}

#[cached(name = "looked_at")]
async fn looked_at(id: u64) -> u64 {
    id
}

#[tokio::test]
async fn a_peek_is_no_lookup_in_the_stats() {
    let toolkit = tower_redis::Toolkit::in_memory();
    let calls = async {
        looked_at(1).await;
        assert_eq!(looked_at::peek(1).await, Some(1));
        assert_eq!(looked_at::peek(2).await, None);
    };
    toolkit.scope(calls).await;
    let stats = &toolkit.stats().caches[0];
    assert_eq!((stats.near_hits, stats.misses), (0, 1));
}

mod elsewhere {
    use tower_redis::cached;

    /// Documented.
    #[cached(companion = length_cache)]
    #[must_use]
    pub(super) fn length(text: &str) -> usize {
        text.len()
    }

    #[cached(companion = none)]
    pub(super) async fn alone(id: u64) -> Option<u64> {
        Some(id)
    }

    /// A module of the same name is no obstacle to a function without companions.
    pub(super) mod alone {}
}

use elsewhere::{alone, length, length_cache};

#[tokio::test]
async fn the_companion_can_be_named_or_left_out() {
    assert_eq!(length("four"), 4);
    assert_eq!(length_cache::peek("four"), Some(4));
    assert_eq!(alone(1).await, Some(1));
}

#[tokio::test]
async fn the_name_brings_both_namespaces_along() {
    mod inner {
        #[tower_redis::cached]
        pub(super) async fn both(id: u64) -> u64 {
            id
        }
    }
    use inner::both;
    assert_eq!(both(1).await, 1);
    assert_eq!(both::peek(1).await, Some(1));
}

#[cfg(any())]
#[cached]
async fn switched_off(_: Nonsense) -> Nonsense {}

#[cached]
#[cfg(any())]
async fn switched_off_below(id: Nonsense) -> Nonsense {}
