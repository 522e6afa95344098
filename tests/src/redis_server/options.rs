//! How a server is to be started.

use std::io;
use std::path::Path;

use crate::canary::canary;
use crate::resp::client::Client;

/// The name of the user as whom the harness looks into a server that has an ACL.
const LOOKER: &str = "harness";
/// What every user may do whose rights are not the matter.
const EVERYTHING: &str = "~* &* +@all";

/// A server to be: on a unix socket, without persistence, with one user whom its URL names and who must not
/// be named elsewhere, unless said otherwise.
#[derive(Debug, Clone, Default)]
pub struct RedisOptions {
    pub(super) arguments: Vec<String>,
    pub(super) tcp: bool,
    password: Option<String>,
    users: Vec<String>,
    open: bool,
}

/// Who the URL of a server says that one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) password: String,
}

impl Login {
    /// A name and a password that nothing may say.
    pub(crate) fn canary() -> Self {
        Self {
            user: Some(canary("user")),
            password: canary("password"),
        }
    }
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

    /// Asks nobody who they are, for clients that cannot say it in the URL of a socket.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Asks for this password, and for no name.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Has this user: a line of an ACL file without the word `user`, as in `app on >secret ~* +@all`.
    /// The user `default` is on and may do everything unless there is a line for it. The URL of such a server
    /// names nobody.
    #[must_use]
    pub fn user(mut self, line: &str) -> Self {
        self.users.push(line.to_owned());
        self
    }

    /// Who its URL says that one is; `None` where nobody is named.
    pub(super) fn login(&self) -> Option<Login> {
        match &self.password {
            Some(password) => Some(Login {
                user: None,
                password: password.clone(),
            }),
            None => (!self.open && self.users.is_empty()).then(Login::canary),
        }
    }

    /// The text of the ACL file; `None` when there is no user of our own.
    pub(super) fn acl(&self) -> Option<String> {
        let mut text = format!("user {LOOKER} on nopass {EVERYTHING}\n");
        if let Some(Login { user, password }) = self.login() {
            let user = user?;
            text.push_str(&format!(
                "user default off\nuser {user} on >{password} {EVERYTHING}\n"
            ));
        } else if self.users.is_empty() {
            return None;
        }
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
        if self.acl().is_some() {
            set("aclfile", &file("users.acl"));
        }
        arguments.extend(self.arguments.iter().cloned());
        arguments
    }

    /// A connection that may do everything.
    pub(super) fn connect(&self, socket: &Path) -> io::Result<Client> {
        let mut client = Client::unix(socket)?;
        if let Some(password) = &self.password {
            client.try_call(&["AUTH", password])?;
        } else if self.acl().is_some() {
            client.try_call(&["AUTH", LOOKER, "any"])?;
        }
        Ok(client)
    }
}
