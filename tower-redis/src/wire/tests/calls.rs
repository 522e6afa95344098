//! What is sent, what comes back, and what is done once.

use std::future::Future;
use std::task::{Context, Waker};
use std::time::Duration;

use redis::Value;
use tests::{Proxy, RedisServer, Target, eventually, eventually_async};

use super::{LONG, SHORT, executed, ping, pong, wire, wire_to};
use crate::wire::lane::Lane;
use crate::wire::op::Op;
use crate::wire::script::Script;

#[tokio::test]
async fn a_call_is_answered() {
    let server = RedisServer::start();
    let wire = wire(&server);
    let set = Op::command("SET", b"k").arg("v");
    assert_eq!(wire.one(Lane::Cache, set).await.unwrap(), Value::Okay);
    let get = Op::command("GET", b"k").read();
    assert_eq!(
        wire.one(Lane::Control, get).await.unwrap(),
        Value::BulkString(b"v".to_vec())
    );
    let there = wire.server_now().unwrap();
    let reply = server.cli(&["TIME"]);
    let seconds: u64 = reply.items()[0].text().parse().unwrap();
    let apart = there.abs_diff(Duration::from_secs(seconds));
    assert!(apart < Duration::from_secs(5), "{apart:?}");
    let state = wire.state();
    assert!(state.seen);
    assert_eq!((state.away, state.operations, state.timeouts), (None, 2, 0));
}

#[tokio::test]
async fn a_batch_is_one_round_trip_and_each_answer_stands_for_itself() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), LONG);
    assert_eq!(wire.one(Lane::Cache, ping()).await.unwrap(), pong());
    let before = proxy.counts();
    let ops = vec![
        Op::command("SET", b"k").arg("v"),
        Op::command("LPUSH", b"k").arg("x"),
        Op::command("GET", b"k"),
    ];
    let answers = wire.batch(Lane::Cache, ops).await.unwrap();
    assert_eq!(proxy.counts().since(&before).round_trips, 1);
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0].as_ref().unwrap(), &Value::Okay);
    let refused = answers[1].as_ref().unwrap_err();
    assert!(refused.is_refused());
    assert_eq!(
        refused.to_string(),
        "Redis refused LPUSH: WRONGTYPE (the key holds something that is not a string)"
    );
    let value = Value::BulkString(b"v".to_vec());
    assert_eq!(answers[2].as_ref().unwrap(), &value);
    assert!(wire.batch(Lane::Cache, vec![]).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_the_scripts_a_server_did_not_know_are_sent_again() {
    static ADD: Script = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    static SUB: Script = Script::new("return redis.call('DECRBY', KEYS[1], ARGV[1])");
    let server = RedisServer::start();
    let wire = wire(&server);
    // known before the batch, so that one script is known and one is not
    let one = wire.one(Lane::Control, Op::script(&ADD, &[b"b"]).arg(0));
    assert_eq!(one.await.unwrap(), Value::Int(0));
    for (round, sent_in_full) in [(1, 2), (2, 0), (3, 3)] {
        let before = executed(&server, "eval");
        let ops = vec![
            Op::command("INCR", b"a"),
            Op::script(&ADD, &[b"b"]).arg(7),
            Op::script(&SUB, &[b"b"]).arg(1),
            Op::script(&SUB, &[b"b"]).arg(1),
        ];
        let answers = wire.batch(Lane::Control, ops).await.unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let number = |key| server.cli(&["GET", key]).text();
        assert_eq!(number("a"), round.to_string());
        assert_eq!(number("b"), (5 * round).to_string());
        assert_eq!(executed(&server, "eval") - before, sent_in_full);
        if round == 2 {
            server.cli(&["SCRIPT", "FLUSH"]);
        }
    }
    server.cli(&["SCRIPT", "FLUSH"]);
    let one = wire.one(Lane::Control, Op::script(&ADD, &[b"b"]).arg(1));
    assert_eq!(one.await.unwrap(), Value::Int(16));
}

#[tokio::test]
async fn a_write_that_got_no_answer_is_unknown_counted_and_never_repeated() {
    let mut server = RedisServer::start();
    let wire = wire_to(&server.url(), SHORT);
    eventually_async("the first call is answered", || {
        wire.one(Lane::Control, ping())
    })
    .await;
    let before = wire.state();
    server.pause();
    let error = wire
        .one(Lane::Control, Op::command("INCR", b"n"))
        .await
        .unwrap_err();
    server.resume();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(
        error.to_string(),
        "Redis did not answer INCR in time; it may have done it, or may still do it"
    );
    let state = wire.state();
    assert_eq!(state.timeouts - before.timeouts, 1);
    assert_eq!(state.operations - before.operations, 1);
    eventually("the late write is executed", || {
        executed(&server, "incr") == 1
    });
    eventually_async("calls are answered again", || {
        wire.one(Lane::Control, ping())
    })
    .await;
    assert_eq!(executed(&server, "incr"), 1);
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_a_write_unknown_and_repeats_a_read() {
    let server = RedisServer::start();
    server.cli(&["SET", "k", "v"]);
    for (op, is_read) in [
        (Op::command("GET", b"k").read(), true),
        (Op::command("INCR", b"n"), false),
    ] {
        // one that has lost nothing yet: no probe is answered meanwhile
        let proxy = Proxy::before(Target::Unix(server.socket()));
        let wire = wire_to(&proxy.url(), LONG);
        wire.one(Lane::Cache, ping()).await.unwrap();
        proxy.delay(Duration::ZERO, Duration::from_secs(60));
        let before = proxy.counts().replies;
        let call = tokio::spawn({
            let wire = wire.clone();
            async move { wire.one(Lane::Cache, op).await }
        });
        let name = if is_read { "GET" } else { "INCR" };
        eventually_async("it was executed, and its answer is held back", || async {
            proxy.counts().command(name) == 1 && proxy.counts().replies > before
        })
        .await;
        proxy.restore();
        proxy.cut();
        let answer = call.await.unwrap();
        if is_read {
            assert_eq!(answer.unwrap(), Value::BulkString(b"v".to_vec()));
            assert_eq!(proxy.counts().command("GET"), 2);
        } else {
            let error = answer.unwrap_err();
            assert!(error.is_timeout(), "{error}");
            assert_eq!(
                error.to_string(),
                "the connection to Redis broke before it answered INCR; it may have done it"
            );
            assert_eq!(proxy.counts().command("INCR"), 1);
        }
    }
}

#[tokio::test]
async fn a_large_value_on_one_lane_does_not_delay_the_other() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), LONG);
    wire.one(Lane::Cache, ping()).await.unwrap();
    wire.one(Lane::Control, ping()).await.unwrap();
    eventually_async("each lane has a connection", || async { proxy.open() == 2 }).await;
    assert_eq!(server.info("connected_clients"), "3");
}

/// A call is moved as often as it is awaited by somebody, so its size is a part of its price.
#[tokio::test]
async fn a_call_is_hardly_larger_than_that_of_the_bare_client() {
    let server = RedisServer::start();
    let wire = wire(&server);
    let client = redis::Client::open(server.url()).unwrap();
    let mut bare = client.get_multiplexed_async_connection().await.unwrap();
    let cmd = redis::cmd("PING");
    let bare = size_of_val(&bare.send_packed_command(&cmd));
    let one = size_of_val(&wire.one(Lane::Cache, ping()));
    let batch = size_of_val(&wire.batch(Lane::Cache, vec![ping()]));
    assert!(
        one <= bare + 600,
        "{one} bytes, and {bare} of the bare client"
    );
    assert!(
        batch <= bare + 1_200,
        "{batch} bytes, and {bare} of the bare client"
    );
}

#[tokio::test]
async fn calls_that_nobody_polls_again_hold_up_nobody() {
    let server = RedisServer::start();
    let wire = wire(&server);
    assert_eq!(wire.one(Lane::Cache, ping()).await.unwrap(), pong());
    let mut left: Vec<_> = (0..200)
        .map(|_| Box::pin(wire.one(Lane::Cache, ping())))
        .collect();
    let mut context = Context::from_waker(Waker::noop());
    for call in &mut left {
        let _ = call.as_mut().poll(&mut context);
    }
    for _ in 0..200 {
        assert_eq!(wire.one(Lane::Cache, ping()).await.unwrap(), pong());
    }
    drop(left);
}
