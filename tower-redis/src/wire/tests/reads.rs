//! Reads that go together, against a real server.

use std::collections::BTreeMap;
use std::future::Future;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use proptest::prelude::*;
use redis::Value;
use tests::{Proxy, RedisOptions, RedisServer, Target, eventually_async};
use tokio::runtime::{Builder, Runtime};

use super::{LONG, SHORT, executed, ping, wire, wire_to};
use crate::clock::Clock;
use crate::config::RedisSettings;
use crate::wire::handle::Wire;
use crate::wire::lane::Lane;
use crate::wire::read::Read;
use crate::wire::timing::SILENT_CALLS;

fn bytes(text: &str) -> Value {
    Value::BulkString(text.as_bytes().to_vec())
}

fn keys(of: impl IntoIterator<Item = usize>) -> Vec<Bytes> {
    let key = |n: usize| Bytes::from(format!("k{n}"));
    of.into_iter().map(key).collect()
}

/// Asks for all at once.
async fn read_all(wire: &Wire, keys: &[Bytes]) -> Vec<Result<Value, crate::error::Error>> {
    let reads = keys.iter().map(|key| wire.read(Lane::Cache, key));
    let all = join_all(reads).await.into_iter();
    let value = |read| match read {
        Read::Alone(value) | Read::Among(value) => value,
    };
    all.map(|read| read.map(value)).collect()
}

/// A server in which there is `v{n}` under `k{n}`.
fn filled(n: usize) -> RedisServer {
    let server = RedisServer::start();
    let mut client = server.client();
    for n in 0..n {
        client.call(&["SET", &format!("k{n}"), &format!("v{n}")]);
    }
    server
}

#[tokio::test]
async fn one_alone_is_a_get_and_those_at_once_are_one_command() {
    let server = filled(40);
    server.cli(&["DEL", "k20", "k21"]);
    server.cli(&["LPUSH", "k20", "x"]);
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), LONG);
    let [key] = &keys([7])[..] else { panic!() };
    let alone = wire.read(Lane::Cache, key).await.unwrap();
    assert_eq!(alone, Read::Alone(bytes("v7")));
    let before = proxy.counts();
    let keys = keys(0..40);
    let told = read_all(&wire, &keys).await;
    let since = proxy.counts().since(&before);
    assert_eq!((since.command("MGET"), since.all_commands()), (1, 1));
    assert_eq!(since.round_trips, 1);
    for (n, told) in told.into_iter().enumerate() {
        let expected = match n {
            // what is no string is nothing among others
            20 | 21 => Value::Nil,
            n => bytes(&format!("v{n}")),
        };
        assert_eq!(told.unwrap(), expected, "{n}");
    }
    // asked for by itself it is told
    let error = wire.read(Lane::Cache, &keys[20]).await.unwrap_err();
    assert!(error.is_refused(), "{error}");
    assert_eq!(
        error.to_string(),
        "Redis refused GET: WRONGTYPE (the key holds something that is not a string)"
    );
    // each is a call
    let state = wire.state();
    assert_eq!((state.operations, state.timeouts), (1 + 40 + 1, 0));
}

#[tokio::test]
async fn what_the_server_refuses_to_one_is_refused_to_that_one() {
    let server = RedisOptions::new()
        .user("default on nopass ~* +@all")
        .user("joe on >hunter2 ~k* -@all +get +mget")
        .start();
    for key in ["k0", "k1", "other"] {
        server.cli(&["SET", key, key]);
    }
    let socket = server.socket();
    let url = format!("redis+unix://{}?user=joe&pass=hunter2", socket.display());
    let wire = wire_to(&url, LONG);
    let keys = ["k0", "other", "k1"].map(Bytes::from);
    for _ in 0..3 {
        let told = read_all(&wire, &keys).await;
        assert_eq!(told[0].as_ref().unwrap(), &bytes("k0"));
        assert!(told[1].as_ref().unwrap_err().is_refused());
        assert_eq!(told[2].as_ref().unwrap(), &bytes("k1"));
    }
}

#[tokio::test]
async fn who_leaves_takes_nobody_with_it() {
    let server = filled(64);
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), LONG);
    wire.one(Lane::Cache, ping()).await.unwrap();
    proxy.hold();
    let all = keys(0..64);
    let tasks: Vec<_> = all
        .iter()
        .map(|key| {
            let (wire, key) = (wire.clone(), key.clone());
            tokio::spawn(async move { wire.read(Lane::Cache, &key).await })
        })
        .collect();
    eventually_async("all have asked", || async {
        wire.state().operations == 1 + 64
    })
    .await;
    for task in tasks.iter().step_by(2) {
        task.abort();
    }
    proxy.restore();
    for (n, task) in tasks.into_iter().enumerate() {
        match task.await {
            Ok(read) => assert_eq!(read.unwrap(), Read::Among(bytes(&format!("v{n}")))),
            Err(error) => assert!(error.is_cancelled() && n % 2 == 0),
        }
    }
}

#[tokio::test]
async fn a_connection_that_breaks_repeats_all_that_were_asked_for_on_it() {
    let server = filled(64);
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), LONG);
    wire.one(Lane::Cache, ping()).await.unwrap();
    proxy.delay(Duration::ZERO, Duration::from_secs(60));
    let before = proxy.counts().replies;
    let all = keys(0..64);
    let asking = tokio::spawn({
        let (wire, all) = (wire.clone(), all.clone());
        async move { read_all(&wire, &all).await }
    });
    eventually_async("they were read, and the answer is held back", || async {
        proxy.counts().command("MGET") == 1 && proxy.counts().replies > before
    })
    .await;
    proxy.restore();
    proxy.cut();
    for (n, told) in asking.await.unwrap().into_iter().enumerate() {
        assert_eq!(told.unwrap(), bytes(&format!("v{n}")));
    }
    let state = wire.state();
    assert_eq!((state.operations, state.timeouts), (1 + 2 * 64, 64));
    assert_eq!(state.losses, 1);
}

#[tokio::test]
async fn where_nothing_is_repeated_those_on_a_broken_connection_are_told() {
    let server = filled(3);
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let mut settings = RedisSettings::of(&proxy.url(), LONG);
    settings.retry_on_timeout = false;
    let wire = Wire::new(&settings, &Clock::system());
    wire.one(Lane::Cache, ping()).await.unwrap();
    proxy.hold();
    let all = keys(0..3);
    let asking = tokio::spawn({
        let wire = wire.clone();
        async move { read_all(&wire, &all).await }
    });
    eventually_async("all have asked", || async {
        wire.state().operations == 1 + 3
    })
    .await;
    proxy.restore();
    proxy.cut();
    for told in asking.await.unwrap() {
        if let Err(error) = told {
            assert!(error.is_timeout(), "{error}");
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_by_those_who_asked_together() {
    let mut server = filled(8);
    let wire = wire_to(&server.url(), SHORT);
    eventually_async("a call is answered", || wire.one(Lane::Cache, ping())).await;
    server.pause();
    let before = wire.state();
    let all = keys(0..SILENT_CALLS as usize);
    for told in read_all(&wire, &all).await {
        let error = told.unwrap_err();
        assert!(error.is_timeout(), "{error}");
    }
    let state = wire.state();
    assert_eq!(state.timeouts - before.timeouts, u64::from(SILENT_CALLS));
    assert_eq!(state.away.map(|(why, _)| why), Some("it does not answer"));
    for told in read_all(&wire, &all).await {
        assert!(told.unwrap_err().is_unavailable());
    }
    server.resume();
    eventually_async("they are answered again", || async {
        read_all(&wire, &all)
            .await
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    })
    .await;
}

#[tokio::test]
async fn a_large_value_comes_whole_and_few_go_with_the_next() {
    let server = filled(100);
    let large = "x".repeat(8 << 20);
    server.client().call(&["SET", "k50", &large]);
    let wire = wire(&server);
    let all = keys(0..100);
    let of = |n: usize| match n {
        50 => bytes(&large),
        n => bytes(&format!("v{n}")),
    };
    for _ in 0..2 {
        for (n, told) in read_all(&wire, &all).await.into_iter().enumerate() {
            assert!(told.unwrap() == of(n), "{n}");
        }
    }
    assert!(
        executed(&server, "get") > 0,
        "all hundred went together again"
    );
}

#[tokio::test]
async fn reads_that_nobody_polls_again_hold_up_nobody() {
    let server = filled(1);
    let wire = wire(&server);
    let [key] = &keys([0])[..] else { panic!() };
    wire.read(Lane::Cache, key).await.unwrap();
    let mut left: Vec<_> = (0..200)
        .map(|_| Box::pin(wire.read(Lane::Cache, key)))
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    for read in &mut left {
        assert!(read.as_mut().poll(&mut context).is_pending());
    }
    for _ in 0..200 {
        wire.read(Lane::Cache, key).await.unwrap();
    }
    drop(left);
}

#[tokio::test]
async fn a_read_is_hardly_larger_than_a_call() {
    let server = filled(1);
    let wire = wire(&server);
    let [key] = &keys([0])[..] else { panic!() };
    let read = size_of_val(&wire.read(Lane::Cache, key));
    let one = size_of_val(&wire.one(Lane::Cache, ping()));
    assert!(read <= one, "{read} bytes, and {one} of a call");
}

fn runtimes() -> [Runtime; 2] {
    let multi = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let current = Builder::new_current_thread().enable_all().build();
    [multi.unwrap(), current.unwrap()]
}

/// What one of those does who read at once.
#[derive(Debug, Clone)]
struct Reader {
    /// One after the other; those above what there is are missing.
    keys: Vec<usize>,
    /// Leaves in the middle of this one, after so many polls.
    leaves: Option<(usize, usize)>,
    /// Lets others run before each.
    yields: usize,
}

fn reader() -> impl Strategy<Value = Reader> {
    let keys = prop::collection::vec(0..60_usize, 1..12);
    let leaves = prop::option::of((0..12_usize, 1..4_usize));
    (keys, leaves, 0..3_usize).prop_map(|(keys, leaves, yields)| Reader {
        keys,
        leaves,
        yields,
    })
}

/// Polls `future` so often at most.
async fn polled<F: Future>(future: F, mut times: usize) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending => {
            times -= 1;
            match times {
                0 => std::task::Poll::Ready(None),
                _ => std::task::Poll::Pending,
            }
        }
    })
    .await
}

/// However many read, write beside it, leave and come back: nobody gets another one's value.
#[test]
fn nobody_gets_the_value_of_another_key() {
    let server = filled(0);
    let mut client = server.client();
    for n in 0..50 {
        // of many lengths, and none the beginning of another
        client.call(&[
            "SET",
            &format!("k{n}"),
            &format!("{}=k{n};", "x".repeat(n * n)),
        ]);
    }
    let runtimes = runtimes();
    let wire = wire(&server);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(64));
    let readers = prop::collection::vec(reader(), 1..80);
    let outcome = runner.run(&readers, |readers| {
        for runtime in &runtimes {
            let tasks: Vec<_> = readers
                .iter()
                .map(|reader| {
                    let (wire, reader) = (wire.clone(), reader.clone());
                    runtime.spawn(async move { wrong(&wire, reader).await })
                })
                .collect();
            let wrong = runtime.block_on(join_all(tasks));
            let wrong: BTreeMap<_, _> = wrong.into_iter().flat_map(Result::unwrap).collect();
            prop_assert!(wrong.is_empty(), "{wrong:?}");
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(executed(&server, "mget") > 0);
}

/// What `reader` was told that is not so.
async fn wrong(wire: &Wire, reader: Reader) -> Vec<(usize, String)> {
    let mut wrong = Vec::new();
    for (at, n) in reader.keys.iter().copied().enumerate() {
        for _ in 0..reader.yields {
            tokio::task::yield_now().await;
        }
        let key = Bytes::from(format!("k{n}"));
        let read = wire.read(Lane::Cache, &key);
        let read = match reader.leaves {
            Some((leaves, polls)) if leaves == at => polled(read, polls).await,
            _ => Some(read.await),
        };
        let expected = match n {
            0..50 => bytes(&format!("{}=k{n};", "x".repeat(n * n))),
            _ => Value::Nil,
        };
        match read {
            None => {}
            Some(Ok(Read::Alone(value) | Read::Among(value))) if value == expected => {}
            Some(other) => wrong.push((n, format!("{other:?}"))),
        }
    }
    wrong
}
