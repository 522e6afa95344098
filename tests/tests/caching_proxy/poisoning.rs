//! Requests that an origin refuses where the cache lets them pass, so that others would get the refusal.

use crate::support::{Proxied, answer, request};

/// A field that this proxy takes, and many origins do not.
fn oversized(bytes: usize) -> String {
    format!("X-Oversized: {}\r\n", "a".repeat(bytes))
}

/// The origin refuses a request for its header, as origins do: 400 or 413 that says nothing of caching, or 431, which no
/// cache may store whatever it says (RFC 6585 section 5). The next one gets the page.
#[test]
fn an_oversized_header_does_not_give_others_the_refusal() {
    for (status, fields) in [
        ("400 Bad Request", ""),
        ("413 Content Too Large", ""),
        (
            "431 Request Header Fields Too Large",
            "Cache-Control: max-age=60\r\n",
        ),
    ] {
        let proxied = Proxied::start();
        let close = "Connection: close\r\n";
        let mut poison = proxied.asking("GET /page", &(oversized(16 * 1024) + close));
        let mut upstream = proxied.upstream();
        assert_eq!(upstream.head().field("x-oversized").len(), 16 * 1024);
        upstream.send(&answer(status, &format!("{fields}{close}"), "refused"));
        poison.until("refused");
        let mut client = proxied.asking("GET /page", close);
        let mut upstream = proxied.upstream();
        assert_eq!(upstream.head().field("x-oversized"), "");
        let fresh = format!("Cache-Control: max-age=60\r\n{close}");
        upstream.send(&answer("200 OK", &fresh, "page"));
        client.until("page");
        // nor does it take the page away, once that is stored
        let anew = oversized(16 * 1024) + "Cache-Control: no-cache\r\n" + close;
        let mut poison = proxied.asking("GET /page", &anew);
        let mut upstream = proxied.upstream();
        upstream.head();
        upstream.send(&answer(status, &format!("{fields}{close}"), "refused"));
        poison.until("refused");
        let mut client = proxied.asking("GET /page", close);
        let head = client.head();
        assert!(
            head.field("cache-status").contains("; hit;"),
            "{status}: {head:?}"
        );
        client.until("page");
    }
}

/// One that is too long for the proxy itself is refused before the cache has heard of it.
#[test]
fn a_header_that_is_too_long_for_the_proxy_reaches_nobody() {
    let proxied = Proxied::start();
    let mut poison = proxied.client();
    poison.send_all_it_takes(&request("GET /page", &oversized(1024 * 1024)));
    let head = poison.head();
    assert!(head.start.starts_with("HTTP/1.1 431"), "{head:?}");
    let mut client = proxied.asking("GET /page", "Connection: close\r\n");
    let mut upstream = proxied.upstream();
    assert_eq!(upstream.head().field("x-oversized"), "");
    upstream.send(&answer("200 OK", "Connection: close\r\n", "page"));
    client.until("page");
}
