//! Which Redis, and as whom.

use std::fmt;
use std::path::PathBuf;

use super::secret::Secret;

/// One Redis server, and who asks it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// Where it listens.
    pub address: Address,
    /// The number of the database.
    pub database: u32,
    /// The ACL user; none is the server's default user.
    pub username: Option<Secret>,
    /// The password; none for a server that wants none.
    pub password: Option<Secret>,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// A host, by name or address, and its port.
    Tcp {
        /// The name, or the address without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A socket in the file system.
    Unix(PathBuf),
}

impl Server {
    /// The server at `address`: database 0, the default user, no password.
    #[must_use]
    pub fn at(address: Address) -> Self {
        Self {
            address,
            database: 0,
            username: None,
            password: None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

// whether there is a user or a password says nothing about what it is
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("database", &self.database)
            .field("username", &self.username)
            .field("password", &self.password)
            .finish()
    }
}
