use std::time::{Duration, Instant};

use tests::resp::{Client, Reply};
use tests::{Proxy, RedisOptions, RedisServer, Target, eventually};

/// Longer than an answer takes; only where silence is what is expected.
const SILENCE: Duration = Duration::from_millis(200);

fn start() -> (RedisServer, Proxy) {
    let server = RedisOptions::new().open().start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    (server, proxy)
}

fn client(proxy: &Proxy) -> Client {
    Client::tcp(proxy.address()).unwrap()
}

fn silent(client: &mut Client) {
    client.patience(SILENCE);
    let error = client.receive().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock, "{error}");
    client.patience(tests::DEADLINE);
}

#[test]
fn what_passes_is_counted() {
    let (_server, proxy) = start();
    let mut client = client(&proxy);
    client.call(&["SET", "a", "1"]);
    let before = proxy.counts();
    // one write, as a pipeline is
    for _ in 0..3 {
        client.send(&["GET", "a"]).unwrap();
    }
    for _ in 0..3 {
        assert_eq!(client.receive().unwrap().text(), "1");
    }
    client.call(&["set", "big", &"x".repeat(300_000)]);
    assert_eq!(client.call(&["GET", "big"]).text().len(), 300_000);

    let counts = proxy.counts();
    assert_eq!(counts.connections, 1);
    assert_eq!(counts.command("SET"), 2);
    let passed = counts.since(&before);
    assert_eq!((passed.connections, passed.all_commands()), (0, 5));
    assert_eq!((passed.command("GET"), passed.replies), (4, 5));
    assert!(passed.round_trips >= 3, "{passed:?}");
    assert!(
        passed.to_server > 300_000 && passed.to_client > 300_000,
        "{passed:?}"
    );
}

#[test]
fn a_question_and_its_answer_are_one_round_trip() {
    let (_server, proxy) = start();
    let mut client = client(&proxy);
    for n in 1..=5 {
        client.call(&["PING"]);
        assert_eq!(proxy.counts().round_trips, n);
    }
    assert_eq!(client.call(&["MGET", "a", "b"]).items().len(), 2);
    assert_eq!(proxy.counts().round_trips, 6);
}

#[test]
fn a_cut_closes_what_is_open_and_nothing_else() {
    let (_server, proxy) = start();
    let (mut one, mut other) = (client(&proxy), client(&proxy));
    one.call(&["PING"]);
    other.call(&["PING"]);
    assert_eq!(proxy.open(), 2);
    proxy.cut();
    assert_eq!(proxy.open(), 0);
    assert!(one.try_call(&["PING"]).is_err() && other.try_call(&["PING"]).is_err());
    assert_eq!(client(&proxy).call(&["PING"]).text(), "PONG");
}

#[test]
fn one_connection_is_cut_and_the_others_are_not() {
    let (_server, proxy) = start();
    let mut clients = [(); 3].map(|()| client(&proxy));
    for client in &mut clients {
        client.call(&["PING"]);
    }
    // the second of three, in the order in which they came
    proxy.cut_one(4);
    let left = clients.map(|mut client| client.try_call(&["PING"]).is_ok());
    assert_eq!(left, [true, false, true]);
    proxy.cut();
    proxy.cut_one(0);
}

#[test]
fn refused_is_as_if_nobody_listened() {
    let (_server, proxy) = start();
    let mut open = client(&proxy);
    open.call(&["PING"]);
    for _ in 0..3 {
        proxy.refuse();
        let error = Client::tcp(proxy.address()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        assert_eq!(open.call(&["PING"]).text(), "PONG");
        proxy.restore();
        assert_eq!(client(&proxy).call(&["PING"]).text(), "PONG");
    }
}

#[test]
fn what_fell_into_a_black_hole_stays_there() {
    let (server, proxy) = start();
    let mut old = client(&proxy);
    old.call(&["PING"]);
    proxy.black_hole();
    let mut new = client(&proxy);
    for client in [&mut old, &mut new] {
        client.send(&["INCR", "n"]).unwrap();
        silent(client);
    }
    proxy.restore();
    silent(&mut old);
    silent(&mut new);
    assert_eq!(client(&proxy).call(&["PING"]).text(), "PONG");
    assert_eq!(server.cli(&["GET", "n"]), Reply::Nil);
    proxy.cut();
    assert_eq!(proxy.open(), 0);
}

#[test]
fn what_is_held_comes_later() {
    let (server, proxy) = start();
    let mut client = client(&proxy);
    client.call(&["PING"]);
    proxy.hold();
    client.send(&["INCR", "n"]).unwrap();
    client.send(&["INCR", "n"]).unwrap();
    silent(&mut client);
    assert_eq!(server.cli(&["GET", "n"]), Reply::Nil);
    proxy.restore();
    assert_eq!(client.receive().unwrap(), Reply::Int(1));
    assert_eq!(client.receive().unwrap(), Reply::Int(2));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the delay is of real time")]
fn a_delay_is_that_of_its_direction() {
    let (_server, proxy) = start();
    let mut client = client(&proxy);
    client.call(&["PING"]);
    for (there, back) in [(30, 0), (0, 30), (20, 20)] {
        let (there, back) = (Duration::from_millis(there), Duration::from_millis(back));
        proxy.delay(there, back);
        let began = Instant::now();
        client.call(&["PING"]);
        let took = began.elapsed();
        assert!(took >= there + back, "{took:?}");
    }
    // not one after the other, but each so much later
    proxy.delay(Duration::from_millis(100), Duration::ZERO);
    let began = Instant::now();
    for _ in 0..500 {
        client.send(&["PING"]).unwrap();
    }
    for _ in 0..500 {
        client.receive().unwrap();
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(40), "{took:?}");
}

#[test]
fn a_server_that_is_away_closes_the_connection() {
    let (mut server, proxy) = start();
    let mut open = client(&proxy);
    open.call(&["PING"]);
    server.kill();
    assert!(open.receive().is_err());
    assert!(client(&proxy).try_call(&["PING"]).is_err());
    server.restart();
    assert_eq!(client(&proxy).call(&["PING"]).text(), "PONG");
    eventually("what is over is not open", || proxy.open() == 0);
}
