//! An origin that does not answer.

use std::net::TcpStream;
use std::time::Duration;

use crate::support::{Proxied, answer, program, request};
use crate::wire::Wire;

fn refused(mut client: Wire) -> String {
    let head = client.head();
    assert_eq!(head.field("cache-control"), "no-store");
    head.start
}

#[test]
fn an_origin_that_is_not_there_is_a_bad_gateway() {
    // nobody listens at a port that was free a moment ago
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let listen = program().arg("--listen").arg("127.0.0.1:0");
    let proxy = listen.arg("--origin").arg(url).serve();
    let mut client = Wire::new(TcpStream::connect(proxy.address()).unwrap());
    client.send(&request("GET /gone?secret", ""));
    assert_eq!(refused(client), "HTTP/1.1 502 Bad Gateway");
    let said = proxy.ended_by("TERM").stdout;
    assert!(said.contains(" GET /gone 502 "), "{said}");
    assert!(said.contains("Connection refused"), "{said}");
}

#[test]
fn an_origin_that_hangs_up_or_answers_no_http_is_a_bad_gateway() {
    let proxied = Proxied::start();
    for answered in [
        "",
        "what?\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ] {
        let client = proxied.asking("POST /", "Content-Length: 0\r\n");
        let mut upstream = proxied.upstream();
        upstream.head();
        upstream.send(answered);
        drop(upstream);
        assert_eq!(refused(client), "HTTP/1.1 502 Bad Gateway", "{answered}");
    }
}

#[test]
fn an_origin_that_is_silent_is_a_timeout() {
    let proxied = Proxied::with(&["--timeout", "1"]);
    let client = proxied.asking("GET /", "");
    let mut upstream = proxied.upstream();
    upstream.head();
    assert_eq!(refused(client), "HTTP/1.1 504 Gateway Timeout");
    // it is not asked again
    assert!(proxied.call().is_none());
    assert_eq!(upstream.rest(), "");
}

#[test]
fn an_origin_that_takes_no_connection_is_a_timeout() {
    // a queue that nobody takes from: once it is full, nobody answers who calls
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_io().build().unwrap();
    let _entered = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(1).unwrap();
    let address = full.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(call) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) {
        queue.push(call);
        assert!(queue.len() < 100, "a queue of one takes all");
    }
    let listen = program().arg("--listen").arg("127.0.0.1:0");
    let proxy = listen.arg("--origin").arg(format!("http://{address}"));
    let proxy = proxy.arg("--timeout").arg("1").serve();
    let mut client = Wire::new(TcpStream::connect(proxy.address()).unwrap());
    client.send(&request("GET /", ""));
    assert_eq!(refused(client), "HTTP/1.1 504 Gateway Timeout");
}

#[test]
fn the_time_that_a_client_takes_is_not_the_origins() {
    let proxied = Proxied::with(&["--timeout", "1"]);
    let slow = proxied.asking("POST /slow", "Transfer-Encoding: chunked\r\n");
    let mut upstream = proxied.upstream();
    upstream.head();
    // as long as a silent origin gets
    let silent = proxied.asking("GET /", "");
    let _silent = proxied.upstream();
    assert_eq!(refused(silent), "HTTP/1.1 504 Gateway Timeout");
    let mut slow = slow;
    slow.send("0\r\n\r\n");
    upstream.until("0\r\n\r\n");
    upstream.send(&answer("200 OK", "", "done"));
    assert_eq!(slow.head().start, "HTTP/1.1 200 OK");
}
