//! Bodies pass as they come.

use crate::support::{Proxied, answer, request};

#[test]
fn an_answer_arrives_before_it_has_ended() {
    let proxied = Proxied::start();
    // one that is kept, and one that is not
    for fields in ["Cache-Control: max-age=60\r\n", ""] {
        let mut client = proxied.asking("GET /stream", "Cache-Control: no-cache\r\n");
        let mut upstream = proxied.upstream();
        upstream.head();
        let head = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n{fields}\r\n"
        );
        upstream.send(&head);
        let answered = client.head();
        assert_eq!(answered.field("transfer-encoding"), "chunked");
        for piece in ["first", "other"] {
            upstream.send(&format!("5\r\n{piece}\r\n"));
            client.until(piece);
        }
        upstream.send("0\r\n\r\n");
        client.until("\r\n0\r\n\r\n");
    }
}

#[test]
fn a_body_of_a_request_arrives_before_it_has_ended() {
    let proxied = Proxied::start();
    // a GET may have one, too
    for method in ["POST", "GET"] {
        let target = format!("{method} /upload");
        let mut client = proxied.asking(&target, "Transfer-Encoding: chunked\r\n");
        let mut upstream = proxied.upstream();
        let asked = upstream.head();
        assert_eq!(asked.start, format!("{method} /upload HTTP/1.1"));
        assert_eq!(asked.field("transfer-encoding"), "chunked");
        for piece in ["first", "other"] {
            client.send(&format!("5\r\n{piece}\r\n"));
            upstream.until(&format!("5\r\n{piece}\r\n"));
        }
        client.send("0\r\n\r\n");
        upstream.until("0\r\n\r\n");
        upstream.send(&answer("201 Created", "Connection: close\r\n", "done"));
        assert_eq!(client.head().start, "HTTP/1.1 201 Created");
        client.until("done");
    }
}

#[test]
fn a_length_that_chunks_contradict_is_not_passed_on() {
    let proxied = Proxied::start();
    let fields = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n";
    let mut client = proxied.client();
    client.send(&format!(
        "{}5\r\nhello\r\n0\r\n\r\n",
        request("POST /", fields)
    ));
    let mut upstream = proxied.upstream();
    let asked = upstream.head();
    asked.has_none_of(&["content-length"]);
    assert_eq!(asked.field("transfer-encoding"), "chunked");
    upstream.until("5\r\nhello\r\n0\r\n\r\n");
}

#[test]
fn a_body_that_was_cut_off_does_not_look_whole() {
    let proxied = Proxied::start();
    let mut client = proxied.asking("GET /cut", "");
    let mut upstream = proxied.upstream();
    upstream.head();
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    client.head();
    client.until("first\r\n");
    drop(upstream);
    assert_eq!(client.rest(), "");
}

#[test]
fn trailers_pass_to_a_client_that_takes_them() {
    let proxied = Proxied::start();
    let mut client = proxied.asking("GET /", "TE: trailers\r\nConnection: te\r\n");
    let mut upstream = proxied.upstream();
    let asked = upstream.head();
    assert_eq!(
        (asked.field("te"), asked.field("connection")),
        ("trailers", "te")
    );
    upstream.send(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n\
         5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n",
    );
    client.head();
    let body = client.until("\r\n\r\n").to_ascii_lowercase();
    assert_eq!(body, "5\r\nhello\r\n0\r\nx-sum: 7\r\n\r\n");
}
