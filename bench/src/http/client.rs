//! A client that costs little: so many connections, each with one request at a time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::{HOST, PATH};

const CONNECTIONS: usize = 16;

pub struct Client {
    connections: Vec<TcpStream>,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Client {
    pub fn new(server: SocketAddr) -> Self {
        let connect = |_| {
            let connection = TcpStream::connect(server).expect("a server that listens");
            connection.set_nodelay(true).expect("a socket");
            connection
        };
        Self {
            connections: (0..CONNECTIONS).map(connect).collect(),
            request: format!("GET {PATH} HTTP/1.1\r\nhost: {HOST}\r\n\r\n").into(),
            buffer: vec![0; 16 * 1_024],
        }
    }

    /// At least `n` requests, so many at a time as there are connections.
    pub fn run(&mut self, n: u64) -> u64 {
        let rounds = n.div_ceil(CONNECTIONS as u64);
        for _ in 0..rounds {
            for connection in &mut self.connections {
                connection.write_all(&self.request).expect("a server");
            }
            for connection in &mut self.connections {
                answer(connection, &mut self.buffer);
            }
        }
        rounds * CONNECTIONS as u64
    }

    /// The head of one answer, in lower case.
    pub fn head(&mut self) -> String {
        let connection = &mut self.connections[0];
        connection.write_all(&self.request).expect("a server");
        let end = answer(connection, &mut self.buffer);
        String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase()
    }
}

/// Reads one answer, and tells where its head ends.
fn answer(connection: &mut TcpStream, buffer: &mut [u8]) -> usize {
    let mut read = 0;
    loop {
        let more = connection.read(&mut buffer[read..]).expect("an answer");
        assert!(more > 0, "a connection that stays");
        read += more;
        let there = &buffer[..read];
        let Some(end) = there.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&there[..end]).expect("a head in ASCII");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        if read == end + 4 + length(head) {
            return end;
        }
    }
}

fn length(head: &str) -> usize {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().expect("a length");
    length.parse().expect("a number")
}
