//! Users with few rights, and those with none.

use redis::Value;
use tests::{RedisOptions, RedisServer};

use super::{LONG, ping, wire_to};
use crate::wire::lane::Lane;
use crate::wire::op::Op;

fn url(server: &RedisServer, user: &str) -> String {
    format!("redis+unix://{}?{user}", server.socket().display())
}

#[tokio::test]
async fn a_password_that_is_wrong_or_missing_is_told_without_it() {
    let server = RedisOptions::new().password("hunter2").start();
    for (user, expected) in [
        (
            "pass=hunter3",
            "Redis cannot be used: user name or password are wrong",
        ),
        (
            "user=joe&pass=hunter2",
            "Redis cannot be used: user name or password are wrong",
        ),
        (
            "",
            "Redis cannot be used: it wants a password and none is set",
        ),
        (
            "db=3",
            "Redis cannot be used: it wants a password and none is set",
        ),
    ] {
        let wire = wire_to(&url(&server, user), LONG);
        for lane in [Lane::Cache, Lane::Control] {
            let error = wire.one(lane, ping()).await.unwrap_err();
            assert!(error.is_unavailable());
            assert_eq!(error.to_string(), expected, "{user}");
        }
        let shown = format!("{wire:?} {:?}", wire.state());
        assert!(
            !shown.contains("hunter") && !shown.contains("joe"),
            "{shown}"
        );
    }
    let wire = wire_to(&url(&server, "pass=hunter2"), LONG);
    wire.one(Lane::Cache, ping()).await.unwrap();
}

#[tokio::test]
async fn a_user_needs_no_right_but_those_to_what_is_asked() {
    let server = RedisOptions::new()
        .user("joe on >hunter2 ~shop:* &* -@all +get +set +select")
        .start();
    let wire = wire_to(&url(&server, "user=joe&pass=hunter2&db=5"), LONG);
    let set = Op::command("SET", b"shop:1").arg("v");
    assert_eq!(wire.one(Lane::Cache, set).await.unwrap(), Value::Okay);
    // it may not ask for the time
    assert_eq!(wire.server_now(), None);
    let ops = vec![
        Op::command("GET", b"shop:1"),
        Op::command("GET", b"hunter2"),
        Op::command("INCR", b"shop:1"),
    ];
    let answers = wire.batch(Lane::Cache, ops).await.unwrap();
    assert_eq!(
        answers[0].as_ref().unwrap(),
        &Value::BulkString(b"v".to_vec())
    );
    for (answer, command) in answers[1..].iter().zip(["GET", "INCR"]) {
        let error = answer.as_ref().unwrap_err();
        assert!(error.is_refused());
        assert_eq!(
            error.to_string(),
            format!(
                "Redis refused {command}: NOPERM (its user lacks the right to the command, the key or \
                 the channel)"
            )
        );
    }
    assert_eq!(wire.state().away, None);
}

#[tokio::test]
async fn a_database_is_the_one_that_was_named() {
    let server = RedisOptions::new().open().start();
    let wire = wire_to(&url(&server, "db=3"), LONG);
    let set = Op::command("SET", b"k").arg("v");
    wire.one(Lane::Cache, set).await.unwrap();
    let mut client = server.client();
    assert_eq!(client.call(&["EXISTS", "k"]).int(), 0);
    client.call(&["SELECT", "3"]);
    assert_eq!(client.call(&["EXISTS", "k"]).int(), 1);
    let wire = wire_to(&url(&server, "db=99"), LONG);
    let error = wire.one(Lane::Cache, ping()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Redis cannot be used: the database number was refused"
    );
}
