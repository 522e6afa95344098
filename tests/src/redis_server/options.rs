//! How a server is to be started.

use std::net::{Ipv4Addr, TcpListener};

/// The name of the user as whom the harness looks into a server that has an ACL.
pub(super) const LOOKER: &str = "harness";

/// Ports that the system does not give to connections of its own accord, so that a server that is
/// restarted finds its port free.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A server to be: on a unix socket, without persistence, without password, unless said otherwise.
#[derive(Debug, Clone, Default)]
pub struct RedisOptions {
    pub(super) arguments: Vec<String>,
    pub(super) tcp: bool,
    pub(super) password: Option<String>,
    pub(super) users: Vec<String>,
}

impl RedisOptions {
    /// As a server is by default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line of its configuration, as in `("maxmemory", "4mb")` or `("appendonly", "yes")`. The
    /// values are split at spaces.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.arguments.push(format!("--{name}"));
        let values = value.split(' ').filter(|value| !value.is_empty());
        self.arguments.extend(values.map(str::to_owned));
        self
    }

    /// Keeps every write in an append only file, so that a restart finds it again.
    #[must_use]
    pub fn persistent(self) -> Self {
        self.set("appendonly", "yes").set("appendfsync", "always")
    }

    /// Listens on a free port of the loopback address as well.
    #[must_use]
    pub fn on_tcp(mut self) -> Self {
        self.tcp = true;
        self
    }

    /// Asks for this password.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Has this user: a line of an ACL file without the word `user`, as in `app on >secret ~* +@all`.
    /// The user `default` is on and may do everything unless there is a line for it.
    #[must_use]
    pub fn user(mut self, line: &str) -> Self {
        self.users.push(line.to_owned());
        self
    }

    /// The text of the ACL file; `None` when there is no user of our own.
    pub(super) fn acl(&self) -> Option<String> {
        if self.users.is_empty() {
            return None;
        }
        let everything = "on nopass ~* &* +@all";
        let mut text = format!("user {LOOKER} {everything}\n");
        for user in &self.users {
            text.push_str(&format!("user {user}\n"));
        }
        Some(text)
    }
}

/// A port that was free a moment ago. Redis 7.0 takes no port 0, so the caller has to try another one
/// when somebody was faster.
pub(super) fn free_port() -> u16 {
    use std::hash::{BuildHasher as _, RandomState};

    let span = u64::from(PORTS.end - PORTS.start);
    loop {
        let offset = RandomState::new().hash_one(0) % span;
        let port = PORTS.start + u16::try_from(offset).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
