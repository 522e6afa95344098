//! One load for many calls, whatever becomes of the first of them.

use std::time::Duration;

use tokio::sync::Semaphore;
use tower_redis::cached;

use super::support::{Runs, eventually};

static OWNED: Runs = Runs::new();
static OWNED_GATE: Semaphore = Semaphore::const_new(0);

#[cached(ttl = 60)]
async fn owned(id: u64) -> u64 {
    OWNED.count();
    let _pass = OWNED_GATE.acquire().await.unwrap();
    id * 2
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_calls_load_once_and_the_first_may_leave() {
    let first = tokio::spawn(owned(21));
    eventually(|| OWNED.so_far() == 1).await;
    let others: Vec<_> = (0..1_000).map(|_| tokio::spawn(owned(21))).collect();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    OWNED_GATE.add_permits(1);
    for other in others {
        assert_eq!(other.await.unwrap(), 42);
    }
    assert_eq!(OWNED.so_far(), 1);
}

static LENT: Runs = Runs::new();
static LENT_GATE: Semaphore = Semaphore::const_new(0);

#[cached(ttl = 60)]
async fn lent(symbol: &str, parts: &[u8], of: Option<&str>) -> String {
    LENT.count();
    let _pass = LENT_GATE.acquire().await.unwrap();
    format!("{symbol}{parts:?}{of:?}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn borrowed_arguments_are_owned_by_the_load() {
    let call = || async {
        let (symbol, parts) = ("ACME".to_owned(), vec![1, 2]);
        lent(&symbol, &parts, Some(&symbol)).await
    };
    let first = tokio::spawn(call());
    eventually(|| LENT.so_far() == 1).await;
    let others: Vec<_> = (0..1_000).map(|_| tokio::spawn(call())).collect();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    LENT_GATE.add_permits(1);
    for other in others {
        assert_eq!(other.await.unwrap(), "ACME[1, 2]Some(\"ACME\")");
    }
    assert_eq!(LENT.so_far(), 1);
}

static INLINE: Runs = Runs::new();
static INLINE_GATE: Semaphore = Semaphore::const_new(0);

struct Db;

#[cached(ttl = 60, skip(_db))]
async fn inline(_db: &Db, id: u64) -> u64 {
    INLINE.count();
    let _pass = INLINE_GATE.acquire().await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_cannot_be_owned_is_loaded_by_the_next_when_the_first_leaves() {
    let call = || async { inline(&Db, 7).await };
    let first = tokio::spawn(call());
    eventually(|| INLINE.so_far() == 1).await;
    let others: Vec<_> = (0..1_000).map(|_| tokio::spawn(call())).collect();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    eventually(|| INLINE.so_far() == 2).await;
    INLINE_GATE.add_permits(1);
    for other in others {
        assert_eq!(other.await.unwrap(), 7);
    }
    assert_eq!(INLINE.so_far(), 2);
}

#[cached]
async fn not_send(id: u64) -> u64 {
    let here = std::rc::Rc::new(id);
    tokio::task::yield_now().await;
    *here + 1
}

#[tokio::test]
async fn a_load_that_cannot_move_stays_where_it_is() {
    assert_eq!(not_send(1).await, 2);
    assert_eq!(not_send::peek(1).await, Some(2));
}

#[cached]
async fn fib(n: u64) -> u64 {
    if n < 2 {
        n
    } else {
        Box::pin(fib(n - 1)).await + Box::pin(fib(n - 2)).await
    }
}

#[tokio::test]
async fn a_function_that_calls_itself_ends() {
    assert_eq!(fib(60).await, 1_548_008_755_920);
    let elsewhere = tokio::spawn(fib(70));
    assert_eq!(elsewhere.await.unwrap(), 190_392_490_709_135);
}

static DEPTH: Runs = Runs::new();

#[cached]
async fn needs_itself(id: u64) -> usize {
    let depth = DEPTH.count();
    if depth == 1 {
        return Box::pin(needs_itself(id)).await;
    }
    depth
}

#[tokio::test]
async fn a_call_that_needs_its_own_answer_does_not_wait_for_itself() {
    let answer = tokio::time::timeout(Duration::from_secs(20), needs_itself(1)).await;
    assert_eq!(answer.unwrap(), 2);
}

#[cached]
async fn even(n: u64) -> bool {
    let before = async move { n == 0 || Box::pin(odd(n - 1)).await };
    before.await
}

#[cached]
async fn odd(n: u64) -> bool {
    n != 0 && Box::pin(even(n - 1)).await
}

#[tokio::test]
async fn functions_that_call_each_other_end() {
    assert!(even(40).await);
}

#[test]
fn it_works_without_a_runtime() {
    #[cached]
    async fn plain(id: u64) -> u64 {
        id + 1
    }
    assert_eq!(pollster::block_on(plain(1)), 2);
    assert_eq!(pollster::block_on(plain::peek(1)), Some(2));
}
