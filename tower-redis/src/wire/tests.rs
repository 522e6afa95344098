//! The wire against a real server.

mod server;

use std::time::Duration;

use redis::Value;

use super::handle::Wire;
use super::lane::Lane;
use super::op::Op;
use super::script::Script;
use crate::clock::Clock;
use server::Server;

fn wire(server: &Server) -> Wire {
    Wire::new(&server.settings(), &Clock::system()).unwrap()
}

#[tokio::test]
async fn a_call_is_answered() {
    let server = Server::start();
    let wire = wire(&server);
    let set = Op::command("SET", b"k").arg("v");
    assert_eq!(wire.one(Lane::Cache, set).await.unwrap(), Value::Okay);
    let get = Op::command("GET", b"k").read();
    assert_eq!(
        wire.one(Lane::Control, get).await.unwrap(),
        Value::BulkString(b"v".to_vec())
    );
    assert!(wire.server_now().unwrap() > Duration::from_secs(1_700_000_000));
}

#[test]
fn a_call_needs_no_runtime() {
    let server = Server::start();
    let wire = wire(&server);
    let ping = || Op::keyless("PING");
    let pong = Value::SimpleString("PONG".to_owned());
    assert_eq!(
        pollster::block_on(wire.one(Lane::Cache, ping())).unwrap(),
        pong
    );
    let inner = wire.clone();
    let answer = wire.block_on(async move { inner.one(Lane::Cache, ping()).await });
    assert_eq!(answer.unwrap(), pong);
}

#[tokio::test]
async fn unknown_scripts_of_a_batch_are_sent_in_full_and_the_rest_is_not_repeated() {
    static COUNT: Script = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    let server = Server::start();
    let wire = wire(&server);
    for round in 1..=3 {
        let ops = vec![
            Op::command("INCR", b"a"),
            Op::script(&COUNT, &[b"b"]).arg(2),
            Op::command("LPUSH", b"a").arg(1),
            Op::script(&COUNT, &[b"b"]).arg(3),
        ];
        let answers = wire.batch(Lane::Control, ops).await.unwrap();
        let [a, b, c, d] = &answers[..] else {
            panic!("{answers:?}");
        };
        assert_eq!(a.as_ref().unwrap(), &Value::Int(round));
        assert_eq!(b.as_ref().unwrap(), &Value::Int(round * 5 - 3));
        assert!(c.as_ref().unwrap_err().is_refused());
        assert_eq!(d.as_ref().unwrap(), &Value::Int(round * 5));
        if round == 2 {
            let flush = Op::keyless("SCRIPT").arg("FLUSH");
            wire.one(Lane::Cache, flush).await.unwrap();
        }
    }
}
