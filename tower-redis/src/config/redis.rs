//! How Redis is used.

use std::time::Duration;

use super::names;
use super::parse;
use super::place;
use super::reader::Reader;
use super::server::Server;

/// The connections that everything needs together: one for values, one for leases, tokens and limits,
/// one that hears of invalidations, one for events, one to probe with.
pub(crate) const FEWEST_CONNECTIONS: usize = 5;

const CONNECTIONS: &str = "a number of at least 5: values, limits, invalidations, events and probes \
                           each need one (and each further Tokio runtime works best with two more)";
const NAME: &str = "1 to 64 of the characters `a-z`, `A-Z`, `0-9`, `_`, `.` and `-`";
const DEADLINE: &str = "a time from 5ms to 10s, like `50ms` (a number alone is seconds)";

/// One Redis server and how it is used. `Debug` shows no user name and no password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisSettings {
    /// `REDIS_URL` and those that fill what it lacks, or `CACHE_REDIS_URL`: which server, and as whom.
    pub server: Server,
    /// `REDIS_MAX_CONNECTIONS`: the most connections to this server at a time.
    ///
    /// Five belong to the thread that listens and probes. Each Tokio runtime that asks has two of its
    /// own as long as there are two left, one for values and one for what must not wait behind them;
    /// beyond that it shares those of the thread, which works and is slower. A number below five is
    /// taken as five.
    pub max_connections: usize,
    /// `REDIS_RETRY_ON_TIMEOUT`: whether a read whose connection broke is asked once more within its
    /// deadline. Writes and limit checks never are: they may have been done.
    pub retry_on_timeout: bool,
    /// `REDIS_NAMESPACE`: what the names of the library's own keys and channels begin with. Services
    /// that share it share what they store.
    pub namespace: String,
    /// `REDIS_TIMEOUT`: the deadline of one operation. It is checked in steps of an eighth, so a call
    /// may last that much longer.
    pub timeout: Duration,
}

impl RedisSettings {
    /// The defaults for `server`.
    #[must_use]
    pub fn new(server: Server) -> Self {
        Self {
            server,
            max_connections: 20,
            retry_on_timeout: true,
            namespace: "tr".to_owned(),
            timeout: Duration::from_millis(50),
        }
    }

    /// What is set for everything, and for caches alone.
    pub(super) fn read(from: &mut Reader<'_>) -> (Option<Self>, Option<Self>) {
        let everything = place::of_everything(from);
        let caches = place::of_caches(from);
        let max_connections = from.read(names::MAX_CONNECTIONS, CONNECTIONS, |text| {
            parse::count(text).filter(|most| *most >= FEWEST_CONNECTIONS)
        });
        let retry_on_timeout = from.read(names::RETRY, parse::FLAG, parse::flag);
        let namespace = from.read(names::NAMESPACE, NAME, name);
        let timeout = from.read(names::TIMEOUT, DEADLINE, deadline);
        let with = |server| {
            let default = Self::new(server);
            Self {
                max_connections: max_connections.unwrap_or(default.max_connections),
                retry_on_timeout: retry_on_timeout.unwrap_or(default.retry_on_timeout),
                namespace: namespace.clone().unwrap_or(default.namespace),
                timeout: timeout.unwrap_or(default.timeout),
                server: default.server,
            }
        };
        (everything.map(with), caches.map(with))
    }
}

fn name(text: &str) -> Option<String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    ((1..=64).contains(&text.len()) && text.bytes().all(known)).then(|| text.to_owned())
}

fn deadline(text: &str) -> Option<Duration> {
    let bounds = Duration::from_millis(5)..=Duration::from_secs(10);
    parse::ttl(text).filter(|deadline| bounds.contains(deadline))
}
