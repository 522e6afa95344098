//! Whatever is asked and answered.

use crate::support::{Proxied, answer};

#[test]
fn any_final_status_and_any_method_pass() {
    let proxied = Proxied::start();
    for status in [
        "200 OK", "299 Odd", "451 No", "599 Odd", "799 Odd", "999 Odd",
    ] {
        for method in ["GET", "BREW", "M-SEARCH", "DELETE", "OPTIONS"] {
            let mut client = proxied.asking(&format!("{method} /odd"), "Connection: close\r\n");
            let mut upstream = proxied.upstream();
            assert_eq!(upstream.head().start, format!("{method} /odd HTTP/1.1"));
            upstream.send(&answer(status, "Connection: close\r\n", "odd"));
            let head = client.head();
            let passed = head
                .start
                .starts_with(&format!("HTTP/1.1 {}", &status[..3]));
            assert!(passed, "{method} was answered {status}: {head:?}");
            client.until("odd");
        }
    }
}

#[test]
fn what_comes_before_an_answer_is_not_passed() {
    let proxied = Proxied::start();
    let mut client = proxied.asking("GET /", "");
    let mut upstream = proxied.upstream();
    upstream.head();
    upstream.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    upstream.send(&answer("200 OK", "", "late"));
    let head = client.head();
    assert_eq!(
        (head.start.as_str(), head.field("link")),
        ("HTTP/1.1 200 OK", "")
    );
}

#[test]
fn a_head_is_answered_without_a_body_and_with_its_length() {
    let proxied = Proxied::start();
    let mut client = proxied.asking("HEAD /", "Connection: close\r\n");
    let mut upstream = proxied.upstream();
    assert_eq!(upstream.head().start, "HEAD / HTTP/1.1");
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    assert_eq!(client.head().field("content-length"), "7");
    assert_eq!(client.rest(), "");
}

#[test]
fn a_request_of_which_two_servers_may_think_differently_goes_no_further() {
    let proxied = Proxied::start();
    for (request, expected) in [
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "400 Bad Request",
        ),
        ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 Bad Request"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n",
            "400 Bad Request",
        ),
        (
            "GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n",
            "400 Bad Request",
        ),
        (
            "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
            "501 Not Implemented",
        ),
    ] {
        let mut client = proxied.client();
        client.send(request);
        assert_eq!(
            client.head().start,
            format!("HTTP/1.1 {expected}"),
            "{request}"
        );
    }
    assert!(proxied.call().is_none());
}

#[test]
fn a_request_goes_as_far_as_it_says() {
    let proxied = Proxied::start();
    let mut last = proxied.asking("OPTIONS *", "Max-Forwards: 0\r\n");
    assert_eq!(last.head().start, "HTTP/1.1 204 No Content");
    let mut trace = proxied.asking("TRACE /", "Max-Forwards: 0\r\n");
    assert_eq!(trace.head().start, "HTTP/1.1 501 Not Implemented");
    assert!(proxied.call().is_none());
    let _client = proxied.asking("OPTIONS *", "Max-Forwards: 3\r\n");
    let asked = proxied.upstream().head();
    let found = (asked.start.as_str(), asked.field("max-forwards"));
    assert_eq!(found, ("OPTIONS * HTTP/1.1", "2"));
}

#[test]
fn the_log_tells_what_the_cache_did() {
    let proxied = Proxied::start();
    let mut client = proxied.asking("GET /report?token=x", "");
    let mut upstream = proxied.upstream();
    upstream.head();
    upstream.send(&answer(
        "200 OK",
        "Cache-Control: max-age=60\r\nConnection: close\r\n",
        "a report",
    ));
    client.until("a report");
    proxied.asking("GET /report?token=x", "").until("a report");
    let mut client = proxied.asking("GET /report", "");
    let mut upstream = proxied.upstream();
    upstream.head();
    upstream.send(&answer("200 OK", "", "another"));
    client.until("another");
    let said = proxied.proxy.ended_by("TERM").stdout;
    let lines: Vec<&str> = said.lines().collect();
    let [miss, hit, other] = lines[..] else {
        panic!("expected three lines:\n{said}");
    };
    for (line, verdict) in [
        (miss, "fwd=uri-miss; fwd-status=200; stored"),
        (hit, "hit; ttl="),
        (
            other,
            "fwd=uri-miss; fwd-status=200; detail=\"no-freshness\"",
        ),
    ] {
        let rest = line.strip_prefix("127.0.0.1:").unwrap();
        let (_, rest) = rest.split_once(' ').unwrap();
        let rest = rest.strip_prefix("GET /report 200 ").unwrap();
        let (took, found) = rest.split_once(' ').unwrap();
        assert!(took.ends_with('s'), "{line}");
        assert!(
            found.starts_with(&format!("tower-redis; {verdict}")),
            "{line}"
        );
    }
}
