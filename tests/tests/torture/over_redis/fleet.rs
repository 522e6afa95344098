//! The processes of one mode.

use std::net::TcpStream;
use std::time::Duration;

use tests::torture::{Bounds, Event, History, Outage, Reach, Status, What, check, largest_lag};
use tests::{Program, RedisServer, Serving};
use tower_redis::config::{Process as Environment, Source as _};

use super::process::{EVENT, Orders, STATS};
use super::source::{self, Source};
use super::stats::Stats;
use crate::clock::{Clock, origin};
use crate::report::told;

const TTL: Duration = Duration::from_secs(5);
const GRACE: Duration = Duration::from_secs(2);
const OUTAGE_TTL: Duration = Duration::from_secs(3);

/// How many processes a mode has.
pub(super) const PROCESSES: usize = 2;

/// What all processes of a run have in common.
#[derive(Debug)]
pub(super) struct Run {
    seconds: u64,
    pub(super) seed: u64,
    began: u64,
    pub(super) clock: Clock,
}

/// The processes of one mode.
pub(super) struct Fleet {
    mode: &'static str,
    processes: Vec<Serving>,
}

/// What is documented, and what a busy machine needs on top.
fn bounds(mode: &str) -> Bounds {
    Bounds {
        ttl: TTL,
        message: 5 * Duration::from_millis(100),
        silence: Duration::from_millis(2_100) + Duration::from_millis(400),
        outage: (mode == "grace").then_some(Outage {
            grace: GRACE,
            ttl: OUTAGE_TTL,
            unasked: Duration::from_secs(1),
        }),
        recovery: Duration::from_secs(4),
        slack: Duration::from_millis(500),
        patience: Duration::from_secs(5),
    }
}

fn variable(name: &str) -> Option<String> {
    let value = Environment.get(name)?;
    Some(value.into_string().unwrap())
}

fn number(name: &str) -> Option<u64> {
    variable(name).map(|text| text.parse().unwrap())
}

impl Run {
    /// A run of so many seconds, unless something else is said from outside.
    pub(super) fn of(seconds: u64) -> Self {
        let began = origin();
        Self {
            seconds: number("TORTURE_SECONDS").unwrap_or(seconds),
            seed: number("TORTURE_SEED").unwrap_or(began),
            began,
            clock: Clock::since(began),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.clock.now().nanos >= self.seconds * 1_000_000_000
    }
}

impl Fleet {
    /// Starts one process for each of `urls`, all of which lead to `redis`.
    pub(super) fn start(
        run: &Run,
        redis: &RedisServer,
        mode: &'static str,
        urls: impl IntoIterator<Item = String>,
    ) -> Self {
        let socket = redis.socket().with_file_name(mode);
        source::serve(&socket);
        let start = |(process, url): (usize, String)| {
            let seed = run.seed.wrapping_add(process as u64);
            Program::new(std::env::current_exe().unwrap())
                .arg("--ignored")
                .arg("--exact")
                .arg("over_redis::a_process")
                .arg("--nocapture")
                .env("REDIS_URL", url)
                .env("REDIS_NAMESPACE", mode)
                .env("REDIS_TIMEOUT", "250ms")
                .env("CACHE_OUTAGE", mode)
                .env("CACHE_OUTAGE_GRACE", format!("{}s", GRACE.as_secs()))
                .env("CACHE_OUTAGE_TTL", format!("{}s", OUTAGE_TTL.as_secs()))
                .env("TORTURE_PROCESS", process.to_string())
                .env("TORTURE_SEED", seed.to_string())
                .env("TORTURE_ORIGIN", run.began.to_string())
                .env("TORTURE_SOURCE", &socket)
                .serve()
        };
        Self {
            mode,
            processes: urls.into_iter().enumerate().map(start).collect(),
        }
    }

    /// Tells them to stop.
    pub(super) fn stop(&self) {
        for process in &self.processes {
            TcpStream::connect(process.address()).unwrap();
        }
    }

    /// Waits until they have ended, and holds what they did, and what was done to them, against what was promised.
    pub(super) fn ended(
        self,
        run: &Run,
        done: impl IntoIterator<Item = Event>,
    ) -> (History, Stats) {
        let mut events: Vec<_> = done.into_iter().collect();
        let mut stats = Stats::default();
        for process in self.processes {
            let ended = process.ended();
            assert_eq!(ended.code, 0, "{}", ended.stderr);
            for line in ended.stdout.lines() {
                if let Some(event) = line.strip_prefix(EVENT) {
                    events.push(serde_json::from_str(event).unwrap());
                } else if let Some(own) = line.strip_prefix(STATS) {
                    stats.add(&serde_json::from_str(own).unwrap());
                }
            }
        }
        let history = History::of(events);
        let (mode, seed, bounds) = (self.mode, run.seed, bounds(self.mode));
        let violations = check(&history, &bounds);
        assert!(
            violations.is_empty(),
            "seed {seed}, {mode}: {}",
            told(&history, &violations)
        );
        let lag = largest_lag(&history, &bounds);
        println!(
            "{mode}: {} events; the largest lag without a reason was {lag:?}; {stats:?}",
            history.events().len(),
        );
        assert!(history.events().len() as u64 > 100 * run.seconds);
        is_worth_something(&history);
        (history, stats)
    }
}

/// A run in which little happens shows little.
fn is_worth_something(history: &History) {
    let count = |wanted: &dyn Fn(&What) -> bool| {
        let events = history.events().iter();
        events.filter(|event| wanted(&event.what)).count()
    };
    for wanted in [Status::Near, Status::Far, Status::Loaded] {
        let found = count(&|what| matches!(what, What::Read { status, .. } if *status == wanted));
        assert!(found > 10, "{found} reads were {wanted:?}");
    }
    for wanted in ["Key", "Tag", "Prefix", "All"] {
        let found = count(
            &|what| matches!(what, What::Invalidate { by, reach: Reach::Everywhere, .. } if by.starts_with(wanted)),
        );
        assert!(found > 0, "{found} invalidations by {wanted} reached all");
    }
    let puts = count(&|what| {
        matches!(
            what,
            What::Put {
                reach: Reach::Everywhere,
                ..
            }
        )
    });
    let refreshes = count(&|what| {
        matches!(
            what,
            What::Refresh {
                reach: Reach::Everywhere,
                ..
            }
        )
    });
    assert!(
        puts > 2 && refreshes > 2,
        "{puts} puts and {refreshes} refreshes reached all"
    );
}

/// What a process is told by its environment.
pub(super) fn orders() -> Orders {
    Orders {
        process: usize::try_from(number("TORTURE_PROCESS").unwrap()).unwrap(),
        seed: number("TORTURE_SEED").unwrap(),
        origin: number("TORTURE_ORIGIN").unwrap(),
        source: Source(variable("TORTURE_SOURCE").unwrap().into()),
        ttl: TTL,
    }
}
