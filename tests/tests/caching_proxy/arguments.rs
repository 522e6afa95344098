//! What it is told when it starts.

use tests::{Ended, RedisServer, eventually};

use crate::support::{Proxied, program};

fn run(arguments: &[&str]) -> Ended {
    let mut program = program();
    for argument in arguments {
        program = program.arg(*argument);
    }
    program.run()
}

#[test]
fn help_names_every_option() {
    let ended = run(&["--help"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    for option in [
        "--listen <ADDR>",
        "--origin <URL>",
        "--redis-url <URL>",
        "--preserve-host",
        "--trust-forwarded",
        "--no-heuristics",
        "--timeout <SECONDS>",
    ] {
        assert!(ended.stdout.contains(option), "{option}:\n{}", ended.stdout);
    }
}

#[test]
fn a_mistake_says_what_was_found_and_what_is_expected() {
    let origin = "http://127.0.0.1:1";
    let alone = "expected a scheme, a host and a port alone, as in `http://127.0.0.1:8000`";
    for (arguments, found, expected) in [
        (&[][..], "not provided", "--origin <URL>"),
        (&["--origin", "127.0.0.1:80"], "`127.0.0.1:80`", alone),
        (&["--origin", ""], "``", alone),
        (
            &["--origin", "https://a"],
            "`https://a`, and this proxy speaks no TLS",
            alone,
        ),
        (
            &["--origin", "http://a/b"],
            "`http://a/b`, which has a path",
            alone,
        ),
        (
            &["--origin", "http://u:hidden@a"],
            "a URL with a user",
            alone,
        ),
        (
            &["--origin", origin, "--listen", "8090"],
            "'8090'",
            "expected an IP address and a port",
        ),
        (
            &["--origin", origin, "--timeout", "1m"],
            "'1m'",
            "expected whole seconds from 1 to 86400",
        ),
        (
            &["--origin", origin, "redis://u:hidden@a"],
            "(a URL)",
            "Usage:",
        ),
        (
            &["--origin", origin, "--orign", "x"],
            "'--orign'",
            "'--origin'",
        ),
    ] {
        let ended = run(arguments);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (2, ""),
            "{arguments:?}"
        );
        let said = &ended.stderr;
        assert!(
            said.contains(found) && said.contains(expected),
            "{arguments:?}:\n{said}"
        );
        assert!(!said.contains("hidden"), "{arguments:?}:\n{said}");
    }
}

#[test]
fn what_only_the_start_shows_is_told_too() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let origin = ["--origin", "http://127.0.0.1:1"];
    for (arguments, expected) in [
        (["--listen", &taken], format!("cannot listen on {taken}: ")),
        (
            ["--redis-url", "rediss://:hidden@a"],
            "REDIS_URL: ".to_owned(),
        ),
    ] {
        let holding = std::net::TcpListener::bind(&taken);
        let ended = run(&[&origin[..], &arguments[..]].concat());
        drop(holding);
        let said = &ended.stderr;
        assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{said}");
        assert!(
            said.contains(&expected) && !said.contains("hidden"),
            "{said}"
        );
    }
}

#[test]
fn a_redis_that_is_named_is_used() {
    let redis = RedisServer::start();
    let before = redis.info("connected_clients");
    let url = redis.url();
    let _proxied = Proxied::with(&["--redis-url", &url]);
    eventually("the proxy has connected to Redis", || {
        redis.info("connected_clients") > before
    });
}
