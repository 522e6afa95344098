//! A blocking client.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::eventually::DEADLINE;
use crate::resp::reply::{Reply, parse};

/// One connection; every call is answered before the next is made.
pub struct Client {
    stream: Box<dyn Stream>,
    received: Vec<u8>,
}

trait Stream: Read + Write + Send {
    fn set_timeout(&self, timeout: Duration) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn set_timeout(&self, timeout: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(timeout))
    }
}

impl Stream for UnixStream {
    fn set_timeout(&self, timeout: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(timeout))
    }
}

impl Client {
    /// Connects to a unix socket.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn unix(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::over(UnixStream::connect(path)?)
    }

    /// Connects to an address.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn tcp(address: SocketAddr) -> io::Result<Self> {
        Self::over(TcpStream::connect(address)?)
    }

    fn over(stream: impl Stream + 'static) -> io::Result<Self> {
        stream.set_timeout(DEADLINE)?;
        Ok(Self {
            stream: Box::new(stream),
            received: Vec::new(),
        })
    }

    /// Sends a command and returns what is answered.
    ///
    /// # Panics
    /// When the connection fails, or nothing is answered for a long time.
    #[track_caller]
    pub fn call<T: AsRef<[u8]>>(&mut self, command: &[T]) -> Reply {
        let answered = self.try_call(command);
        answered.unwrap_or_else(|error| panic!("the connection failed: {error}"))
    }

    /// Sends a command and returns what is answered.
    ///
    /// # Errors
    /// When the connection fails, or nothing is answered for a long time.
    pub fn try_call<T: AsRef<[u8]>>(&mut self, command: &[T]) -> io::Result<Reply> {
        self.send(command)?;
        self.receive()
    }

    /// Sends a command without waiting for the answer.
    ///
    /// # Errors
    /// When the connection fails.
    pub fn send<T: AsRef<[u8]>>(&mut self, command: &[T]) -> io::Result<()> {
        let mut bytes = format!("*{}\r\n", command.len()).into_bytes();
        for part in command {
            let part = part.as_ref();
            bytes.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
            bytes.extend_from_slice(part);
            bytes.extend_from_slice(b"\r\n");
        }
        self.stream.write_all(&bytes)
    }

    /// The next thing the server says: an answer, or a message of a subscription.
    ///
    /// # Errors
    /// When the connection fails, or nothing is said for a long time.
    pub fn receive(&mut self) -> io::Result<Reply> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let parsed = parse(&self.received);
            let parsed = parsed.map_err(|_| io::Error::other("what was answered is no RESP"))?;
            if let Some((reply, taken)) = parsed {
                self.received.drain(..taken);
                return Ok(reply);
            }
            match self.stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => self
                    .received
                    .extend_from_slice(buffer.get(..length).unwrap()),
            }
        }
    }

    /// How long an answer may take; a minute unless set.
    ///
    /// # Panics
    /// When it is zero.
    pub fn patience(&mut self, patience: Duration) {
        self.stream.set_timeout(patience).unwrap();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
