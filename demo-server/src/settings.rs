//! What can be set, from arguments, the environment and a `.env` file; and from a test.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use clap::{Arg, ArgMatches, Command};
use tower_redis::Toolkit;
use tower_redis::config::{self, Layered, Source, Variables};
use tracing::Level;

const LISTEN: &str = "an IP address and a port, as in `127.0.0.1:8080`; port 0 takes a free one";
const LEVEL: &str = "`error`, `warn`, `info`, `debug` or `trace`";

/// Everything the demo can be told. The default is what counts when nothing is set.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// `--listen`, `LISTEN_ADDR`: where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// `LOG_LEVEL`: how much to log.
    pub log: Level,
    /// The caches, limits and events. One with a manual clock makes the demo's time stand still.
    pub toolkit: Toolkit,
    /// How long the slow operations take.
    pub work: Work,
}

/// How long the slow operations take; a test has no time to wait for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Work {
    /// What `/api/cached-data` caches.
    pub computation: Duration,
    /// What `/api/slow-limited` guards.
    pub expensive: Duration,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            computation: Duration::from_secs(1),
            expensive: Duration::from_secs(2),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            log: Level::INFO,
            toolkit: Toolkit::in_memory(),
            work: Work::default(),
        }
    }
}

impl Settings {
    /// Reads arguments made by [`command`], and for what they do not say, `source`.
    ///
    /// # Errors
    /// When values cannot be used; the text names all of them.
    pub(crate) fn read(arguments: &ArgMatches, source: &impl Source) -> Result<Self, String> {
        let listen = match arguments.get_one("listen") {
            Some(listen) => Ok(Some(*listen)),
            None => variable(source, "LISTEN_ADDR", LISTEN),
        };
        let log = variable(source, "LOG_LEVEL", LEVEL);
        let redis = arguments.get_one::<OsString>("redis-url");
        let source = Layered {
            over: redis
                .map(|url| ("REDIS_URL", url))
                .into_iter()
                .collect::<Variables>(),
            under: source,
        };
        match (listen, log, toolkit(&source)) {
            (Ok(listen), Ok(log), Ok(toolkit)) => {
                let default = Self::default();
                Ok(Self {
                    listen: listen.unwrap_or(default.listen),
                    log: log.unwrap_or(default.log),
                    toolkit,
                    ..default
                })
            }
            (listen, log, toolkit) => {
                let mistakes = [listen.err(), log.err(), toolkit.err()];
                Err(mistakes
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join("\n"))
            }
        }
    }
}

/// The command line.
pub(crate) fn command() -> Command {
    let listen = Arg::new("listen")
        .long("listen")
        .value_name("ADDR")
        .help(
            "Where to listen; port 0 takes a free one [env: LISTEN_ADDR] [default: 127.0.0.1:8080]",
        )
        .value_parser(|text: &str| {
            text.parse::<SocketAddr>()
                .map_err(|_| format!("expected {LISTEN}"))
        });
    let redis = Arg::new("redis-url")
        .long("redis-url")
        .value_name("URL")
        .help(
            "The Redis to share caches, limits and events through, redis://HOST:PORT [env: REDIS_URL] \
             [default: none, all in memory]. Others on this machine can read arguments: set a password \
             by the environment or .env",
        )
        .value_parser(clap::value_parser!(OsString));
    Command::new("demo-server")
        .about("A small service whose answers come from the caches and limits of tower-redis")
        .after_help(
            "Environment, also read from a file .env in the current directory:\n  \
             LISTEN_ADDR        as --listen\n  \
             LOG_LEVEL          error, warn, info, debug or trace [default: info]\n  \
             CACHE_ENABLED      false turns every cache off [default: true]\n  \
             CACHE_DEFAULT_TTL  whole seconds, or a time like 90s, 15m or 1h30m [default: 3600]\n  \
             REDIS_URL          as --redis-url; REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_USERNAME and\n  \
             \x20                  REDIS_PASSWORD fill what it lacks\n\
             README.md lists the rest.",
        )
        .version(env!("CARGO_PKG_VERSION"))
        .arg(listen)
        .arg(redis)
}

fn variable<T: std::str::FromStr>(
    source: &impl Source,
    name: &str,
    expected: &str,
) -> Result<Option<T>, String> {
    let Some(found) = source.get(name) else {
        return Ok(None);
    };
    let text = found.to_string_lossy();
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(format!("{name}: found `{text}`; expected {expected}")),
        },
    }
}

fn toolkit(source: &impl Source) -> Result<Toolkit, String> {
    config::Settings::read(source)
        .and_then(|settings| Toolkit::builder().settings(settings).build())
        .map_err(|error| error.to_string())
}
