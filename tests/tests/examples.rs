//! The examples of the library, run as a newcomer would.

use tests::Program;
use tests::http::{Site, StatusCode};

fn example(name: &str) -> Program {
    let path = format!("examples/{name}");
    Program::built(&path, "-p tower-redis --all-features --examples")
}

fn said(name: &str) -> String {
    let ended = example(name).run();
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.stdout
}

#[test]
fn cached_function() {
    let asked = "asking the exchange for ACME\n".repeat(2);
    let expected = asked + "Quote { symbol: \"ACME\", cents: 4200 }\n";
    assert_eq!(said("cached_function"), expected);
}

#[test]
fn invalidates() {
    let looking = "looking for item 7 in the bakery\n";
    let expected = format!("{looking}the bakery sells item 7\n{looking}9 left\n");
    assert_eq!(said("invalidates"), expected);
}

#[test]
fn rate_limited() {
    let said = said("rate_limited");
    let welcome = "welcome, ada\n".repeat(5);
    let refused = said.strip_prefix(&welcome);
    let refused = refused.and_then(|refused| refused.strip_prefix("rate limit exceeded, "));
    assert!(
        refused.is_some_and(|rest| rest.starts_with("try again in Some(")),
        "{said}"
    );
}

#[test]
fn library() {
    assert_eq!(said("library"), "4 of 5 left\n\"it works\"\n");
}

#[test]
fn manual_clock() {
    assert_eq!(said("manual_clock"), "an hour has passed\n");
}

#[test]
fn axum() {
    is_cached_and_limited("axum");
}

#[test]
fn hyper() {
    is_cached_and_limited("hyper");
}

fn is_cached_and_limited(name: &str) {
    let serving = example(name).arg("127.0.0.1:0").serve();
    let site = Site::at(serving.address());
    let get = || site.get_blocking("/report");

    // each on a connection of its own
    let (first, second) = (get(), get());
    let stored = "tower-redis; fwd=uri-miss; fwd-status=200; stored";
    assert!(first.field("cache-status").contains(stored), "{first:?}");
    let limited = first.field("ratelimit").starts_with("\"per-ip\";r=9;");
    assert!(limited, "{first:?}");
    let hit = second
        .field("cache-status")
        .starts_with("tower-redis; hit; ttl=");
    assert!(hit, "{second:?}");
    assert_ne!(second.field("age"), "", "{second:?}");
    assert_eq!(second.text, "a report\n");
    // one permit comes back each second, so it may take more than the burst of ten
    let refused = (0..1_000).any(|_| get().status == StatusCode::TOO_MANY_REQUESTS);
    assert!(refused, "the limit let a thousand calls through");
}
