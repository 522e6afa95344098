//! What is kept of an answer, and who gets what is not.

use std::error::Error as StdError;
use std::future::Future;
use std::io;

use tokio::sync::Semaphore;
use tower_redis::cache::Shared;
use tower_redis::cached;

use super::support::{Runs, eventually};

type Fallible<T> = Result<T, String>;
type Perhaps = Option<u64>;

static ALIAS: Runs = Runs::new();

#[cached]
async fn alias(id: u64) -> Fallible<u64> {
    if ALIAS.count() == 1 {
        return Err("boom".to_owned());
    }
    Ok(id)
}

#[tokio::test]
async fn an_error_is_not_kept_behind_an_alias_either() {
    assert_eq!(alias(1).await, Err("boom".to_owned()));
    assert_eq!(alias(1).await, Ok(1));
    assert_eq!(alias(1).await, Ok(1));
    assert_eq!(ALIAS.so_far(), 2);
}

static PERHAPS: Runs = Runs::new();

#[cached]
async fn perhaps(id: u64) -> Perhaps {
    (PERHAPS.count() > 1).then_some(id)
}

#[tokio::test]
async fn a_none_is_not_kept() {
    assert_eq!(perhaps(1).await, None);
    assert_eq!(perhaps::peek(1).await, None);
    assert_eq!(perhaps(1).await, Some(1));
    assert_eq!(perhaps(1).await, Some(1));
    assert_eq!(perhaps::peek(1).await, Some(Some(1)));
    assert_eq!(PERHAPS.so_far(), 2);
}

static INNER: Runs = Runs::new();

#[cached]
async fn ok_of_none(id: u64) -> Result<Option<u64>, String> {
    let _ = id;
    INNER.count();
    Ok(None)
}

#[tokio::test]
async fn an_ok_is_kept_whatever_is_in_it() {
    assert_eq!(ok_of_none(1).await, Ok(None));
    assert_eq!(ok_of_none(1).await, Ok(None));
    assert_eq!(INNER.so_far(), 1);
}

/// Ten calls at a time, of which the first fails while the others wait: what they all got.
async fn together<T: Send + 'static, F>(
    call: impl Fn() -> F,
    runs: &'static Runs,
    gate: &'static Semaphore,
    waiting: impl Fn() -> bool,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let calls: Vec<_> = (0..10).map(|_| tokio::spawn(call())).collect();
    eventually(|| runs.so_far() == 1 && waiting()).await;
    gate.add_permits(1);
    let mut all = Vec::new();
    for call in calls {
        all.push(call.await.unwrap());
    }
    all
}

macro_rules! failing {
    ($name:ident, $gate:ident, $runs:ident, $returns:ty, $answer:expr) => {
        static $gate: Semaphore = Semaphore::const_new(0);
        static $runs: Runs = Runs::new();

        #[cached]
        async fn $name() -> $returns {
            $runs.count();
            let _pass = $gate.acquire().await.unwrap();
            $answer
        }
    };
}

/// A clone of this counts as a call of its own.
static STARTED: Runs = Runs::new();

failing!(
    cloned,
    CLONED_GATE,
    CLONED,
    Fallible<u8>,
    Err("boom".to_owned())
);
failing!(nothing, NOTHING_GATE, NOTHING, Option<u8>, None);
failing!(
    kinds,
    KINDS_GATE,
    KINDS,
    io::Result<u8>,
    Err(io::Error::new(io::ErrorKind::NotFound, "gone"))
);
failing!(
    any,
    ANY_GATE,
    ANY,
    anyhow::Result<u8>,
    Err(anyhow::anyhow!("root").context("outer"))
);
failing!(
    boxed,
    BOXED_GATE,
    BOXED,
    Result<u8, Box<dyn StdError + Send + Sync>>,
    Err("boom".into())
);

/// Starts a call that is known to wait once it has been polled.
fn polled<F: Future>(call: F, started: &'static Runs) -> impl Future<Output = F::Output> {
    let mut call = Box::pin(call);
    let mut first = true;
    std::future::poll_fn(move |cx| {
        let poll = call.as_mut().poll(cx);
        if std::mem::take(&mut first) {
            started.count();
        }
        poll
    })
}

macro_rules! shared {
    ($name:ident, $gate:ident, $runs:ident) => {{
        static STARTED: Runs = Runs::new();
        let call = || polled($name(), &STARTED);
        let all = together(call, &$runs, &$gate, || STARTED.so_far() == 10).await;
        assert_eq!($runs.so_far(), 1, "the function ran once for all");
        all
    }};
}

#[tokio::test]
async fn an_error_that_can_be_cloned_reaches_everybody() {
    for answer in shared!(cloned, CLONED_GATE, CLONED) {
        assert_eq!(answer, Err("boom".to_owned()));
    }
}

#[tokio::test]
async fn a_none_reaches_everybody() {
    for answer in shared!(nothing, NOTHING_GATE, NOTHING) {
        assert_eq!(answer, None);
    }
}

#[tokio::test]
async fn an_io_error_reaches_everybody_with_its_kind() {
    for answer in shared!(kinds, KINDS_GATE, KINDS) {
        assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn an_anyhow_error_reaches_everybody_as_the_source() {
    for answer in shared!(any, ANY_GATE, ANY) {
        let error = answer.unwrap_err();
        assert!(error.is::<Shared>());
        assert_eq!(error.root_cause().to_string(), "root");
    }
}

#[tokio::test]
async fn a_boxed_error_reaches_everybody_as_the_source() {
    for answer in shared!(boxed, BOXED_GATE, BOXED) {
        let error = answer.unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), "boom");
    }
}

#[derive(Debug)]
struct Opaque;

static OPAQUE: Runs = Runs::new();
static OPAQUE_GATE: Semaphore = Semaphore::const_new(0);

#[cached]
async fn opaque() -> Result<u8, Opaque> {
    OPAQUE.count();
    let _pass = OPAQUE_GATE.acquire().await.unwrap();
    Err(Opaque)
}

#[tokio::test]
async fn an_error_that_cannot_be_shared_makes_everybody_load() {
    let call = || polled(opaque(), &STARTED);
    let all = together(call, &OPAQUE, &OPAQUE_GATE, || STARTED.so_far() == 10).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(OPAQUE.so_far(), 10);
}
