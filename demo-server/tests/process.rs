//! The program as a process: what it prints, and how it ends.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use tests::http::{Answer, Site};
use tests::{Program, RedisServer, Serving, eventually};

/// The program in a folder of its own, with nothing set.
fn demo() -> Program {
    Program::new(env!("CARGO_BIN_EXE_demo-server"))
}

fn get(serving: &Serving, path: &str) -> Answer {
    Site::at(serving.address()).get_blocking(path)
}

#[test]
fn says_where_it_listens_serves_and_stops_when_asked() {
    for name in ["TERM", "INT"] {
        let serving = demo().arg("--listen").arg("127.0.0.1:0").serve();
        assert_ne!(serving.address().port(), 0);
        assert_eq!(get(&serving, "/health").ok()["status"], "ok");
        let ended = serving.ended_by(name);
        assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
        assert!(ended.stderr.contains("stopping"), "{}", ended.stderr);
    }
}

#[test]
fn a_request_under_way_is_answered_before_it_stops() {
    let mut serving = demo().arg("--listen").arg("127.0.0.1:0").serve();
    let mut stream = TcpStream::connect(serving.address()).unwrap();
    stream.set_read_timeout(Some(tests::DEADLINE)).unwrap();
    // the server says 100 when the handler asks for the body: then the request is under way
    write!(
        stream,
        "POST /api/publish-event HTTP/1.1\r\nhost: demo\r\nexpect: 100-continue\r\n\
         connection: close\r\ncontent-length: 31\r\n\r\n"
    )
    .unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
    serving.signal("TERM");
    stream
        .get_mut()
        .write_all(br#"{"channel": "a", "message": 12}"#)
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 200 OK"), "{answer}");
    let ended = serving.ended();
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn a_taken_port_is_a_message_and_a_failure() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = demo().arg("--listen").arg(&address).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    assert_eq!(
        ended.stderr,
        format!(
            "demo-server: cannot listen on {address}: something else listens there; choose another \
             address with --listen ADDR or LISTEN_ADDR (port 0 takes a free one)\n"
        )
    );
}

#[test]
fn help_names_every_way_to_set_something() {
    let ended = demo().arg("--help").run();
    assert_eq!(ended.code, 0, "{ended:?}");
    for name in [
        "--listen",
        "LISTEN_ADDR",
        "--redis-url",
        "REDIS_URL",
        "LOG_LEVEL",
        "CACHE_ENABLED",
        "CACHE_DEFAULT_TTL",
    ] {
        assert!(
            ended.stdout.contains(name),
            "{name} is not in\n{}",
            ended.stdout
        );
    }
}

#[test]
fn a_wrong_argument_is_a_message_and_a_failure() {
    for arguments in [["--listen", "localhost"], ["--port", "80"]] {
        let ended = demo().arg(arguments[0]).arg(arguments[1]).run();
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains(arguments[0]), "{}", ended.stderr);
    }
}

#[test]
fn a_dotenv_file_is_read_and_the_environment_goes_before_it() {
    let program = || {
        let file = "LISTEN_ADDR=127.0.0.1:0\nCACHE_ENABLED=\"false\"\n";
        demo().file(".env", file)
    };
    let status = |program: Program| {
        let serving = program.serve();
        get(&serving, "/api/cached-data").ok()["cache"]["status"].clone()
    };
    assert_eq!(status(program()), "bypass");
    assert_eq!(status(program().env("CACHE_ENABLED", "true")), "miss");
}

#[test]
fn a_dotenv_file_further_up_is_somebody_elses() {
    let program = demo().env("LISTEN_ADDR", "127.0.0.1:0");
    let above = program.directory().parent().unwrap();
    std::fs::write(above.join(".env"), "CACHE_ENABLED=perhaps\n").unwrap();
    assert_eq!(get(&program.serve(), "/health").ok()["status"], "ok");
}

#[test]
fn all_mistakes_are_told_at_once_and_no_secret() {
    let file = "REDIS_URL=http://:hunter2@127.0.0.1\nCACHE_DEFAULT_TTL=0\n";
    let program = demo()
        .file(".env", file)
        .env("LISTEN_ADDR", "8080")
        .env("LOG_LEVEL", "loud");
    let ended = program.run();
    assert_eq!(ended.code, 1, "{ended:?}");
    for name in ["LISTEN_ADDR", "LOG_LEVEL", "REDIS_URL", "CACHE_DEFAULT_TTL"] {
        assert!(
            ended.stderr.contains(name),
            "{name} is not in\n{}",
            ended.stderr
        );
    }
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn two_that_are_told_the_same_redis_share_what_they_have() {
    let redis = RedisServer::start();
    let [one, other] = [(); 2].map(|()| {
        let program = demo().env("REDIS_URL", "redis://127.0.0.1:1");
        let program = program.arg("--redis-url").arg(redis.url());
        program.arg("--listen").arg("127.0.0.1:0").serve()
    });
    let connected = |demo| get(demo, "/api/health/redis").ok()["redis"] == "connected";
    eventually("both are connected", || {
        connected(&one) && connected(&other)
    });
    let path = "/api/cached-data?user_id=7";
    let made = get(&one, path).ok();
    let found = get(&other, path).ok();
    assert_eq!(found["computed_at"], made["computed_at"]);
    assert_eq!(found["cache"]["tier"], "far");
}

#[test]
fn an_argument_goes_before_the_environment_and_its_secret_is_not_shown() {
    let program = demo()
        .env("REDIS_URL", "redis://127.0.0.1")
        .arg("--redis-url")
        .arg("http://ada:hunter2@127.0.0.1");
    let ended = program.run();
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.stderr.contains("REDIS_URL: "), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("ada"), "{}", ended.stderr);

    // one that stands alone is told as one that was not expected
    let ended = demo().arg("redis://ada:hunter2@127.0.0.1").run();
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(
        ended.stderr.contains("unexpected argument '(a URL)'"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);

    // the help shows no value that is set
    let help = demo().env("REDIS_URL", "redis://:hunter2@127.0.0.1");
    let ended = help.arg("--help").run();
    assert!(!ended.stdout.contains("hunter2"), "{}", ended.stdout);
}

#[test]
fn a_dotenv_file_that_cannot_be_read_is_a_message_without_its_text() {
    let file = "LISTEN_ADDR=127.0.0.1:0\nhunter2 is my password\n";
    let ended = demo().file(".env", file).run();
    assert_eq!(ended.code, 1, "{ended:?}");
    let told = &ended.stderr;
    assert!(told.contains(".env: entry 2 cannot be read"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}
