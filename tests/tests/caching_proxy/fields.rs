//! What of a message passes.

use crate::support::{Proxied, answer};

#[test]
fn fields_of_one_connection_do_not_reach_the_other() {
    let proxied = Proxied::start();
    let mut client = proxied.asking(
        "GET /",
        "Connection: keep-alive, X-One\r\nConnection: x-two\r\nX-One: 1\r\nX-Two: 2\r\nX-Three: 3\r\n\
         Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\n\
         TE: gzip\r\nUpgrade: websocket\r\nCookie: a=b\r\n",
    );
    let mut upstream = proxied.upstream();
    let asked = upstream.head();
    asked.has_none_of(&[
        "connection",
        "x-one",
        "x-two",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
    ]);
    assert_eq!(
        (asked.field("x-three"), asked.field("cookie")),
        ("3", "a=b")
    );

    upstream.send(&answer(
        "200 OK",
        "Connection: X-Four\r\nX-Four: 4\r\nX-Five: 5\r\nKeep-Alive: timeout=5\r\nUpgrade: h2c\r\n\
         Proxy-Authenticate: Basic\r\nProxy-Authentication-Info: x\r\n\
         Cache-Control: max-age=60\r\nSet-Cookie: a=b\r\n",
        "",
    ));
    // from the origin, and from what is stored
    let first = client.head();
    let second = proxied.asking("GET /", "").head();
    assert!(second.field("cache-status").contains("; hit"), "{second:?}");
    for answered in [first, second] {
        answered.has_none_of(&[
            "connection",
            "x-four",
            "keep-alive",
            "upgrade",
            "proxy-authenticate",
            "proxy-authentication-info",
        ]);
        let kept = (answered.field("x-five"), answered.field("set-cookie"));
        assert_eq!(kept, ("5", "a=b"));
        assert_eq!(answered.field("via"), "1.1 caching-proxy");
    }
}

#[test]
fn the_origin_hears_its_own_name_and_whom_the_request_is_from() {
    let proxied = Proxied::start();
    // a client that claims to be another one, and to have asked for another site
    let _client = proxied.asking(
        "GET /a?b=c",
        "Via: 1.0 before\r\nForwarded: for=1.2.3.4\r\nX-Forwarded-For: 1.2.3.4\r\n\
         X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Prefix: /evil\r\n",
    );
    let asked = proxied.upstream().head();
    assert_eq!(asked.start, "GET /a?b=c HTTP/1.1");
    assert_eq!(asked.field("host"), proxied.origin().to_string());
    let forwarded = "for=127.0.0.1;host=\"site.example\";proto=http";
    assert_eq!(asked.field("forwarded"), forwarded);
    assert_eq!(asked.field("x-forwarded-for"), "127.0.0.1");
    assert_eq!(asked.field("x-forwarded-host"), "site.example");
    assert_eq!(asked.field("x-forwarded-proto"), "http");
    asked.has_none_of(&["x-forwarded-prefix"]);
}

#[test]
fn a_proxy_that_is_trusted_keeps_its_word_and_the_host_may_be_the_clients() {
    let proxied = Proxied::with(&["--trust-forwarded", "--preserve-host"]);
    let _client = proxied.asking(
        "GET http://other.example/a",
        "X-Forwarded-Host: first.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 1.2.3.4\r\n\
         X-Forwarded-For: 5.6.7.8\r\nForwarded: for=1.2.3.4\r\n",
    );
    let asked = proxied.upstream().head();
    assert_eq!(asked.start, "GET /a HTTP/1.1");
    // the target counts, not the field
    assert_eq!(asked.field("host"), "other.example");
    assert_eq!(asked.field("x-forwarded-host"), "first.example");
    assert_eq!(asked.field("x-forwarded-proto"), "https");
    let clients = "1.2.3.4, 5.6.7.8, 127.0.0.1";
    assert_eq!(asked.field("x-forwarded-for"), clients);
    let forwarded = "for=1.2.3.4, for=127.0.0.1;host=\"other.example\";proto=http";
    assert_eq!(asked.field("forwarded"), forwarded);
}

#[test]
fn every_proxy_on_the_way_is_told_of() {
    let proxied = Proxied::start();
    let mut client = proxied.client();
    client.send("GET / HTTP/1.0\r\nHost: site.example\r\nVia: 1.1 before\r\n\r\n");
    let mut upstream = proxied.upstream();
    let asked = upstream.until("\r\n\r\n").to_ascii_lowercase();
    assert!(asked.starts_with("get / http/1.1\r\n"), "{asked}");
    let (before, here) = (
        asked.find("via: 1.1 before"),
        asked.find("via: 1.0 caching-proxy"),
    );
    assert!(before.is_some() && before < here, "{asked}");
    upstream.send("HTTP/1.0 200 OK\r\nVia: 1.1 behind\r\n\r\nuntil it ends");
    drop(upstream);
    let answered = client.rest();
    let (behind, here) = (
        answered.find("via: 1.1 behind"),
        answered.find("via: 1.0 caching-proxy"),
    );
    assert!(behind.is_some() && behind < here, "{answered}");
    assert!(answered.ends_with("\r\n\r\nuntil it ends"), "{answered}");
}
