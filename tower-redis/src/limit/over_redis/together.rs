//! Calls that go together, and those that need not go.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tests::{Proxy, RedisServer, Target, eventually_async};

use crate::clock::Clock;
use crate::limit::basis::Basis;
use crate::limit::behaviour;
use crate::limit::policy::{Algorithm, Policy};
use crate::limit::quota::Quota;
use crate::limit::set_behaviour;

use super::support::Process;

#[tokio::test]
async fn a_limiter_behaves() {
    let server = RedisServer::start();
    let process = Process::patient(&server);
    behaviour::all(&|policy| {
        server.client().call(&["FLUSHALL"]);
        process.limiter(policy)
    })
    .await;
}

#[tokio::test]
async fn a_set_behaves() {
    let server = RedisServer::start();
    let process = Process::patient(&server);
    set_behaviour::all(&|policy| {
        server.client().call(&["FLUSHALL"]);
        process.limiter(policy)
    })
    .await;
}

#[tokio::test]
async fn calls_of_one_key_wait_for_one_and_go_together() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::through(&proxy, "10s");
    for algorithm in behaviour::ALGORITHMS {
        let policy = Policy::new(format!("{algorithm:?}"), Quota::per_hour(60));
        let limiter = process.limiter(&policy.algorithm(algorithm));
        assert!(limiter.check_n("ada", 0).await.is_allowed());
        let before = proxy.counts();
        proxy.hold();
        let checks: Vec<_> = (0..100)
            .map(|n| {
                let limiter = limiter.clone();
                // of two costs
                let cost = if n < 90 { 1 } else { 2 };
                tokio::spawn(async move { limiter.check_n("ada", cost).await })
            })
            .collect();
        eventually_async("the first has been sent", async || {
            proxy.counts().since(&before).command("EVALSHA") >= 1
        })
        .await;
        // the others wait, whoever is first
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        proxy.restore();
        let mut passed = 0;
        for check in checks {
            let decision = check.await.unwrap();
            assert_eq!(decision.basis, Basis::Shared);
            passed += u32::from(decision.is_allowed());
            assert_eq!(decision.is_allowed(), decision.retry_after().is_none());
        }
        assert_eq!(passed, 60, "{algorithm:?}");
        let calls = proxy.counts().since(&before).command("EVALSHA");
        assert!((2..=4).contains(&calls), "{calls} calls");
        let stats = limiter.stats();
        assert_eq!((stats.allowed, stats.denied), (61, 40));
        assert!(stats.coalesced + calls >= 100, "{stats:?}");
    }
}

#[tokio::test]
async fn keys_do_not_wait_for_each_other() {
    let server = RedisServer::start();
    let limiter = Process::patient(&server).limiter(&Policy::new("p", Quota::per_hour(5)));
    let keys: Vec<_> = (0..50).collect();
    let checks = keys.iter().map(|key| limiter.check(key));
    let decisions = futures_util::future::join_all(checks).await;
    assert!(decisions.iter().all(|decision| decision.remaining == 4));
    assert_eq!(limiter.stats().coalesced, 0);
}

#[tokio::test]
async fn who_leaves_takes_nobody_along_and_no_permit() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::through(&proxy, "10s");
    let limiter = process.limiter(&Policy::new("p", Quota::per_hour(5)));
    assert!(limiter.check_n("ada", 0).await.is_allowed());
    let before = proxy.counts();
    proxy.hold();
    let check = || {
        let limiter = limiter.clone();
        tokio::spawn(async move { limiter.check("ada").await })
    };
    let first = check();
    eventually_async("the first has been sent", async || {
        proxy.counts().since(&before).command("EVALSHA") == 1
    })
    .await;
    let waiting: Vec<_> = (0..6).map(|_| check()).collect();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    // the one under way, and of those behind it the one that would carry on and another
    first.abort();
    waiting[0].abort();
    waiting[3].abort();
    let (gone, stay): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .enumerate()
        .partition(|(n, _)| *n == 0 || *n == 3);
    for (_, gone) in gone {
        assert!(gone.await.unwrap_err().is_cancelled());
    }
    proxy.restore();
    for (_, stay) in stay {
        assert!(stay.await.unwrap().is_allowed());
    }
    // the one that was sent, and the four that stayed
    assert_eq!(limiter.peek("ada").await.remaining, 0);
}

#[tokio::test]
async fn a_client_that_keeps_knocking_costs_redis_one_call_a_second() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::through(&proxy, "10s");
    for algorithm in behaviour::ALGORITHMS {
        let policy = Policy::new(format!("{algorithm:?}"), Quota::per_hour(2));
        let limiter = process.limiter(&policy.algorithm(algorithm));
        assert!(limiter.check_n("ada", 2).await.is_allowed());
        let first = limiter.check("ada").await;
        let before = proxy.counts();
        let start = Clock::system().now();
        for _ in 0..500 {
            let refused = limiter.check("ada").await;
            let (now, then) = (refused.retry_after(), first.retry_after());
            assert!(now.unwrap() <= then.unwrap());
            assert_eq!(refused.basis, Basis::Shared);
        }
        let seconds = Clock::system().now().since(start).as_secs() + 2;
        let calls = proxy.counts().since(&before).command("EVALSHA");
        if algorithm == Algorithm::Concurrency {
            // given back at any time: it is always asked for
            assert_eq!(calls, 500);
        } else {
            assert!(calls <= seconds, "{calls} calls");
            assert!(limiter.stats().recalled >= 490);
        }
    }
}

#[tokio::test]
async fn a_refusal_that_is_remembered_ends_when_it_said() {
    let server = RedisServer::start();
    let policy = Policy::new("p", Quota::new(1, Duration::from_millis(200)));
    let limiter = Process::patient(&server).limiter(&policy);
    for _ in 0..3 {
        assert!(
            limiter
                .wait("ada", Duration::from_secs(10))
                .await
                .is_allowed()
        );
        let refused = limiter.check("ada").await;
        assert!(
            refused
                .retry_after()
                .is_none_or(|wait| wait <= Duration::from_millis(200))
        );
    }
}

#[tokio::test]
async fn a_holder_that_died_holds_nothing_after_a_period() {
    let server = RedisServer::start();
    let process = Process::patient(&server);
    let quota = Quota::new(1, Duration::from_millis(300));
    let policy = Policy::new("p", quota).algorithm(Algorithm::Concurrency);
    let [one, other] = [
        process.limiter(&policy),
        Process::patient(&server).limiter(&policy),
    ];
    // renewed, it is held for longer than that
    let held = one.hold("ada").await.unwrap();
    let work = held.during(async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(other.hold("ada").await.is_err());
    });
    assert_eq!(work.await, Some(()));
    eventually_async("it is given back", async || {
        let Ok(dead) = other.hold("ada").await else {
            return false;
        };
        Box::leak(Box::new(dead));
        true
    })
    .await;
    assert!(one.hold("ada").await.is_err());
    eventually_async("the dead one's is free", async || {
        one.hold("ada").await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_ask_less_and_let_no_more_through() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let processes = [
        Process::through(&proxy, "10s"),
        Process::through(&proxy, "10s"),
    ];
    for algorithm in behaviour::ALGORITHMS {
        if algorithm == Algorithm::Concurrency {
            continue;
        }
        let quota = Quota::new(5_000, Duration::from_secs(40 * 86_400));
        let policy = Policy::new(format!("{algorithm:?}"), quota).algorithm(algorithm);
        let limiters = processes
            .each_ref()
            .map(|process| process.limiter(&policy.clone().leases(500)));
        let before = proxy.counts();
        let callers: Vec<_> = (0..32)
            .map(|n| {
                let limiter = limiters[n % 2].clone();
                tokio::spawn(async move {
                    let mut passed = 0_u64;
                    while limiter.check("ada").await.is_allowed() {
                        passed += 1;
                        tokio::task::yield_now().await;
                    }
                    passed
                })
            })
            .collect();
        let mut passed = 0;
        for caller in callers {
            passed += caller.await.unwrap();
        }
        assert!(passed <= 5_000, "{algorithm:?}: {passed}");
        // what was taken ahead and not used is given back, and no permit is lost
        let passed = AtomicU64::new(passed);
        eventually_async("all are used", async || {
            for limiter in &limiters {
                let one = u64::from(limiter.check("ada").await.is_allowed());
                passed.fetch_add(one, Ordering::Relaxed);
            }
            passed.load(Ordering::Relaxed) == 5_000
        })
        .await;
        assert!(!limiters[0].peek("ada").await.is_allowed());
        let stats = limiters.each_ref().map(|limiter| limiter.stats());
        let leased = stats[0].leased + stats[1].leased;
        assert!(leased > 1_000, "{algorithm:?}: {leased} leased");
        assert_eq!(stats[0].overshoot + stats[1].overshoot, 0);
        assert_eq!(stats[0].allowed + stats[1].allowed, 5_000);
        let calls = proxy.counts().since(&before).command("EVALSHA");
        assert!(calls < 5_000, "{algorithm:?}: {calls} calls");
    }
}

#[test]
fn permits_that_are_held_are_not_leased() {
    let server = RedisServer::start();
    let policy = Policy::new("p", Quota::per_hour(5)).algorithm(Algorithm::Concurrency);
    let refused = Process::patient(&server).refuses(&policy.leases(5));
    assert!(
        refused.contains("expected another algorithm, or no leases"),
        "{refused}"
    );
}
