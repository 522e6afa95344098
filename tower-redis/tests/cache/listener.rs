//! A listener hears what leaves and what goes wrong.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tower_redis::cache::{Cache, CacheEvent, Leaving};
use tower_redis::testing::ManualClock;

use crate::{HOUR, brings, toolkit};

/// What was heard, in words.
#[derive(Debug, Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn note(&self, event: &CacheEvent<'_, u64>) {
        let text = match event {
            CacheEvent::Left {
                key, value, why, ..
            } => format!("{key}={value} {}", why.as_str()),
            CacheEvent::LoadFailed { key, .. } => format!("{key} failed"),
            CacheEvent::FillRefused { key, .. } => format!("{key} refused"),
            _ => "?".to_owned(),
        };
        self.0.lock().unwrap().push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A cache of one number, whose listener looks up what it hears of.
fn heard(panics: bool) -> (Cache<u64, u64>, Heard, ManualClock) {
    let (toolkit, clock) = toolkit();
    let heard = Heard::default();
    let cache = Arc::<OnceLock<Cache<u64, u64>>>::default();
    let (told, known) = (heard.clone(), Arc::clone(&cache));
    let listen = move |event: &CacheEvent<'_, u64>| {
        told.note(event);
        let cache = known.get().unwrap();
        if let CacheEvent::Left {
            key, value, why, ..
        } = event
        {
            // what it is told of has happened, and no lock is held: both of these take them
            let key: u64 = key.parse().unwrap();
            let there = pollster::block_on(cache.get(&key));
            assert_ne!(there, Some(**value), "{why:?}");
            if *why == Leaving::Cleared {
                pollster::block_on(cache.invalidate(&key));
            }
        }
        assert!(!panics, "boom");
    };
    let builder = toolkit.cache("numbers").capacity(1).on_event(listen);
    let built = builder.build().unwrap();
    cache.set(built.clone()).unwrap();
    (built, heard, clock)
}

#[tokio::test]
async fn what_leaves_is_told_with_its_reason_and_outside_of_locks() {
    for panics in [false, true] {
        let (cache, heard, clock) = heard(panics);
        cache.put(&1, 10, HOUR).await;
        assert!(heard.take().is_empty());
        cache.put(&1, 11, HOUR).await;
        assert_eq!(heard.take(), ["1=10 replaced"]);
        cache.put(&2, 20, HOUR).await;
        assert_eq!(heard.take(), ["1=11 capacity"]);
        assert_eq!(cache.stats().evictions, 1);
        cache.put(&3, 30, Duration::from_secs(1)).await;
        assert_eq!(heard.take(), ["2=20 capacity"]);
        clock.advance(Duration::from_secs(1));
        cache.put(&4, 40, HOUR).await;
        assert_eq!(heard.take(), ["3=30 ended"]);
        cache.invalidate(&4).await;
        assert_eq!(heard.take(), ["4=40 removed"]);
        cache.put(&5, 50, HOUR).await;
        cache.clear().await;
        assert_eq!(heard.take(), ["5=50 cleared"]);
        let stats = cache.stats();
        assert_eq!((stats.evictions, stats.entries), (2, 0));
    }
}

#[tokio::test]
async fn what_is_swept_out_has_ended_and_what_is_too_heavy_never_had_room() {
    let (toolkit, clock) = toolkit();
    let heard = Heard::default();
    let told = heard.clone();
    let builder = toolkit.cache::<u64, u64>("n").capacity(64);
    let cache = builder.on_event(move |event| told.note(event));
    let cache = cache.build().unwrap();
    for key in 0..60 {
        cache.put(&key, key, Duration::from_secs(1)).await;
    }
    clock.advance(Duration::from_secs(1));
    for key in 100..130 {
        cache.put(&key, key, HOUR).await;
        tokio::task::yield_now().await;
    }
    let gone = heard.take();
    assert_eq!(gone.len(), 60, "{gone:?}");
    assert!(gone.iter().all(|gone| gone.ends_with(" ended")), "{gone:?}");
    assert_eq!(cache.stats().evictions, 0);

    let told = heard.clone();
    let weigh = |n: &u64| usize::try_from(*n).unwrap();
    let builder = toolkit.cache::<u64, u64>("bytes");
    let builder = builder.capacity_bytes(10_000, weigh);
    let cache = builder.on_event(move |event| told.note(event));
    let cache = cache.build().unwrap();
    cache.put(&1, 1, HOUR).await;
    cache.put(&1, 20_000, HOUR).await;
    assert_eq!(heard.take(), ["1=1 replaced", "1=20000 capacity"]);
    assert_eq!(cache.stats().entries, 0);
}

#[tokio::test]
async fn a_load_that_fails_or_comes_too_late_is_told_of() {
    for panics in [false, true] {
        let (cache, heard, _) = heard(panics);
        let fails = || async { Err::<u64, _>("boom") };
        cache.get_or_load(&1, fails).await.unwrap_err();
        assert_eq!(heard.take(), ["1 failed"]);
        cache.refresh(&2, fails).await.unwrap_err();
        assert_eq!(heard.take(), ["2 failed"]);
        let fails = |_| async { Err::<[(u64, u64); 0], _>("boom") };
        cache.get_or_load_many(&[3, 4], fails).await.unwrap_err();
        assert_eq!(heard.take(), ["3 failed", "4 failed"]);
        let late = || async {
            cache.invalidate(&5).await;
            brings(5).await
        };
        assert_eq!(cache.get_or_load(&5, late).await, Ok(5));
        assert_eq!(heard.take(), ["5 refused"]);
        assert_eq!(cache.get_or_load(&5, || brings(6)).await, Ok(6));
        assert!(heard.take().is_empty());
    }
}

#[test]
fn a_log_of_events_tells_no_key_and_no_value() {
    let (toolkit, _) = toolkit();
    let said = Arc::<Mutex<Vec<String>>>::default();
    let told = Arc::clone(&said);
    let listen = move |event: &CacheEvent<'_, String>| {
        told.lock().unwrap().push(format!("{event:?}"));
    };
    let cache = toolkit.cache::<String, String>("n").on_event(listen);
    let cache = cache.build().unwrap();
    pollster::block_on(async {
        cache.put("key", "value".to_owned(), HOUR).await;
        cache.invalidate("key").await;
    });
    assert_eq!(*said.lock().unwrap(), ["Left { why: Removed, .. }"]);
}
