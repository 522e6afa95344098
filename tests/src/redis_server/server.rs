//! A running server.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use crate::canary::listen;
use crate::eventually::{DEADLINE, eventually};
use crate::folder::Folder;
use crate::process::watched::{Spec, Watched, said};
use crate::redis_server::answers::pong;
use crate::redis_server::options::RedisOptions;
use crate::redis_server::place::{free_port, url};
use crate::resp::client::Client;
use crate::resp::reply::Reply;

/// How often another port is tried when somebody was faster.
const PORTS_TRIED: usize = 20;

/// A real `redis-server`, with a user and a password that nothing may say, which ends when this is dropped and when the test is killed. What it logged is
/// printed when the test fails.
#[derive(Debug)]
pub struct RedisServer {
    options: RedisOptions,
    folder: Folder,
    port: Option<u16>,
    process: Option<Watched>,
}

impl RedisOptions {
    /// Starts the server, and returns when it answers.
    ///
    /// # Panics
    /// When it does not; with what it said.
    #[must_use]
    #[track_caller]
    pub fn start(self) -> RedisServer {
        RedisServer::with(self)
    }
}

impl RedisServer {
    /// A server on a unix socket that keeps nothing; [`RedisOptions`] makes others.
    ///
    /// # Panics
    /// When it does not answer; with what it said.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        RedisOptions::new().start()
    }

    #[track_caller]
    fn with(options: RedisOptions) -> Self {
        listen();
        let folder = Folder::new();
        fs::create_dir(folder.path().join("data")).unwrap();
        if let Some(acl) = options.acl() {
            fs::write(folder.path().join("users.acl"), acl).unwrap();
        }
        let mut server = Self {
            options,
            folder,
            port: None,
            process: None,
        };
        for _ in 0..PORTS_TRIED {
            server.port = server.options.tcp.then(free_port);
            if server.launch(&[], pong) {
                return server;
            }
        }
        panic!("no port was free; the server said:\n{}", server.log());
    }

    /// Its unix socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// Its address on the loopback interface.
    ///
    /// # Panics
    /// When it was not started with [`RedisOptions::on_tcp`].
    #[must_use]
    #[track_caller]
    pub fn address(&self) -> SocketAddr {
        let Some(port) = self.port else {
            panic!("the server listens on a unix socket alone; start it with `on_tcp()`");
        };
        SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)
    }

    /// A URL for its unix socket, or for its port when it has one; with who one is to be.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.port, &self.socket(), self.options.login().as_ref())
    }

    /// A connection that may do everything.
    ///
    /// # Panics
    /// When the server is away.
    #[must_use]
    #[track_caller]
    pub fn client(&self) -> Client {
        let client = self.options.connect(&self.socket());
        client.unwrap_or_else(|error| panic!("cannot connect to the server: {error}"))
    }

    /// What the server answers to one command, over a connection that may do everything.
    ///
    /// # Panics
    /// When the server is away, and when the answer is an error.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        reason = "most commands are sent for what they do"
    )]
    pub fn cli(&self, command: &[&str]) -> Reply {
        let reply = self.client().call(command);
        assert!(!matches!(reply, Reply::Error(_)), "{command:?}: {reply}");
        reply
    }

    /// A field of `INFO`, as in `keyspace_hits`.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    #[track_caller]
    pub fn info(&self, field: &str) -> String {
        let info = self.cli(&["INFO", "everything"]).text();
        let mut fields = info.lines().filter_map(|line| line.split_once(':'));
        match fields.find(|(name, _)| *name == field) {
            Some((_, value)) => value.trim_end().to_owned(),
            None => panic!("INFO has no field {field}; it has\n{info}"),
        }
    }

    /// The id of its process.
    ///
    /// # Panics
    /// When it was stopped or killed.
    #[must_use]
    #[track_caller]
    pub fn id(&self) -> u32 {
        self.running().id()
    }

    /// Freezes it: connections stay open, what is sent to it waits, nothing is answered.
    ///
    /// # Panics
    /// When it was stopped or killed.
    #[track_caller]
    pub fn pause(&mut self) {
        self.signal("STOP");
        eventually("the server is frozen", || self.running().is_stopped());
    }

    /// Goes on after [`pause`](Self::pause); what waited is executed now.
    ///
    /// # Panics
    /// When it was stopped or killed.
    #[track_caller]
    pub fn resume(&mut self) {
        self.signal("CONT");
    }

    /// Ends it without a chance to say so, and returns when it is gone. Nothing happens when it is.
    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    /// Ends it in order (`SIGTERM`: connections are closed, an append only file is complete), and returns
    /// when it is gone.
    ///
    /// # Panics
    /// When it was stopped or killed, and when it does not end.
    #[track_caller]
    pub fn stop(&mut self) {
        self.signal("TERM");
        let code = self
            .process
            .take()
            .and_then(|process| process.wait(DEADLINE));
        assert!(code.is_some(), "the server did not end:\n{}", self.log());
    }

    /// Starts it again in the same place after [`kill`](Self::kill) or [`stop`](Self::stop), or kills it
    /// first; with what it has kept, which is nothing unless it is [`persistent`](RedisOptions::persistent).
    ///
    /// # Panics
    /// When it does not answer.
    #[track_caller]
    pub fn restart(&mut self) {
        self.kill();
        // its port may have been taken in the meantime; it is given back before long
        eventually("the server finds its port free", || self.launch(&[], pong));
    }

    /// As [`restart`](Self::restart), and what it has kept is gone.
    ///
    /// # Panics
    /// When it does not answer.
    #[track_caller]
    pub fn restart_empty(&mut self) {
        self.kill();
        let data = self.folder.path().join("data");
        fs::remove_dir_all(&data).unwrap();
        fs::create_dir(&data).unwrap();
        self.restart();
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        said(&self.folder, "stdout") + &said(&self.folder, "stderr")
    }

    #[track_caller]
    fn signal(&mut self, name: &str) {
        let Some(process) = &mut self.process else {
            panic!("the server does not run");
        };
        process.signal(name);
    }

    #[track_caller]
    fn running(&self) -> &Watched {
        let Some(process) = &self.process else {
            panic!("the server does not run");
        };
        process
    }

    /// Starts the process and waits until it answers a PING as it should; false when its port was taken.
    #[track_caller]
    pub(super) fn launch(&mut self, more: &[&str], should: impl Fn(&Reply) -> bool) -> bool {
        let _ = fs::remove_file(self.socket());
        let _ = fs::remove_file(self.folder.path().join("stdout"));
        let mut arguments = self.options.command_line(self.folder.path(), self.port);
        arguments.extend(more.iter().map(ToString::to_string));
        let spec = Spec {
            program: "redis-server".into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            variables: Vec::new(),
            inherit: true,
            directory: self.folder.path().to_owned(),
        };
        let process = Watched::start(&spec, &self.folder);
        // it listens on the port before it does on the socket, so whoever answers there has the port
        let answers = eventually("the server answers or ends", || {
            if process.has_ended() {
                return Some(false);
            }
            let reply = self
                .options
                .connect(&self.socket())
                .and_then(|mut client| client.try_call(&["PING"]));
            reply.is_ok_and(|reply| should(&reply)).then_some(true)
        });
        if answers {
            self.process = Some(process);
            return true;
        }
        let log = self.log();
        assert!(
            log.contains("Address already in use"),
            "the server ended at once (is redis-server installed? ./tests/run does it):\n{log}"
        );
        false
    }
}

impl Drop for RedisServer {
    #[expect(
        clippy::print_stderr,
        reason = "what the server said explains why a test failed"
    )]
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!(
                "redis-server at {} said:\n{}",
                self.socket().display(),
                self.log()
            );
        }
    }
}
