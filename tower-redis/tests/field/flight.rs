//! Many who ask at once.

use std::convert::Infallible;
use std::sync::Arc;

use tests::eventually_async;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tower_redis::cache::Cache;
use tower_redis::{Toolkit, cached};

use super::support::{Runs, ends, misses, pass, turned_by_hand};

const TASKS: usize = 50;

/// So many tasks of `toolkit` that each make the call, and all of which have found nothing.
async fn ask<F>(
    toolkit: &Toolkit,
    tasks: usize,
    call: impl Fn(usize) -> F,
) -> Vec<JoinHandle<F::Output>>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let before = misses(toolkit);
    let asking = (0..tasks).map(|task| tokio::spawn(toolkit.scope(call(task))));
    let asking = asking.collect();
    let all = before + tasks as u64;
    eventually_async("all of them ask", || async { misses(toolkit) == all }).await;
    asking
}

async fn answers<T>(asking: Vec<JoinHandle<T>>) -> Vec<T> {
    let mut answers = Vec::new();
    for task in asking {
        answers.push(ends(task).await.unwrap());
    }
    answers
}

static COLD: Runs = Runs::new();
static COLD_GATE: Semaphore = Semaphore::const_new(0);

#[cached(ttl = 60)]
async fn cold(id: u64) -> u64 {
    let _run = COLD.begin();
    pass(&COLD_GATE).await;
    id * 2
}

/// Elsewhere: 50 runs.
#[tokio::test]
async fn x1_fifty_tasks_that_ask_for_one_cold_key_run_the_function_once() {
    let (_, toolkit) = turned_by_hand();
    let asking = ask(&toolkit, TASKS, |_| cold(21)).await;
    COLD_GATE.add_permits(1);
    assert_eq!(answers(asking).await, [42; TASKS]);
    assert_eq!(COLD.begun(), 1);
}

/// The same without a macro.
#[tokio::test]
async fn x1_fifty_tasks_that_ask_a_cache_for_one_cold_key_load_once() {
    static RUNS: Runs = Runs::new();
    static GATE: Semaphore = Semaphore::const_new(0);
    let (_, toolkit) = turned_by_hand();
    let cache: Cache<u64, u64> = toolkit.cache("numbers").build().unwrap();
    let asking = ask(&toolkit, TASKS, |_| {
        let cache = cache.clone();
        async move {
            let load = || async {
                let _run = RUNS.begin();
                pass(&GATE).await;
                Ok::<_, Infallible>(42)
            };
            cache.get_or_load(&21, load).await.unwrap()
        }
    })
    .await;
    GATE.add_permits(1);
    assert_eq!(answers(asking).await, [42; TASKS]);
    assert_eq!(RUNS.begun(), 1);
}

static LED: Runs = Runs::new();
static LED_GATE: Semaphore = Semaphore::const_new(0);

/// What it is given, it owns, so its load is a task of its own.
#[cached(ttl = 60)]
async fn led(panics: bool) -> usize {
    let run = LED.count();
    pass(&LED_GATE).await;
    assert!(!panics || run > 1, "the first one's own fault");
    run
}

struct Db;

static LENT: Runs = Runs::new();
static LENT_GATE: Semaphore = Semaphore::const_new(0);

/// What it is given, it cannot own, so its load is a part of its caller.
#[cached(ttl = 60, skip(_db))]
async fn lent(_db: &Db, panics: bool) -> usize {
    let run = LENT.count();
    pass(&LENT_GATE).await;
    assert!(!panics || run > 1, "the first one's own fault");
    run
}

/// One who loads, and one who waits for it.
async fn two<F>(toolkit: &Toolkit, call: impl Fn() -> F) -> [JoinHandle<usize>; 2]
where
    F: Future<Output = usize> + Send + 'static,
{
    let mut both = ask(toolkit, 1, |_| call()).await;
    both.extend(ask(toolkit, 1, |_| call()).await);
    both.try_into().unwrap()
}

/// Elsewhere: who waits, waits for ever.
#[tokio::test]
async fn x2_who_waits_for_a_leader_that_is_aborted_is_answered() {
    let (_, toolkit) = turned_by_hand();
    let [leader, waiter] = two(&toolkit, || led(false)).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    LED_GATE.add_permits(1);
    assert_eq!(
        ends(waiter).await.unwrap(),
        1,
        "the load goes on without it"
    );

    let [leader, waiter] = two(&toolkit, || async { lent(&Db, false).await }).await;
    leader.abort();
    assert!(leader.await.unwrap_err().is_cancelled());
    LENT_GATE.add_permits(1);
    assert_eq!(
        ends(waiter).await.unwrap(),
        2,
        "it runs the function itself"
    );
}

/// Elsewhere: the same.
#[tokio::test]
async fn x2_who_waits_for_a_leader_that_panics_is_answered() {
    static DETACHED: (Runs, Semaphore) = (Runs::new(), Semaphore::const_new(0));
    static INLINE: (Runs, Semaphore) = (Runs::new(), Semaphore::const_new(0));

    #[cached]
    async fn detached() -> usize {
        let run = DETACHED.0.count();
        pass(&DETACHED.1).await;
        assert!(run > 1, "the first one's own fault");
        run
    }

    #[cached(skip(_db))]
    async fn inline(_db: &Db) -> usize {
        let run = INLINE.0.count();
        pass(&INLINE.1).await;
        assert!(run > 1, "the first one's own fault");
        run
    }

    let (_, toolkit) = turned_by_hand();
    let [leader, waiter] = two(&toolkit, detached).await;
    DETACHED.1.add_permits(1);
    assert!(ends(leader).await.unwrap_err().is_panic());
    assert_eq!(ends(waiter).await.unwrap(), 2);

    let [leader, waiter] = two(&toolkit, || async { inline(&Db).await }).await;
    INLINE.1.add_permits(1);
    assert!(ends(leader).await.unwrap_err().is_panic());
    assert_eq!(ends(waiter).await.unwrap(), 2);
}

static FAILING: Runs = Runs::new();
static FAILING_GATE: Semaphore = Semaphore::const_new(0);

#[cached(ttl = 60)]
async fn failing(id: u64) -> Result<u64, String> {
    let _run = FAILING.begin();
    pass(&FAILING_GATE).await;
    Err(format!("no {id}"))
}

/// Elsewhere: 50 runs, one after the other, or 49 at once.
#[tokio::test]
async fn x4_fifty_tasks_share_the_error_of_one_run() {
    let (_, toolkit) = turned_by_hand();
    let asking = ask(&toolkit, TASKS, |_| failing(7)).await;
    FAILING_GATE.add_permits(1);
    for answer in answers(asking).await {
        assert_eq!(answer, Err("no 7".to_owned()));
    }
    assert_eq!(FAILING.begun(), 1);
    assert_eq!(toolkit.scope(failing(7)).await, Err("no 7".to_owned()));
    assert_eq!(FAILING.begun(), 2, "an error is not kept");
}

#[tokio::test]
async fn x4_fifty_tasks_that_ask_a_cache_share_the_error_of_one_load() {
    static RUNS: Runs = Runs::new();
    static GATE: Semaphore = Semaphore::const_new(0);
    #[derive(Debug, PartialEq)]
    struct Boom;

    let (_, toolkit) = turned_by_hand();
    let cache: Cache<u64, u64> = toolkit.cache("numbers").build().unwrap();
    let asking = ask(&toolkit, TASKS, |_| {
        let cache = cache.clone();
        async move {
            let load = || async {
                let _run = RUNS.begin();
                pass(&GATE).await;
                Err(Boom)
            };
            cache.get_or_load(&21, load).await.unwrap_err()
        }
    })
    .await;
    GATE.add_permits(1);
    let errors = answers(asking).await;
    assert!(errors.iter().all(|error| Arc::ptr_eq(error, &errors[0])));
    assert_eq!(RUNS.begun(), 1);
}

/// An error that nothing can be shared of.
#[derive(Debug)]
struct Opaque;

static OPAQUE: Runs = Runs::new();
static OPAQUE_FIRST: Semaphore = Semaphore::const_new(0);
static OPAQUE_OTHERS: Semaphore = Semaphore::const_new(0);

#[cached(ttl = 60)]
async fn opaque() -> Result<u64, Opaque> {
    let run = OPAQUE.begin();
    let gate = if OPAQUE.begun() == 1 {
        &OPAQUE_FIRST
    } else {
        &OPAQUE_OTHERS
    };
    pass(gate).await;
    drop(run);
    Err(Opaque)
}

/// Neither one after the other nor all at once.
#[tokio::test]
async fn x4_an_error_that_cannot_be_shared_lets_a_few_run_at_a_time() {
    let (_, toolkit) = turned_by_hand();
    let asking = ask(&toolkit, TASKS, |_| opaque()).await;
    OPAQUE_FIRST.add_permits(1);
    eventually_async("some of the others run", || async { OPAQUE.begun() > 4 }).await;
    OPAQUE_OTHERS.add_permits(1);
    assert!(answers(asking).await.iter().all(Result::is_err));
    assert_eq!(OPAQUE.begun(), TASKS);
    assert_eq!(OPAQUE.most(), 4);
}

const KEYS: usize = 128;

static SLOW: Runs = Runs::new();
static SLOW_GATE: Semaphore = Semaphore::const_new(0);

#[cached(ttl = 60)]
async fn slow(id: usize) -> usize {
    let _run = SLOW.begin();
    pass(&SLOW_GATE).await;
    id
}

/// Elsewhere: as many as there are locks, or one.
#[tokio::test]
async fn x5_the_loads_of_different_keys_are_all_under_way_at_once() {
    let (_, toolkit) = turned_by_hand();
    let asking = ask(&toolkit, KEYS, slow).await;
    eventually_async("all of them run", || async { SLOW.begun() == KEYS }).await;
    SLOW_GATE.add_permits(1);
    assert_eq!(answers(asking).await, Vec::from_iter(0..KEYS));
    assert_eq!(SLOW.most(), KEYS);
}

/// As many threads as the keys of the experiment that locked a whole cache.
#[test]
fn x5_a_function_that_is_not_async_runs_for_all_of_them_at_once_too() {
    const THREADS: usize = 20;
    static RUNS: Runs = Runs::new();

    #[cached(ttl = 60)]
    fn meets_all_others(id: usize) -> usize {
        let run = RUNS.begin();
        tests::eventually("all the others run", || RUNS.begun() == THREADS);
        drop(run);
        id
    }

    let threads = (0..THREADS).map(|id| std::thread::spawn(move || meets_all_others(id)));
    for (id, thread) in Vec::from_iter(threads).into_iter().enumerate() {
        assert_eq!(thread.join().unwrap(), id);
    }
    assert_eq!(RUNS.begun(), THREADS);
}
