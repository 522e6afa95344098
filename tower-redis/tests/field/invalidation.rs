//! What becomes of a load that is overtaken.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tests::eventually_async;
use tokio::sync::Semaphore;
use tower_redis::cache::Cache;
use tower_redis::testing::{FarServer, ManualClock};
use tower_redis::{Toolkit, cached};

use super::support::{Runs, ends, misses, pass, turned_by_hand};

const MINUTE: Duration = Duration::from_secs(60);
const OLD: u64 = 1;
const NEW: u64 = 2;

/// The ways to say that what a load under way has read is no longer so.
const WAYS: [&str; 6] = ["key", "tag", "tag of the toolkit", "prefix", "clear", "put"];

async fn invalidate(toolkit: &Toolkit, cache: &Cache<u64, u64>, way: &str) {
    match way {
        "key" => drop(cache.invalidate(&1).await),
        "tag" => drop(cache.invalidate_tags(&["t"]).await),
        "tag of the toolkit" => drop(toolkit.invalidate_tags(&["t"]).await),
        "prefix" => drop(cache.invalidate_prefix("1").await.unwrap()),
        "clear" => drop(cache.clear().await),
        "put" => cache.put(&1, NEW, MINUTE).await,
        other => panic!("{other}"),
    }
}

/// What is read of key 1 after a load that has read `OLD` was overtaken in this way, by `by`.
async fn overtaken(
    [loading, by]: [&(Toolkit, Cache<u64, u64>); 2],
    source: &Arc<AtomicU64>,
    way: &str,
) -> [u64; 2] {
    source.store(OLD, Ordering::SeqCst);
    let gate = Arc::new(Semaphore::new(0));
    let before = misses(&loading.0);
    let load = tokio::spawn({
        let (cache, source, gate) = (loading.1.clone(), Arc::clone(source), Arc::clone(&gate));
        async move {
            let load = || async {
                let read = source.load(Ordering::SeqCst);
                pass(&gate).await;
                Ok::<_, Infallible>(read)
            };
            cache.entry(&1).tags(&["t"]).get_or_load(load).await.value
        }
    });
    eventually_async("it loads", || async {
        misses(&loading.0) > before && loading.1.stats().loading == 1
    })
    .await;
    source.store(NEW, Ordering::SeqCst);
    invalidate(&by.0, &by.1, way).await;
    gate.add_permits(1);
    assert_eq!(ends(load).await.unwrap(), Ok(OLD), "its own caller gets it");
    let mut found = [0; 2];
    for (process, found) in [loading, by].into_iter().zip(&mut found) {
        let load = || async { Ok::<_, Infallible>(source.load(Ordering::SeqCst)) };
        let entry = process.1.entry(&1).tags(&["t"]);
        *found = entry.get_or_load(load).await.value.unwrap();
    }
    found
}

/// Elsewhere: the old value, whichever way.
#[tokio::test]
async fn x3_a_key_that_is_invalidated_during_its_load_never_ends_with_the_old_value() {
    for way in WAYS {
        let (_, toolkit) = turned_by_hand();
        let cache = toolkit.cache("numbers").build().unwrap();
        let here = (toolkit, cache);
        let found = overtaken([&here, &here], &Arc::default(), way).await;
        assert_eq!(found, [NEW; 2], "{way}");
    }
}

/// The same between two processes, whichever of them says it.
#[tokio::test]
async fn x3_nor_does_it_where_another_process_invalidates() {
    for way in WAYS {
        let clock = ManualClock::new();
        let server = FarServer::new(&clock);
        let processes = [(); 2].map(|()| {
            let far = server.process();
            let toolkit = Toolkit::builder().clock(clock.clock()).far(&far);
            let toolkit = toolkit.build().unwrap();
            let cache = toolkit.cache("numbers").build().unwrap();
            (toolkit, cache)
        });
        let found = overtaken(processes.each_ref(), &Arc::default(), way).await;
        assert_eq!(found, [NEW; 2], "{way}");
    }
}

static READS: Runs = Runs::new();
static READ_GATE: Semaphore = Semaphore::const_new(0);
static SAYS: AtomicU64 = AtomicU64::new(OLD);

#[cached(ttl = 60)]
async fn read(id: u64) -> u64 {
    let read = SAYS.load(Ordering::SeqCst);
    let _run = READS.begin();
    pass(&READ_GATE).await;
    read + 10 * id
}

#[tokio::test]
async fn x3_nor_does_a_function_with_companions() {
    let (_, toolkit) = turned_by_hand();
    let loads = [1, 2].map(|id| tokio::spawn(toolkit.scope(read(id))));
    eventually_async("both read", || async { READS.begun() == 2 }).await;
    SAYS.store(NEW, Ordering::SeqCst);
    let overtaking = async {
        read::invalidate(1).await;
        read::put(2, NEW).await;
    };
    toolkit.scope(overtaking).await;
    READ_GATE.add_permits(1);
    for (load, id) in loads.into_iter().zip(1..) {
        assert_eq!(ends(load).await.unwrap(), OLD + 10 * id);
    }
    assert_eq!(toolkit.scope(read(1)).await, NEW + 10);
    assert_eq!(toolkit.scope(read(2)).await, NEW);
}
