//! How a server is to be started.

use std::io;
use std::path::Path;

use crate::resp::client::Client;

/// The name of the user as whom the harness looks into a server that has an ACL.
const LOOKER: &str = "harness";

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

    /// What the program is started with, in `folder`.
    pub(super) fn command_line(&self, folder: &Path, port: Option<u16>) -> Vec<String> {
        let mut arguments: Vec<String> = Vec::new();
        let mut set = |name: &str, value: &str| {
            arguments.extend([format!("--{name}"), value.to_owned()]);
        };
        let file = |name: &str| folder.join(name).display().to_string();
        set("port", &port.unwrap_or(0).to_string());
        set("bind", "127.0.0.1");
        set("unixsocket", &file("socket"));
        set("dir", &file("data"));
        set("save", "");
        set("appendonly", "no");
        if let Some(password) = &self.password {
            set("requirepass", password);
        }
        if !self.users.is_empty() {
            set("aclfile", &file("users.acl"));
        }
        arguments.extend(self.arguments.iter().cloned());
        arguments
    }

    /// A connection that may do everything.
    pub(super) fn connect(&self, socket: &Path) -> io::Result<Client> {
        let mut client = Client::unix(socket)?;
        let login = if let Some(password) = &self.password {
            vec!["AUTH", password]
        } else if self.users.is_empty() {
            return Ok(client);
        } else {
            vec!["AUTH", LOOKER, "any"]
        };
        client.try_call(&login)?;
        Ok(client)
    }
}
