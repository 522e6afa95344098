//! What takes the place of a value while others look at it.

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tower_redis::cache::{Cache, Status};
use tower_redis::config::{Settings, Variables};
use tower_redis::testing::Mishap;
use tower_redis::{Toolkit, cached};

use super::support::{Process, Source, TTL, poll, two};

#[tokio::test]
async fn a_put_that_gets_no_answer_leaves_nothing_older_near() {
    let (clock, server, _, b) = two();
    let strict = Settings::read(&Variables::from([("CACHE_OUTAGE", "strict")])).unwrap();
    let a = Process::with(&server, &clock, strict);
    let source = Source::default();
    b.read(1, &source).await;
    a.far.beat();
    source.says(9);
    a.far.next(Mishap::Stalled);
    {
        let mut put = pin!(a.cache.put(&1, 9, TTL));
        assert!(poll(put.as_mut()).is_pending());
        assert_eq!(a.read(1, &source).await, (0, Status::Far));
        a.far.next(Mishap::Lost);
        a.far.release();
        put.await;
    }
    for _ in 0..3 {
        assert_eq!(a.read(1, &source).await.0, 9);
        clock.advance(Duration::from_secs(1));
        a.far.beat();
    }
}

#[tokio::test]
async fn a_put_beats_what_was_loaded_while_it_was_on_its_way() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    a.far.beat();
    b.far.beat();
    a.far.next(Mishap::Stalled);
    {
        let mut put = pin!(a.cache.put(&1, 9, TTL));
        assert!(poll(put.as_mut()).is_pending());
        b.cache.invalidate(&1).await;
        assert_eq!(a.read(1, &source).await, (0, Status::Loaded));
        source.says(9);
        a.far.release();
        put.await;
    }
    assert_eq!(
        (a.read(1, &source).await.0, b.read(1, &source).await.0),
        (9, 9)
    );
}

#[tokio::test]
async fn a_put_that_is_given_up_before_it_began_is_an_invalidation() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    b.read(1, &source).await;
    a.far.beat();
    source.says(9);
    // it asks for the token of its cache first
    a.far.next(Mishap::Stalled);
    {
        let mut put = pin!(a.cache.put(&1, 9, TTL));
        assert!(poll(put.as_mut()).is_pending());
    }
    assert_eq!(a.read(1, &source).await, (9, Status::Loaded));
    assert_eq!(b.read(1, &source).await.0, 9);
}

static LIFE: AtomicU64 = AtomicU64::new(60);
static LIVES: AtomicU64 = AtomicU64::new(0);

#[cached(ttl = Duration::from_secs(LIFE.load(Ordering::SeqCst)))]
async fn mortal(key: u64) -> u64 {
    let _ = key;
    LIVES.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_refresh_that_keeps_nothing_leaves_nothing_older() {
    let (_clock, _server, a, b) = two();
    let alone = Toolkit::builder().build().unwrap();
    a.far.beat();
    b.far.beat();
    for toolkit in [&a.toolkit, &b.toolkit, &alone] {
        assert_eq!(toolkit.scope(mortal(1)).await, 0);
    }
    LIVES.store(9, Ordering::SeqCst);
    LIFE.store(0, Ordering::SeqCst);
    for toolkit in [&a.toolkit, &alone] {
        assert_eq!(toolkit.scope(mortal::refresh(1)).await, 9);
    }
    LIFE.store(60, Ordering::SeqCst);
    for toolkit in [&a.toolkit, &b.toolkit, &alone] {
        assert_eq!(toolkit.scope(mortal(1)).await, 9);
    }
}

static VALUE: AtomicU64 = AtomicU64::new(0);

#[cached(ttl = 60)]
async fn number(key: u64) -> u64 {
    let _ = key;
    VALUE.load(Ordering::SeqCst)
}

/// Lets a refresh and a lookup interleave: so many steps of the one, and then so many of the other.
async fn interleaved(seed: u64, steps: (usize, usize), away: bool) -> Option<(u64, u64)> {
    let (_clock, _server, a, b) = two();
    VALUE.store(0, Ordering::SeqCst);
    b.toolkit.scope(number(1)).await;
    a.far.beat();
    a.far.dawdle(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    VALUE.store(9, Ordering::SeqCst);
    let mut refresh = pin!(a.toolkit.scope(number::refresh(1)));
    for _ in 0..steps.0 {
        if poll(refresh.as_mut()).is_ready() {
            return None;
        }
    }
    let mut reader = pin!(a.toolkit.scope(number(1)));
    for _ in 0..steps.1 {
        if poll(reader.as_mut()).is_ready() {
            return None;
        }
    }
    if away {
        a.far.next(Mishap::Lost);
    }
    refresh.await;
    reader.await;
    Some((
        a.toolkit.scope(number(1)).await,
        b.toolkit.scope(number(1)).await,
    ))
}

#[tokio::test]
async fn a_refresh_is_not_undone_by_a_lookup_under_way() {
    let mut interleavings = 0;
    for away in [false, true] {
        for seed in 1..30 {
            for before in 1..12 {
                for then in 1..6 {
                    let steps = (before, then);
                    if let Some((here, there)) = interleaved(seed, steps, away).await {
                        interleavings += 1;
                        assert_eq!(here, 9, "seed {seed}, {steps:?}, away {away}");
                        // what a mishap keeps from it, it hears of later
                        assert!(there == 9 || away, "seed {seed}, {steps:?}");
                    }
                }
            }
        }
    }
    assert!(interleavings > 500, "{interleavings}");
}

#[tokio::test]
async fn a_refresh_that_gives_way_leaves_nothing_older() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    a.far.beat();
    b.far.beat();
    for process in [&a, &b] {
        assert_eq!(process.read(1, &source).await.0, 0);
    }
    source.says(9);
    let load = || async {
        let mut other = pin!(b.cache.entry(&1).refresh(pending::<Result<_, Infallible>>));
        assert!(poll(other.as_mut()).is_pending());
        Ok::<_, Infallible>(source.ask())
    };
    assert_eq!(a.cache.entry(&1).refresh(load).await, Ok(9));
    for process in [&a, &b] {
        assert_eq!(process.read(1, &source).await.0, 9);
    }
}

#[tokio::test]
async fn what_two_refresh_at_once_stays() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    source.says(9);
    let load = || async { Ok::<_, Infallible>(source.ask()) };
    let slower = || async {
        b.cache.entry(&1).refresh(load).await.unwrap();
        Ok::<_, Infallible>(source.ask())
    };
    assert_eq!(a.cache.entry(&1).refresh(slower).await, Ok(9));
    assert_eq!(a.read(1, &source).await, (9, Status::Far));
}

#[tokio::test]
async fn exact_keys_of_two_caches_may_be_the_same() {
    let (_clock, _server, a, b) = two();
    let build = |process: &Process, name: &str, prefix: &str| {
        let builder = process.toolkit.cache(name).ttl(TTL).exact_keys(prefix);
        let cache: Cache<String, String> = builder.build().unwrap();
        cache
    };
    a.far.beat();
    let users = build(&a, "users", "user:");
    let profiles = build(&a, "profiles", "user:profile:");
    let twin = build(&a, "twin", "user:");
    let elsewhere = build(&b, "users", "user:");
    let old = || "old".to_owned();
    for how in ["key", "prefix", "clear", "put"] {
        profiles.put("1", old(), TTL).await;
        for (cache, key) in [
            (&users, "profile:1"),
            (&twin, "profile:1"),
            (&profiles, "1"),
        ] {
            assert_eq!(cache.get(key).await, Some(old()), "{how}");
        }
        let after = match how {
            "key" => {
                profiles.invalidate("1").await;
                None
            }
            "prefix" => {
                users.invalidate_prefix("prof").await.unwrap();
                None
            }
            "clear" => {
                twin.clear().await;
                None
            }
            _ => {
                users.put("profile:1", "new".to_owned(), TTL).await;
                Some("new".to_owned())
            }
        };
        assert_eq!(users.get("profile:1").await, after, "{how}");
        assert_eq!(twin.get("profile:1").await, after, "{how}");
        assert_eq!(profiles.get("1").await, after, "{how}");
        assert_eq!(elsewhere.get("profile:1").await, after, "{how}");
    }
}

static OTHER: AtomicU64 = AtomicU64::new(0);

#[cached(ttl = 60)]
async fn other(key: u64) -> u64 {
    let _ = key;
    OTHER.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_process_that_keeps_nothing_still_tells_the_others() {
    let (clock, server, a, _) = two();
    let off = Settings::read(&Variables::from([("CACHE_ENABLED", "false")])).unwrap();
    let b = Process::with(&server, &clock, off);
    a.far.beat();
    let source = Source::default();
    for how in ["invalidate", "prefix", "clear", "tag", "put", "refresh"] {
        source.says(0);
        OTHER.store(0, Ordering::SeqCst);
        assert_eq!(a.read_tagged(1, &["tag"], &source).await.0, 0, "{how}");
        a.toolkit.scope(other(1)).await;
        source.says(9);
        OTHER.store(9, Ordering::SeqCst);
        match how {
            "invalidate" => drop(b.cache.invalidate(&1).await),
            "prefix" => drop(b.cache.invalidate_prefix("1").await.unwrap()),
            "clear" => drop(b.cache.clear().await),
            "tag" => drop(b.cache.invalidate_tags(&["tag"]).await),
            "put" => b.cache.put(&1, 9, TTL).await,
            _ => {
                b.toolkit.scope(other::refresh(1)).await;
                assert_eq!(a.toolkit.scope(other(1)).await, 9);
                continue;
            }
        }
        assert_eq!(a.read_tagged(1, &["tag"], &source).await.0, 9, "{how}");
        a.cache.invalidate(&1).await;
    }
    assert_eq!(b.read(1, &source).await.1, Status::Bypass);
}
