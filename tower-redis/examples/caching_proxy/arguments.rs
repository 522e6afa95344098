//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};
use http::Uri;
use http::uri::{Authority, Scheme};

/// What the proxy was told.
pub(crate) struct Arguments {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Host and port of the server behind it.
    pub(crate) origin: Authority,
    /// The Redis to share what is stored through; nothing of it may be said.
    pub(crate) redis_url: Option<OsString>,
    /// Whether the origin sees the `Host` that the client asked for.
    pub(crate) preserve_host: bool,
    /// Whether what the client says in `Forwarded` and `X-Forwarded-*` is passed on.
    pub(crate) trust_forwarded: bool,
    /// Whether how long a response is fresh may be guessed.
    pub(crate) heuristics: bool,
    /// How long a connection to the origin may take, and after the request its answer.
    pub(crate) patience: Duration,
}

impl Arguments {
    /// # Errors
    /// When help was asked for, or they are wrong; it prints itself.
    pub(crate) fn read(given: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = command();
        let mut given = command.try_get_matches_from_mut(given).map_err(hide_url)?;
        let origin = given.remove_one::<String>("origin").unwrap_or_default();
        let origin =
            authority(&origin).map_err(|what| command.error(ErrorKind::ValueValidation, what))?;
        Ok(Self {
            listen: given
                .remove_one("listen")
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8090))),
            origin,
            redis_url: given.remove_one("redis-url"),
            preserve_host: given.get_flag("preserve-host"),
            trust_forwarded: given.get_flag("trust-forwarded"),
            heuristics: !given.get_flag("no-heuristics"),
            patience: patience(&given),
        })
    }
}

fn patience(given: &ArgMatches) -> Duration {
    let seconds = given.get_one("timeout").copied();
    Duration::from_secs(seconds.unwrap_or(60))
}

fn command() -> Command {
    Command::new("caching_proxy")
        .about("A caching reverse proxy: answers from what it has stored, and asks the origin for the rest")
        .after_help(
            "One line for each request goes to stdout: client, method, path, status, time until the\n\
             head of the answer, and what the cache did (Cache-Status, RFC 9211). SIGTERM and Ctrl-C\n\
             end it when the requests under way are answered.",
        )
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDR")
                .help("Where to listen; port 0 takes a free one [default: 127.0.0.1:8090]")
                .value_parser(|text: &str| {
                    text.parse::<SocketAddr>().map_err(|_| {
                        "expected an IP address and a port, as in `127.0.0.1:8090` or `[::1]:8090`"
                    })
                }),
        )
        .arg(
            Arg::new("origin")
                .long("origin")
                .value_name("URL")
                .required(true)
                .help("The server to stand in front of, http://HOST:PORT"),
        )
        .arg(
            Arg::new("redis-url")
                .long("redis-url")
                .value_name("URL")
                .help(
                    "The Redis of this and other instances, redis://HOST:PORT [env: REDIS_URL] [default: \
                     none, all in memory]. Others on this machine can read arguments: set a password by \
                     the environment",
                )
                .value_parser(clap::value_parser!(OsString)),
        )
        .arg(
            Arg::new("preserve-host")
                .long("preserve-host")
                .action(ArgAction::SetTrue)
                .help("Pass the client's Host on, for an origin of several sites [default: the origin's own]"),
        )
        .arg(
            Arg::new("trust-forwarded")
                .long("trust-forwarded")
                .action(ArgAction::SetTrue)
                .help(
                    "Add to the Forwarded and X-Forwarded-* of the request instead of replacing them; only \
                     behind a proxy that sets them",
                ),
        )
        .arg(
            Arg::new("no-heuristics")
                .long("no-heuristics")
                .action(ArgAction::SetTrue)
                .help(
                    "Do not reuse a response that does not say how long it is fresh [default: for a tenth of \
                     the time since its Last-Modified, a day at most]",
                ),
        )
        .arg(
            Arg::new("timeout")
                .long("timeout")
                .value_name("SECONDS")
                .help("How long the origin may take to connect, and to begin its answer [default: 60]")
                .value_parser(|text: &str| match text.parse::<u64>() {
                    Ok(seconds @ 1..=86_400) => Ok(seconds),
                    _ => Err("expected whole seconds from 1 to 86400"),
                }),
        )
}

/// The host and port in an URL of an origin.
fn authority(text: &str) -> Result<Authority, String> {
    const EXPECTED: &str = "a scheme, a host and a port alone, as in `http://127.0.0.1:8000`";
    // what stands before an `@` may be a password
    if text.contains('@') {
        return Err(format!(
            "--origin: found a URL with a user in it; expected {EXPECTED}"
        ));
    }
    let wrong = |what: &str| format!("--origin: found `{text}`{what}; expected {EXPECTED}");
    let parts = text.parse::<Uri>().map_err(|_| wrong(""))?.into_parts();
    match parts.scheme {
        Some(scheme) if scheme == Scheme::HTTP => {}
        Some(scheme) if scheme == Scheme::HTTPS => {
            return Err(wrong(", and this proxy speaks no TLS"));
        }
        _ => return Err(wrong("")),
    }
    if parts.path_and_query.is_some_and(|path| path != "/") {
        return Err(wrong(", which has a path"));
    }
    let named = parts
        .authority
        .filter(|authority| !authority.host().is_empty());
    named.ok_or_else(|| wrong(""))
}

/// An argument that nobody expected is told, and one that is a URL may have a password in it.
fn hide_url(mut mistake: clap::Error) -> clap::Error {
    let told = mistake
        .get(ContextKind::InvalidArg)
        .map(ToString::to_string);
    if told.is_some_and(|told| told.contains("://")) {
        let hidden = ContextValue::String("(a URL)".to_owned());
        mistake.insert(ContextKind::InvalidArg, hidden);
    }
    mistake
}
