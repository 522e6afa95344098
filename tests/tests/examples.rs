//! The examples of the library, run as a newcomer would.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// `cargo test` builds the examples beside the tests.
fn example(name: &str) -> Command {
    let tests = std::env::current_exe().unwrap();
    let built: PathBuf = tests
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples")
        .join(name);
    assert!(
        built.exists(),
        "{} is not built; run `cargo build -p tower-redis --all-features --examples`, or ./tests/run",
        built.display()
    );
    Command::new(built)
}

fn said(name: &str) -> String {
    let output = example(name).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn cached_function() {
    let asked = "asking the exchange for ACME\n".repeat(2);
    let expected = asked + "Quote { symbol: \"ACME\", cents: 4200 }\n";
    assert_eq!(said("cached_function"), expected);
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

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_cached_and_limited(name: &str) {
    let mut server = example(name);
    let server = server.arg("127.0.0.1:0").stdout(Stdio::piped());
    let mut server = Server(server.spawn().unwrap());
    let mut line = String::new();
    let mut said = BufReader::new(server.0.stdout.take().unwrap());
    said.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap();

    // each on a connection of its own
    let (first, second) = (get(address), get(address));
    assert!(
        first.contains("cache-status: tower-redis; fwd=uri-miss; fwd-status=200; stored"),
        "{first}"
    );
    assert!(first.contains("ratelimit: \"per-ip\";r=9;"), "{first}");
    assert!(
        second.contains("cache-status: tower-redis; hit; ttl="),
        "{second}"
    );
    assert!(second.contains("\r\nage: "), "{second}");
    assert!(second.ends_with("a report\n"), "{second}");
    // one permit comes back each second, so it may take more than the burst of ten
    let refused = (0..1_000).any(|_| get(address).starts_with("HTTP/1.1 429 "));
    assert!(refused, "the limit let a thousand calls through");
}

fn get(address: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    let request = format!("GET /report HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}
