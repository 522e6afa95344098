//! Connections are used again, and end.

use tests::eventually;

use crate::support::{Proxied, answer, request};
use crate::wire::{Head, Wire};

/// An origin with all the connections that it was given. Which of them the proxy takes is its own choice: one
/// is free again a moment after its client was answered.
struct Origin {
    proxied: Proxied,
    wires: Vec<Wire>,
}

impl Origin {
    fn start() -> Self {
        Self {
            proxied: Proxied::start(),
            wires: Vec::new(),
        }
    }

    /// The next request, the connection it came over, and whether another one came over that before.
    #[track_caller]
    fn asked(&mut self) -> (Head, Wire, bool) {
        let known = self.wires.len();
        let at = eventually("a request comes", || {
            self.wires.extend(self.proxied.call());
            self.wires.iter().position(Wire::has_more)
        });
        let mut wire = self.wires.remove(at);
        (wire.head(), wire, at < known)
    }

    /// Answers what `ask` asks until a request comes over a connection that was used before; with its
    /// client.
    #[track_caller]
    fn asked_again(&mut self, ask: &str) -> (Wire, Wire) {
        eventually("a connection is used again", || {
            let mut client = self.proxied.client();
            client.send(ask);
            let (_, mut wire, again) = self.asked();
            if again {
                return Some((client, wire));
            }
            wire.send(&answer("200 OK", "", "warm"));
            client.until("warm");
            self.wires.push(wire);
            None
        })
    }
}

#[test]
fn a_connection_to_the_origin_serves_one_client_after_the_other() {
    let mut origin = Origin::start();
    for _ in 0..3 {
        let (mut client, mut wire) = origin.asked_again(&request("GET /next", ""));
        wire.send(&answer("200 OK", "", "next"));
        client.until("next");
        origin.wires.push(wire);
    }
}

#[test]
fn a_request_that_meets_the_end_of_a_connection_is_sent_again_when_that_does_no_harm() {
    let mut origin = Origin::start();
    let (mut client, lost) = origin.asked_again(&request("GET /again", ""));
    drop(lost);
    let (asked, mut wire, _) = origin.asked();
    assert_eq!(asked.start, "GET /again HTTP/1.1");
    wire.send(&answer("200 OK", "", "again"));
    client.until("again");
}

#[test]
fn a_request_that_may_do_harm_twice_or_has_a_body_is_sent_once() {
    for (method, fields, body) in [
        ("POST", "Content-Length: 0\r\n", ""),
        ("BREW", "", ""),
        ("PUT", "Content-Length: 4\r\n", "body"),
    ] {
        let mut origin = Origin::start();
        let ask = request(&format!("{method} /once"), fields) + body;
        let (mut client, mut lost) = origin.asked_again(&ask);
        lost.until(body);
        drop(lost);
        assert_eq!(client.head().start, "HTTP/1.1 502 Bad Gateway", "{method}");
        // whatever it would have sent came before that
        origin.wires.extend(origin.proxied.call());
        assert!(!origin.wires.iter().any(Wire::has_more), "{method}");
    }
}

#[test]
fn requests_under_way_are_answered_before_it_ends() {
    let mut proxied = Proxied::start();
    let mut client = proxied.asking("GET /late", "");
    let mut upstream = proxied.upstream();
    upstream.head();
    proxied.proxy.signal("TERM");
    let address = proxied.proxy.address();
    eventually("it takes no more connections", || {
        std::net::TcpStream::connect(address).is_err()
    });
    upstream.send(&answer("200 OK", "", "late"));
    let head = client.head();
    let found = (head.start.as_str(), head.field("connection"));
    assert_eq!(found, ("HTTP/1.1 200 OK", "close"));
    client.until("late");
    let ended = proxied.proxy.ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert!(ended.stdout.contains(" GET /late 200 "), "{}", ended.stdout);
}
