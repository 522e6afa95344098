//! Several processes, one after the other or at once.

use std::time::Duration;

use tests::{Proxy, RedisServer, Target};
use tower_redis::limit::{Basis, Limiter, Policy, Quota};
use tower_redis::testing::ManualClock;

use crate::support::{Verdict, admitted, only_naive, passes, process, unless};

/// What decides in one process about one key.
type Process = Box<dyn FnMut() -> bool>;

fn ours(server: &RedisServer, clock: &ManualClock) -> Process {
    let toolkit = process(&server.url(), "10s", clock);
    let limiter = toolkit
        .limiter(&Policy::new("p", Quota::per_hour(5)))
        .unwrap();
    Box::new(move || passes(&limiter, "ada"))
}

/// A deploy, and then two replicas.
fn a_quota_is_that_of_all(mut start: impl FnMut() -> Process) -> Verdict {
    let mut passed = admitted(3, start());
    let mut replicas = [start(), start()];
    for _ in 0..10 {
        passed += replicas
            .iter_mut()
            .filter_map(|one| one().then_some(()))
            .count();
    }
    unless(passed == 5, format!("{passed} passed of a quota of 5"))
}

/// nvcf#975, resilience4j#2069.
#[test]
fn trap_25_each_process_and_each_deploy_has_its_own_quota() {
    let server = RedisServer::start();
    let in_memory = || -> Process {
        let mut used = 0;
        Box::new(move || {
            used += 1;
            used <= 5
        })
    };
    only_naive(
        a_quota_is_that_of_all(|| ours(&server, &ManualClock::new())),
        a_quota_is_that_of_all(in_memory),
    );
}

/// Two processes whose clocks are so far apart.
fn clocks_need_not_agree(mut start: impl FnMut(Duration) -> Process) -> Verdict {
    let apart = [Duration::ZERO, Duration::from_secs(7_200)];
    let passed: usize = apart.map(|ahead| admitted(10, start(ahead))).iter().sum();
    unless(passed == 5, format!("{passed} passed of a quota of 5"))
}

/// `upstash`, `rueidislimiter`, Envoy: the window is told by the clock of the process.
#[test]
fn trap_16_each_process_has_its_own_time() {
    let server = RedisServer::start();
    let naive = |ahead: Duration| -> Process {
        let mut client = server.client();
        let key = format!("naive:{}", ahead.as_secs() / 3_600);
        Box::new(move || client.call(&["INCR", &key]).int() <= 5)
    };
    only_naive(
        clocks_need_not_agree(|ahead| {
            let clock = ManualClock::new();
            clock.advance(ahead);
            ours(&server, &clock)
        }),
        clocks_need_not_agree(naive),
    );
}

/// How often Redis is asked when `CALLS` tasks ask about one key at once.
async fn a_hot_key_is_asked_for_seldom(proxy: &Proxy, calls: impl Future<Output = ()>) -> Verdict {
    let before = proxy.counts();
    calls.await;
    let counts = proxy.counts().since(&before);
    let asked = counts.command("EVALSHA") + counts.command("EVAL") + counts.command("INCR");
    unless(
        asked * 4 <= CALLS,
        format!("{asked} scripts for {CALLS} calls"),
    )
}

const CALLS: u64 = 256;

/// bucket4j#603 tries again and again, others ask once for each call.
#[tokio::test]
async fn trap_18_a_hot_key_costs_a_script_for_each_call() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let toolkit = process(&proxy.url(), "10s", &ManualClock::new());
    let policy = Policy::new("p", Quota::per_hour(1_000_000));
    let limiter: Limiter = toolkit.limiter(&policy).unwrap();
    assert_eq!(limiter.check("other").await.basis, Basis::Shared);
    let ours = async {
        let asking = |_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.check("hot").await })
        };
        for asked in (0..CALLS).map(asking).collect::<Vec<_>>() {
            assert_eq!(asked.await.unwrap().basis, Basis::Shared);
        }
    };
    let mut client = tests::resp::Client::tcp(proxy.address()).unwrap();
    let naive = async {
        for _ in 0..CALLS {
            client.call(&["INCR", "hot"]);
        }
    };
    only_naive(
        a_hot_key_is_asked_for_seldom(&proxy, ours).await,
        a_hot_key_is_asked_for_seldom(&proxy, naive).await,
    );
}
