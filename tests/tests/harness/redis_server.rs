use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use tests::resp::{Client, Reply};
use tests::{RedisOptions, RedisServer, eventually};

/// Longer than an answer takes; only where silence is what is expected.
const SILENCE: Duration = Duration::from_millis(200);

#[test]
fn one_that_reads_its_data_says_so_until_it_has() {
    let mut server = RedisServer::start();
    server.cli(&["SET", "kept", "1"]);
    server.restart_loading();
    let reply = server.client().call(&["GET", "kept"]);
    assert!(
        matches!(&reply, Reply::Error(text) if text.starts_with("LOADING")),
        "{reply}"
    );
    server.loaded();
    assert_eq!(server.cli(&["GET", "kept"]).text(), "1");
}

#[test]
fn a_server_answers_and_goes_with_its_owner() {
    let server = RedisServer::start();
    assert_eq!(server.cli(&["SET", "a", "1"]).text(), "OK");
    assert_eq!(server.cli(&["INCR", "a"]).int(), 2);
    assert_eq!(server.cli(&["GET", "none"]), Reply::Nil);
    assert_eq!(server.info("process_id"), server.id().to_string());
    assert!(
        server.url().starts_with("redis+unix:///"),
        "{}",
        server.url()
    );
    let socket = server.socket();
    drop(server);
    assert!(Client::unix(&socket).is_err());
    assert!(!socket.parent().unwrap().exists());
}

#[test]
fn servers_know_nothing_of_each_other() {
    let servers: Vec<RedisServer> = (0..4)
        .map(|_| RedisOptions::new().on_tcp().open().start())
        .collect();
    for (n, server) in servers.iter().enumerate() {
        server.cli(&["SET", "who", &n.to_string()]);
    }
    for (n, server) in servers.iter().enumerate() {
        let mut client = Client::tcp(server.address()).unwrap();
        assert_eq!(client.call(&["GET", "who"]).int(), n as i64);
    }
}

#[test]
fn a_server_outlives_the_thread_that_started_it() {
    let server = std::thread::spawn(RedisServer::start).join().unwrap();
    assert_eq!(server.cli(&["PING"]).text(), "PONG");
}

#[test]
fn a_frozen_server_executes_later_what_it_was_sent() {
    let mut server = RedisServer::start();
    let mut client = server.client();
    server.pause();
    client.patience(SILENCE);
    assert!(client.try_call(&["INCR", "n"]).is_err());
    server.resume();
    eventually("the command that was sent runs", || {
        server.cli(&["GET", "n"]) == Reply::Bulk(b"1".to_vec())
    });
    server.pause();
    // a frozen one can be killed
    server.kill();
    assert!(Client::unix(server.socket()).is_err());
}

#[test]
fn a_restart_keeps_what_is_persistent_and_the_place() {
    for (options, kept) in [
        (RedisOptions::new().on_tcp(), Reply::Nil),
        (
            RedisOptions::new().on_tcp().persistent(),
            Reply::Bulk(b"1".to_vec()),
        ),
    ] {
        let mut server = options.start();
        let (url, id) = (server.url(), server.id());
        server.cli(&["SET", "a", "1"]);
        server.restart();
        assert_eq!(server.cli(&["GET", "a"]), kept);
        server.stop();
        server.restart();
        assert_eq!(server.cli(&["GET", "a"]), kept);
        server.restart_empty();
        assert_eq!(server.cli(&["GET", "a"]), Reply::Nil);
        assert_eq!(server.url(), url);
        assert_ne!(server.id(), id);
    }
}

#[test]
fn options_passwords_and_users_are_the_servers() {
    let server = RedisServer::start();
    assert_eq!(
        server.cli(&["ACL", "LIST"]).items().len(),
        3,
        "the user of the URL, that of the harness, and one who is off"
    );
    let server = RedisOptions::new()
        .set("maxmemory", "4mb")
        .set("client-output-buffer-limit", "pubsub 1mb 1mb 1")
        .password("p/s w")
        .start();
    assert_eq!(server.info("maxmemory"), "4194304");
    assert!(
        server.url().ends_with("?pass=p%2Fs%20w"),
        "{}",
        server.url()
    );
    let refused = Client::unix(server.socket()).unwrap().call(&["PING"]);
    assert!(
        matches!(&refused, Reply::Error(text) if text.starts_with("NOAUTH")),
        "{refused}"
    );

    let server = RedisOptions::new()
        .user("default off")
        .user("app on >secret ~app:* +get +auth")
        .start();
    server.cli(&["SET", "app:a", "1"]);
    let mut client = Client::unix(server.socket()).unwrap();
    assert_eq!(client.call(&["AUTH", "app", "secret"]).text(), "OK");
    assert_eq!(client.call(&["GET", "app:a"]).text(), "1");
    let refused = client.call(&["GET", "other"]);
    assert!(
        matches!(&refused, Reply::Error(text) if text.starts_with("NOPERM")),
        "{refused}"
    );
}

#[test]
#[should_panic(expected = "no-such-option")]
fn a_server_that_does_not_start_says_why() {
    let _ = RedisOptions::new().set("no-such-option", "1").start();
}

/// What [`a_server_dies_with_a_test_that_is_killed`] kills.
#[test]
#[ignore = "is started by another test, and does not end"]
fn holds_a_server_for_ever() {
    let server = RedisOptions::new().open().start();
    println!("\nserver {} {}", server.id(), server.socket().display());
    std::thread::park();
}

#[test]
fn a_server_dies_with_a_test_that_is_killed() {
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["--ignored", "--exact", "--nocapture"])
        .arg("redis_server::holds_a_server_for_ever");
    let mut test = test.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(test.stdout.take().unwrap()).lines();
    let told = lines.map_while(Result::ok).find_map(|line| {
        let (id, socket) = line.strip_prefix("server ")?.split_once(' ')?;
        Some((id.to_owned(), std::path::PathBuf::from(socket)))
    });
    let (id, socket) = told.unwrap();
    let answer = Client::unix(&socket).unwrap().call(&["INFO", "server"]);
    assert!(
        answer.text().contains(&format!("process_id:{id}\r\n")),
        "{answer}"
    );

    test.kill().unwrap();
    test.wait().unwrap();
    eventually("nobody listens there", || Client::unix(&socket).is_err());
    eventually("its folder is gone", || !socket.parent().unwrap().exists());
}
