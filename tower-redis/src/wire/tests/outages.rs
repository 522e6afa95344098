//! A server that goes away, hangs, or is not there at all.

use std::time::Duration;

use tests::{Proxy, RedisOptions, RedisServer, Target, eventually_async};

use super::{LONG, SHORT, executed, ping, pong, wire_to};
use crate::wire::handle::Wire;
use crate::wire::lane::Lane;
use crate::wire::op::Op;
use crate::wire::timing::{HEARTBEAT, SILENT_CALLS};

async fn answers(wire: &Wire) {
    eventually_async("a call is answered", || wire.one(Lane::Cache, ping())).await;
}

async fn is_away(wire: &Wire, why: &str) {
    eventually_async("it is known that the server is away", || async {
        match wire.state().away {
            Some((reason, _)) if reason == why => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
}

/// While it is known that a server is away, nothing is sent.
async fn is_refused_at_once(wire: &Wire) {
    let before = wire.state();
    for lane in [Lane::Cache, Lane::Control] {
        let error = wire.one(lane, ping()).await.unwrap_err();
        assert!(error.is_unavailable(), "{error}");
        let error = wire.batch(lane, vec![ping(), ping()]).await.unwrap_err();
        assert!(error.is_unavailable(), "{error}");
    }
    let after = wire.state();
    assert_eq!(after.operations, before.operations);
    assert_eq!(after.refused, before.refused + 4);
}

#[tokio::test]
async fn a_server_that_is_killed_is_noticed_without_a_call_and_used_when_it_is_back() {
    let mut server = RedisOptions::new().on_tcp().start();
    let wire = wire_to(&server.url(), LONG);
    assert_eq!(wire.one(Lane::Cache, ping()).await.unwrap(), pong());
    server.kill();
    is_away(&wire, "the connection was refused").await;
    is_refused_at_once(&wire).await;
    server.restart();
    eventually_async("it is known that the server is back", || async {
        wire.state().away.is_none()
    })
    .await;
    assert_eq!(wire.one(Lane::Cache, ping()).await.unwrap(), pong());
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up_after_some_calls_and_used_when_it_goes_on() {
    let mut server = RedisServer::start();
    let wire = wire_to(&server.url(), SHORT);
    answers(&wire).await;
    let before = executed(&server, "incr");
    server.pause();
    let mut unknown = 0;
    loop {
        let error = wire
            .one(Lane::Cache, Op::command("INCR", b"n"))
            .await
            .unwrap_err();
        if error.is_unavailable() {
            break;
        }
        assert!(error.is_timeout(), "{error}");
        unknown += 1;
    }
    assert_eq!(unknown, u64::from(SILENT_CALLS));
    is_away(&wire, "it does not answer").await;
    is_refused_at_once(&wire).await;
    server.resume();
    answers(&wire).await;
    // what was unknown happened, and what was refused did not
    assert_eq!(executed(&server, "incr") - before, unknown);
}

#[tokio::test]
async fn a_connection_that_hears_nothing_any_more_is_replaced() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), SHORT);
    answers(&wire).await;
    proxy.black_hole();
    eventually_async("the wire has given up", || async {
        let error = wire.one(Lane::Cache, ping()).await.unwrap_err();
        error.is_unavailable()
    })
    .await;
    is_away(&wire, "it does not answer").await;
    let before = wire.state();
    assert!(before.losses >= 1);
    proxy.restore();
    // the old connection stays as dead as it is: only a new one can answer
    answers(&wire).await;
    assert!(wire.state().connects > before.connects);
}

/// Turns the clock of the home thread.
async fn pass_at_home(wire: &Wire, time: Duration) {
    let turn = async move {
        tokio::time::pause();
        tokio::time::advance(time).await;
        tokio::time::resume();
    };
    wire.at_home(turn).await.unwrap();
}

#[tokio::test]
async fn one_that_cannot_be_replaced_refuses_nothing_on_the_others() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), LONG);
    for lane in [Lane::Control, Lane::Cache] {
        assert_eq!(wire.one(lane, ping()).await.unwrap(), pong());
    }
    proxy.refuse();
    proxy.cut_one(0);
    eventually_async("the loss is noticed", || async { wire.state().losses == 1 }).await;
    let before = wire.state();
    for _ in 0..200 {
        let error = wire.one(Lane::Control, ping()).await.unwrap_err();
        assert!(error.is_unavailable(), "{error}");
        assert_eq!(wire.one(Lane::Cache, ping()).await.unwrap(), pong());
    }
    assert_eq!(wire.state().away, None);
    let refused = wire.state().refused - before.refused;
    assert!((1..=200).contains(&refused), "{refused}");
    proxy.restore();
    eventually_async("it is made when it can be", || {
        wire.one(Lane::Control, ping())
    })
    .await;
}

#[tokio::test]
async fn when_nobody_answers_on_the_others_either_the_server_is_away() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), "250ms");
    for lane in [Lane::Control, Lane::Cache] {
        eventually_async("a call is answered", || wire.one(lane, ping())).await;
    }
    proxy.black_hole();
    proxy.refuse();
    proxy.cut_one(0);
    eventually_async("it is known that the server is away", || async {
        let _ = wire.one(Lane::Control, ping()).await;
        wire.state().away
    })
    .await;
    is_refused_at_once(&wire).await;
}

#[tokio::test]
async fn an_idle_connection_is_asked_whether_it_lives() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), SHORT);
    answers(&wire).await;
    let before = (wire.state(), executed(&server, "time"));
    pass_at_home(&wire, HEARTBEAT).await;
    eventually_async("it was asked", || async {
        executed(&server, "time") > before.1
    })
    .await;
    assert_eq!(wire.state().losses, before.0.losses);

    proxy.black_hole();
    eventually_async("nobody answers, which is noticed", || async {
        pass_at_home(&wire, HEARTBEAT).await;
        wire.state().losses > before.0.losses
    })
    .await;
    is_away(&wire, "it does not answer").await;
    assert_eq!(wire.state().operations, before.0.operations);
}

#[tokio::test]
async fn a_connection_that_is_closed_costs_no_call() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), LONG);
    for n in 1..=5 {
        assert_eq!(wire.one(Lane::Cache, ping()).await.unwrap(), pong());
        assert_eq!(wire.state().connects, n);
        // a probe that is cut off with it would say that the server is away
        eventually_async("the last probe is over", || async { proxy.open() == 1 }).await;
        proxy.cut();
        eventually_async("the loss is noticed", || async { wire.state().losses == n }).await;
    }
    assert_eq!(wire.state().timeouts, 0);
}

#[tokio::test]
async fn a_server_that_reads_its_data_does_nothing_and_is_used_when_it_has() {
    let mut server = RedisServer::start();
    let wire = wire_to(&server.url(), LONG);
    let get = || wire.one(Lane::Cache, Op::command("GET", b"n").read());
    answers(&wire).await;
    server.cli(&["SET", "n", "1"]);
    server.restart_loading();
    eventually_async("it answers again", || async {
        match get().await {
            Err(error) if error.to_string().contains("LOADING") => Ok(()),
            other => Err(other),
        }
    })
    .await;
    // it does nothing, which is known
    for lane in [Lane::Cache, Lane::Control] {
        let error = wire.one(lane, ping()).await.unwrap_err();
        assert!(error.is_unavailable(), "{error}");
        let set = || Op::command("SET", b"n").arg("2");
        for reply in wire.batch(lane, vec![set(), set()]).await.unwrap() {
            assert!(reply.as_ref().is_err_and(|error| error.is_unavailable()));
        }
    }
    let before = wire.state();
    server.loaded();
    // nothing has to be waited for
    assert_eq!(get().await.unwrap(), redis::Value::BulkString(b"1".into()));
    assert_eq!(wire.state().connects, before.connects);
}

#[tokio::test]
async fn a_server_that_was_never_there_is_no_hindrance() {
    let folder = tests::Folder::new();
    let nowhere = folder.path().join("nobody");
    let wire = wire_to(&format!("redis+unix://{}", nowhere.display()), LONG);
    assert!(!wire.state().seen);
    let error = wire.one(Lane::Cache, ping()).await.unwrap_err();
    assert!(error.is_unavailable());
    assert_eq!(error.to_string(), "Redis is away: there is no such socket");
    let error = wire.one(Lane::Cache, ping()).await.unwrap_err();
    assert_eq!(error.to_string(), "Redis is away: there is no such socket");
    assert_eq!(wire.state().refused, 1);
    assert!(!wire.state().seen);
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told() {
    let wire = wire_to("redis://tower-redis.invalid", LONG);
    let error = wire.one(Lane::Cache, ping()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Redis is away: the name of the host could not be resolved"
    );
}

#[tokio::test]
async fn who_listens_and_says_nothing_holds_a_first_call_for_its_deadline_only() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    proxy.black_hole();
    let wire = wire_to(&proxy.url(), SHORT);
    let error = wire.one(Lane::Cache, ping()).await.unwrap_err();
    // it was never sent, since nobody had said hello
    assert!(error.is_unavailable(), "{error}");
    is_away(&wire, "it does not answer").await;
    is_refused_at_once(&wire).await;
    proxy.restore();
    answers(&wire).await;
}

#[tokio::test]
async fn after_a_slow_greeting_what_is_done_in_time_is_not_too_late() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    proxy.delay(Duration::ZERO, Duration::from_millis(150));
    let wire = wire_to(&proxy.url(), "40ms");
    // it does not wait for the greeting, which takes longer than a call may
    wire.one(Lane::Cache, ping()).await.unwrap_err();
    eventually_async("the greeting is answered", || async { wire.latest() }).await;
    let time = server.cli(&["TIME"]);
    let parts: Vec<u64> = time.texts().iter().map(|n| n.parse().unwrap()).collect();
    let now = Duration::from_secs(parts[0]) + Duration::from_micros(parts[1]);
    let latest = wire.latest().unwrap();
    assert!(
        latest >= now + Duration::from_millis(40),
        "{latest:?} {now:?}"
    );
}
