//! Where the proxy listens, and where it leads to.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite, split};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixStream};

type Read = Box<dyn AsyncRead + Send + Unpin>;
type Write = Box<dyn AsyncWrite + Send + Unpin>;

/// The server behind a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// At an address.
    Tcp(SocketAddr),
    /// At a unix socket.
    Unix(PathBuf),
}

impl Target {
    pub(super) async fn connect(&self) -> io::Result<(Read, Write)> {
        match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let (read, write) = split(stream);
                Ok((Box::new(read), Box::new(write)))
            }
            Self::Unix(path) => {
                let (read, write) = split(UnixStream::connect(path).await?);
                Ok((Box::new(read), Box::new(write)))
            }
        }
    }
}

/// A port that stays ours while nobody listens on it: connections are refused then.
#[derive(Debug)]
pub(super) struct Door {
    /// Bound, and never listens.
    _holder: TcpSocket,
    address: SocketAddr,
}

impl Door {
    pub(super) fn new() -> io::Result<Self> {
        let holder = TcpSocket::new_v4()?;
        // without, or it might be given a port that another one holds
        holder.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        holder.set_reuseaddr(true)?;
        Ok(Self {
            address: holder.local_addr()?,
            _holder: holder,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn open(&self) -> io::Result<TcpListener> {
        // two sockets may have one address while one of them does not listen, if both allow it
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        socket.listen(1024)
    }
}
