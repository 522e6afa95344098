//! Which server, as the redis crate wants to be told.

use std::fmt;

use redis::{ProtocolVersion, RedisConnectionInfo};

use crate::config::{Address, Server};

use super::host::Host;

/// A server and who asks it.
pub(super) struct Target {
    server: Server,
    host: Host,
}

impl Target {
    pub(super) fn new(server: &Server) -> Self {
        Self {
            server: server.clone(),
            host: Host::default(),
        }
    }

    pub(super) fn address(&self) -> &Address {
        &self.server.address
    }

    /// What is known of its host, by all who connect to it.
    pub(super) fn host(&self) -> &Host {
        &self.host
    }

    /// What is said first on a connection. Nothing that a user with few rights may not say: AUTH and
    /// HELLO need none, SELECT is only sent for a database other than 0, CLIENT not at all.
    pub(super) fn login(&self, protocol: ProtocolVersion) -> RedisConnectionInfo {
        let mut login = RedisConnectionInfo::default()
            .set_protocol(protocol)
            .set_skip_set_lib_name()
            .set_db(i64::from(self.server.database));
        if let Some(username) = &self.server.username {
            login = login.set_username(username.expose());
        }
        if let Some(password) = &self.server.password {
            login = login.set_password(password.expose());
        }
        login
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").finish_non_exhaustive()
    }
}
