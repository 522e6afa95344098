//! Two processes of the operating system for each mode, over a Redis to which everything happens.
//!
//! `TORTURE_SECONDS` says how long; `./tests/torture --minutes 10` runs it for longer than a test run has time for.

mod clock;
mod process;
mod source;
mod weather;

use std::net::TcpStream;
use std::time::Duration;

use tests::torture::{Bounds, Event, History, Outage, check, largest_lag};
use tests::{Program, Proxy, RedisServer, Serving, Target};
use tower_redis::config::{Process as Environment, Source as _};

use self::clock::{Clock, origin};
use self::process::{EVENT, Orders};
use self::source::Source;
use self::weather::Weather;
use crate::random::Random;
use crate::report::told;

const TTL: Duration = Duration::from_secs(5);
const GRACE: Duration = Duration::from_secs(2);
const OUTAGE_TTL: Duration = Duration::from_secs(3);
const MODES: [&str; 2] = ["grace", "strict"];
const PROCESSES: usize = 2;

/// What is documented, and what a busy machine needs on top.
fn bounds(mode: &str) -> Bounds {
    Bounds {
        ttl: TTL,
        message: 5 * Duration::from_millis(100),
        silence: Duration::from_millis(2_100) + Duration::from_millis(400),
        outage: (mode == "grace").then_some(Outage {
            grace: GRACE,
            ttl: OUTAGE_TTL,
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

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nothing_that_happens_to_redis_breaks_a_promise() {
    let seconds = number("TORTURE_SECONDS").unwrap_or(20);
    let seed = number("TORTURE_SEED").unwrap_or_else(origin);
    let began = origin();
    let clock = Clock::since(began);
    let redis = RedisServer::start();
    let mut proxies = Vec::new();
    let mut processes = Vec::new();
    for mode in MODES {
        let socket = redis.socket().with_file_name(mode);
        source::serve(&socket);
        for process in 0..PROCESSES {
            let proxy = Proxy::before(Target::Unix(redis.socket()));
            let program = Program::new(std::env::current_exe().unwrap())
                .arg("--ignored")
                .arg("--exact")
                .arg("over_redis::a_process")
                .arg("--nocapture")
                .env("REDIS_URL", proxy.url())
                .env("REDIS_NAMESPACE", mode)
                .env("REDIS_TIMEOUT", "250ms")
                .env("CACHE_OUTAGE", mode)
                .env("CACHE_OUTAGE_GRACE", format!("{}s", GRACE.as_secs()))
                .env("CACHE_OUTAGE_TTL", format!("{}s", OUTAGE_TTL.as_secs()))
                .env("TORTURE_PROCESS", process.to_string())
                .env(
                    "TORTURE_SEED",
                    seed.wrapping_add(process as u64).to_string(),
                )
                .env("TORTURE_ORIGIN", began.to_string())
                .env("TORTURE_SOURCE", &socket);
            processes.push(program.serve());
            proxies.push(proxy);
        }
    }
    let mut weather = Weather {
        redis,
        proxies,
        clock,
        random: Random::new(seed),
        events: Vec::new(),
        processes: PROCESSES,
    };
    while clock.now().nanos < seconds * 1_000_000_000 {
        weather.change().await;
    }
    for process in &processes {
        // that tells it to stop
        TcpStream::connect(process.address()).unwrap();
    }
    let mut said = processes.into_iter().map(ended);
    for (at, mode) in MODES.into_iter().enumerate() {
        let own = said.by_ref().take(PROCESSES).flatten();
        let history = History::of(
            own.collect::<Vec<_>>()
                .into_iter()
                .chain(weather.of_mode(at)),
        );
        let bounds = bounds(mode);
        let violations = check(&history, &bounds);
        assert!(
            violations.is_empty(),
            "seed {seed}, {mode}: {}",
            told(&history, &violations)
        );
        println!(
            "{mode}: {} events in {seconds} s; the largest lag without a reason was {:?}",
            history.events().len(),
            largest_lag(&history, &bounds),
        );
        // a run in which little happens shows little
        assert!(history.events().len() as u64 > 100 * seconds);
    }
}

/// Waits until a process has ended, and returns what it did.
fn ended(process: Serving) -> Vec<Event> {
    let ended = process.ended();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let events = ended
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix(EVENT));
    events
        .map(|event| serde_json::from_str(event).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is a process that other tests start"]
async fn a_process() {
    let orders = Orders {
        process: usize::try_from(number("TORTURE_PROCESS").unwrap()).unwrap(),
        seed: number("TORTURE_SEED").unwrap(),
        origin: number("TORTURE_ORIGIN").unwrap(),
        source: Source(variable("TORTURE_SOURCE").unwrap().into()),
        ttl: TTL,
    };
    process::run(orders).await;
}
