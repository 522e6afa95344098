//! A proxy in front of an origin that the test plays.

use std::net::{SocketAddr, TcpListener, TcpStream};

use tests::{Program, Serving, eventually};

use crate::wire::Wire;

/// A proxy and the socket of its origin.
pub(crate) struct Proxied {
    pub(crate) proxy: Serving,
    origin: TcpListener,
}

pub(crate) fn program() -> Program {
    let build = "-p tower-redis --all-features --examples";
    Program::built("examples/caching_proxy", build)
}

impl Proxied {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    pub(crate) fn with(arguments: &[&str]) -> Self {
        let origin = TcpListener::bind("127.0.0.1:0").unwrap();
        // so that a test which waits for a connection ends
        origin.set_nonblocking(true).unwrap();
        let url = format!("http://{}", origin.local_addr().unwrap());
        let mut program = program().arg("--listen").arg("127.0.0.1:0");
        program = program.arg("--origin").arg(url);
        for argument in arguments {
            program = program.arg(*argument);
        }
        let proxy = program.serve();
        Self { proxy, origin }
    }

    /// A connection of a client.
    pub(crate) fn client(&self) -> Wire {
        Wire::new(TcpStream::connect(self.proxy.address()).unwrap())
    }

    /// A client that has asked this, of the host `site.example` and with the fields given as lines.
    pub(crate) fn asking(&self, target: &str, fields: &str) -> Wire {
        let mut client = self.client();
        client.send(&request(target, fields));
        client
    }

    /// The next connection of the proxy to its origin.
    #[track_caller]
    pub(crate) fn upstream(&self) -> Wire {
        eventually("the proxy connects", || self.call())
    }

    /// A connection that the proxy has made, and nobody has taken.
    pub(crate) fn call(&self) -> Option<Wire> {
        let (stream, _) = self.origin.accept().ok()?;
        stream.set_nonblocking(false).unwrap();
        Some(Wire::new(stream))
    }

    pub(crate) fn origin(&self) -> SocketAddr {
        self.origin.local_addr().unwrap()
    }
}

/// A request of `site.example`; `target` begins with the method.
pub(crate) fn request(target: &str, fields: &str) -> String {
    format!("{target} HTTP/1.1\r\nHost: site.example\r\n{fields}\r\n")
}

/// An answer of this text, with the fields given as lines.
pub(crate) fn answer(status: &str, fields: &str, text: &str) -> String {
    let length = text.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{fields}\r\n{text}")
}
