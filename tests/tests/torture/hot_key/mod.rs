//! Eight processes of the operating system that ask about one key, with leases and without, while their Redis is
//! killed and comes back with nothing.
//!
//! What they let through while Redis answers is within the quota, and whatever else passed is what the policy for
//! that says. Five seconds in a test run; `TORTURE_SECONDS` says how long.

mod passed;
mod process;

use std::net::TcpStream;
use std::time::Duration;

use tests::{Program, RedisServer, Serving, canary, eventually_async, number};
use tokio::time::sleep;
use tower_redis::limit::{Algorithm, OnUnavailable, Policy, Quota};

use crate::clock::{Clock, origin};
use passed::{By, Passed};
use process::{AGAIN, OVERSHOOT, PASSED};

const PROCESSES: usize = 8;
const PER_SECOND: u64 = 40;
const BURST: u64 = 100;
/// How much is taken ahead where something is.
const LEASES: u32 = 50;

/// One limit that all of them ask about.
#[derive(Debug, Clone, Copy)]
struct Kind {
    on_unavailable: OnUnavailable,
    leases: u32,
}

impl Kind {
    const fn new(on_unavailable: OnUnavailable, leases: u32) -> Self {
        Self {
            on_unavailable,
            leases,
        }
    }

    fn of(self, algorithm: Algorithm) -> Policy {
        let name = format!("{:?} {}", self.on_unavailable, self.leases);
        Policy::new(name, Quota::per_second(PER_SECOND).burst(BURST))
            .algorithm(algorithm)
            .on_unavailable(self.on_unavailable)
            .leases(self.leases)
    }
}

const POLICIES: [Kind; 6] = [
    Kind::new(OnUnavailable::Local, 0),
    Kind::new(OnUnavailable::Open, 0),
    Kind::new(OnUnavailable::Closed, 0),
    Kind::new(OnUnavailable::Local, LEASES),
    Kind::new(OnUnavailable::Open, LEASES),
    Kind::new(OnUnavailable::Closed, LEASES),
];

/// What the quota lets through in so many nanoseconds.
fn most(nanos: u64) -> u64 {
    BURST + (PER_SECOND * nanos).div_ceil(1_000_000_000)
}

fn start(redis: &RedisServer, origin: u64) -> Serving {
    Program::new(std::env::current_exe().unwrap())
        .arg("--ignored")
        .arg("--exact")
        .arg("hot_key::a_process")
        .arg("--nocapture")
        .env("REDIS_URL", redis.url())
        // a busy machine is no outage
        .env("REDIS_TIMEOUT", "10s")
        .env("TORTURE_ORIGIN", origin.to_string())
        .serve()
}

/// When a life of Redis began and ended, or something else did.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: u64,
    to: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn eight_processes_keep_one_quota_and_their_policy_explains_the_rest() {
    let seconds = number("TORTURE_SECONDS").unwrap_or(5);
    let part = Duration::from_secs(seconds) * 2 / 5;
    let mut redis = RedisServer::start();
    let origin = origin();
    let clock = Clock::since(origin);
    let now = || clock.now().nanos;

    let begun = now();
    let processes = [(); PROCESSES].map(|()| start(&redis, origin));
    // part of the play
    sleep(part).await;
    let dying = now();
    redis.kill();
    let dead = now();
    sleep(part / 2).await;
    let rising = now();
    redis.restart_empty();
    eventually_async("Redis decides in each of them", async || {
        let again = |process: &Serving| process.stderr().contains(AGAIN);
        processes.iter().all(again)
    })
    .await;
    sleep(part).await;
    for process in &processes {
        TcpStream::connect(process.address()).unwrap();
    }
    let passed = processes.map(passed_in);
    let ended = now();

    let lives = [
        Span {
            from: begun,
            to: dead,
        },
        Span {
            from: rising,
            to: ended,
        },
    ];
    let away = Span {
        from: dead,
        to: rising,
    };
    for (at, kind) in POLICIES.into_iter().enumerate() {
        let of_kind = |passed: &Vec<Passed>| -> Vec<Passed> {
            let of = passed.iter().filter(|passed| passed.policy == at);
            of.copied().collect()
        };
        let passed = passed.each_ref().map(of_kind);
        redis_keeps_the_quota(kind, &passed.concat(), lives, away);
        the_policy_explains_the_rest(kind, &passed, begun..dying, ended - begun);
    }
}

/// What a process let through, when it has ended.
fn passed_in(process: Serving) -> Vec<Passed> {
    let ended = process.ended();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let lines = ended.stdout.lines();
    assert!(
        lines.clone().any(|line| line == format!("{OVERSHOOT}0")),
        "{}",
        ended.stdout.lines().last().unwrap_or_default()
    );
    let passed = lines.filter_map(|line| line.strip_prefix(PASSED));
    passed.map(|line| line.parse().unwrap()).collect()
}

/// What Redis let through, itself or ahead, while it lived, and nothing while it did not.
fn redis_keeps_the_quota(kind: Kind, passed: &[Passed], lives: [Span; 2], away: Span) {
    let by_redis = || {
        let decided = |passed: &&Passed| matches!(passed.by, By::Redis | By::Lease);
        passed.iter().filter(decided)
    };
    for life in lives {
        // one of a lease may have been granted by the life before
        let within = |passed: &&Passed| match passed.by {
            By::Lease => passed.ended > life.from && passed.ended <= life.to + away.to - away.from,
            _ => passed.ended > life.from && passed.began < life.to,
        };
        let count = by_redis().filter(within).count() as u64;
        let most = most(life.to - life.from);
        assert!(
            count <= most,
            "{kind:?}: {count} passed of {most} in {life:?}"
        );
        assert!(
            count >= BURST,
            "{kind:?}: {count} passed in {life:?}, which tells nothing"
        );
    }
    let mut dead = by_redis().filter(|passed| passed.by == By::Redis);
    let ghost = dead.find(|passed| passed.began > away.from && passed.ended < away.to);
    assert_eq!(ghost, None, "{kind:?}: nobody was there to decide");
    let leased = by_redis().filter(|passed| passed.by == By::Lease).count();
    assert_eq!(leased > 0, kind.leases > 0, "{kind:?}: {leased} by leases");
}

/// What passed without Redis.
fn the_policy_explains_the_rest(
    kind: Kind,
    passed: &[Vec<Passed>; PROCESSES],
    healthy: std::ops::Range<u64>,
    nanos: u64,
) {
    let mut all = 0;
    for process in passed {
        let without = |passed: &&Passed| !matches!(passed.by, By::Redis | By::Lease);
        let without: Vec<_> = process.iter().filter(without).collect();
        let own = |passed: &&Passed| passed.by == By::Policy(kind.on_unavailable);
        assert!(without.iter().all(own), "{kind:?}: another policy decided");
        let early = without
            .iter()
            .find(|passed| healthy.contains(&passed.ended));
        assert_eq!(early, None, "{kind:?}: Redis was there");
        let count = without.len() as u64;
        match kind.on_unavailable {
            OnUnavailable::Closed => assert_eq!(count, 0, "{kind:?}"),
            // each process has the quota by itself
            OnUnavailable::Local => assert!(count <= most(nanos), "{kind:?}: {count}"),
            _ => {}
        }
        all += count;
    }
    if kind.on_unavailable != OnUnavailable::Closed {
        assert!(all > 0, "{kind:?}: nothing passed without Redis");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is a process that other tests start"]
async fn a_process() {
    canary::listen();
    process::run().await;
}
