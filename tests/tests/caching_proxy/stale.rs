//! What is stored answers where the origin is slow, silent or says little.

use crate::support::{Proxied, answer};
use crate::wire::{Head, Wire};

/// Has the proxy store an answer with these fields, and returns the next request for it.
fn stored(proxied: &Proxied, fields: &str) -> Wire {
    let mut client = proxied.asking("GET /page", "");
    let mut upstream = proxied.upstream();
    upstream.head();
    let fields = format!("{fields}Connection: close\r\n");
    upstream.send(&answer("200 OK", &fields, "a page"));
    client.until("a page");
    proxied.asking("GET /page", "")
}

#[track_caller]
fn answered(mut client: Wire) -> Head {
    let head = client.head();
    assert_eq!(head.start, "HTTP/1.1 200 OK");
    client.until("a page");
    head
}

#[test]
fn a_page_answers_when_the_origin_does_not() {
    let proxied = Proxied::start();
    let client = stored(&proxied, "Cache-Control: max-age=0\r\nETag: \"1\"\r\n");
    // it is asked twice: the first connection might only have been old
    for _ in 0..2 {
        let mut upstream = proxied.upstream();
        assert_eq!(upstream.head().field("if-none-match"), "\"1\"");
    }
    let status = answered(client);
    let status = status.field("cache-status");
    assert!(status.contains("disconnected"), "{status}");
}

#[test]
fn a_page_that_must_be_validated_does_not_answer_when_the_origin_does_not() {
    let proxied = Proxied::start();
    let fields = "Cache-Control: max-age=0, must-revalidate\r\nETag: \"1\"\r\n";
    let mut client = stored(&proxied, fields);
    for _ in 0..2 {
        proxied.upstream().head();
    }
    assert_eq!(client.head().start, "HTTP/1.1 502 Bad Gateway");
}

#[test]
fn a_page_is_validated_behind_the_answer_and_says_whom_for() {
    let proxied = Proxied::start();
    let fields = "Cache-Control: max-age=0, stale-while-revalidate=600\r\nETag: \"1\"\r\n";
    let client = stored(&proxied, fields);
    // before the origin is heard
    answered(client);
    let mut upstream = proxied.upstream();
    let asked = upstream.head();
    assert_eq!(asked.field("if-none-match"), "\"1\"");
    assert_eq!(asked.field("x-forwarded-for"), "127.0.0.1");
    assert_eq!(asked.field("x-forwarded-host"), "site.example");
    assert_eq!(asked.field("host"), proxied.origin().to_string());
}

#[test]
fn how_long_a_page_is_fresh_is_guessed_unless_that_is_off() {
    let modified = "Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT\r\n";
    let proxied = Proxied::start();
    let status = answered(stored(&proxied, modified));
    let status = status.field("cache-status");
    assert!(status.contains("; hit"), "{status}");

    let proxied = Proxied::with(&["--no-heuristics"]);
    let client = stored(&proxied, modified);
    let mut upstream = proxied.upstream();
    upstream.head();
    upstream.send(&answer("200 OK", "", "a page"));
    let status = answered(client);
    let status = status.field("cache-status");
    assert!(status.contains("; fwd="), "{status}");
}
