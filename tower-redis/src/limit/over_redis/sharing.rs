//! What several processes let through together.

use std::time::Duration;

use tests::{Proxy, RedisServer, Target};

use crate::limit::basis::Basis;
use crate::limit::behaviour::ALGORITHMS;
use crate::limit::decision::Outcome;
use crate::limit::policy::Policy;
use crate::limit::quota::Quota;
use crate::limit::set::LimiterSet;

use super::support::Process;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_an_hour_hold_across_two_processes() {
    let server = RedisServer::start();
    let processes = [Process::patient(&server), Process::patient(&server)];
    for algorithm in ALGORITHMS {
        let policy = Policy::new("reports", Quota::per_hour(5)).algorithm(algorithm);
        let limiters = processes.each_ref().map(|process| process.limiter(&policy));
        let checks: Vec<_> = (0..1_000)
            .map(|n| {
                let limiter = limiters[n % 2].clone();
                tokio::spawn(async move { limiter.check("ada").await })
            })
            .collect();
        let mut left = Vec::new();
        for check in checks {
            let decision = check.await.unwrap();
            assert_eq!(decision.basis, Basis::Shared);
            assert_eq!(decision.limit, 5);
            if decision.is_allowed() {
                // what is left when those that went along have theirs
                left.push(decision.remaining);
            } else {
                // a sliding counter has a window after the one in which it was used up
                assert!(decision.retry_after().unwrap() <= limiters[0].window());
            }
        }
        left.sort_unstable();
        assert_eq!(left.len(), 5, "{algorithm:?}");
        assert_eq!(left[0], 0, "{algorithm:?}");
        let stats = limiters.each_ref().map(|limiter| limiter.stats());
        let sum = |count: fn(&crate::limit::stats::LimiterStats) -> u64| -> u64 {
            stats.iter().map(count).sum()
        };
        assert_eq!((sum(|s| s.allowed), sum(|s| s.denied)), (5, 995));
        assert_eq!((sum(|s| s.unknown), sum(|s| s.local)), (0, 0));
    }
}

#[tokio::test]
async fn limiters_of_one_policy_count_apart_and_meet_their_like() {
    let server = RedisServer::start();
    let policy = Policy::new("routes", Quota::per_hour(2));
    let processes = [Process::patient(&server), Process::patient(&server)];
    let [[a, b], [c, d]] = processes
        .each_ref()
        .map(|process| [process.limiter(&policy), process.limiter(&policy)]);
    assert_eq!(a.check("ada").await.remaining, 1);
    assert_eq!(b.check("ada").await.remaining, 1);
    assert_eq!(c.check("ada").await.remaining, 0);
    assert_eq!(d.check("ada").await.remaining, 0);
    drop(a);
    let again = processes[0].limiter(&policy);
    assert_eq!(again.check_n("ada", 0).await.remaining, 0);
    assert_eq!(
        processes[0].limiter(&policy).check("ada").await.remaining,
        1
    );
    let mut keys = server.client().call(&["KEYS", "*"]).texts();
    keys.sort();
    let expected = ["routes:2:s", "routes:3:s", "routes:s"];
    let expected = expected.map(|tail| format!("tr:r:{{ada}}:{tail}2/3600000000/1"));
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn limiters_of_two_toolkits_are_no_set() {
    let server = RedisServer::start();
    let processes = [Process::patient(&server), Process::patient(&server)];
    let limiter = |process: &Process, name| process.limiter(&Policy::new(name, Quota::per_hour(2)));
    let [one, two] = [limiter(&processes[0], "a"), limiter(&processes[1], "b")];
    let refused = LimiterSet::new([one.clone(), two]).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("expected limiters of one toolkit")
    );
    assert!(LimiterSet::new([one, limiter(&processes[0], "b")]).is_ok());
}

#[tokio::test]
async fn a_look_and_what_never_passes_leave_nothing() {
    let server = RedisServer::start();
    let limiter = Process::patient(&server).limiter(&Policy::new("p", Quota::per_minute(3)));
    let look = limiter.check_n("ada", 0).await;
    assert!(look.is_allowed());
    assert_eq!((look.remaining, look.reset_after), (3, Duration::ZERO));
    let never = limiter.check_n("ada", 4).await;
    assert_eq!((never.outcome, never.remaining), (Outcome::Never, 3));
    assert_eq!(server.client().call(&["DBSIZE"]).int(), 0);

    assert_eq!(limiter.check_n("ada", 2).await.remaining, 1);
    let refused = limiter.check_n("ada", 2).await;
    assert_eq!(refused.remaining, 1);
    assert_eq!(refused.retry_after(), Some(refused.reset_after));
    assert_eq!(limiter.check_n("ada", 0).await.remaining, 1);
}

#[tokio::test]
async fn what_is_at_rest_is_gone() {
    let server = RedisServer::start();
    let process = Process::patient(&server);
    for algorithm in ALGORITHMS {
        let policy = Policy::new("p", Quota::new(3, Duration::from_millis(30)));
        let limiter = process.limiter(&policy.algorithm(algorithm));
        assert!(limiter.check_n("ada", 3).await.is_allowed());
        let wait = limiter.check("ada").await.retry_after();
        assert!(wait.is_none_or(|wait| wait <= limiter.window()));
        let mut client = server.client();
        tests::eventually("all keys have expired", || {
            client.call(&["DBSIZE"]).int() == 0
        });
        assert_eq!(limiter.check("ada").await.remaining, 2);
        client.call(&["FLUSHALL"]);
    }
}

#[tokio::test]
async fn a_set_is_one_round_trip_and_charges_all_or_nothing() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::through(&proxy, "10s");
    let limiter = |name, quota| process.limiter(&Policy::new(name, quota));
    let minute = limiter("minute", Quota::per_minute(10));
    let hour = limiter("hour", Quota::per_hour(60).burst(4));
    let day = limiter("day", Quota::per_day(1_000));
    let set = LimiterSet::new([minute.clone(), hour.clone(), day.clone()]).unwrap();
    assert!(set.check_n("ada", 3).await.is_allowed());
    let before = proxy.counts();
    let refused = set.check_n("ada", 2).await;
    assert_eq!(proxy.counts().since(&before).all_commands(), 1);
    assert!(!refused.is_allowed());
    let (limiter, decision) = refused.refusal().unwrap();
    assert_eq!((limiter.name(), decision.remaining), ("hour", 1));
    let left: Vec<_> = refused
        .each()
        .map(|(_, decision)| decision.remaining)
        .collect();
    assert_eq!(left, [7, 1, 997]);
    for (limiter, left) in [(&minute, 7), (&hour, 1), (&day, 997)] {
        let look = limiter.check_n("ada", 0).await;
        assert_eq!((look.remaining, look.basis), (left, Basis::Shared));
    }
    let counts = |stats: crate::limit::stats::LimiterStats| (stats.allowed, stats.denied);
    // the look is one that passed
    assert_eq!(counts(minute.stats()), (2, 0));
    assert_eq!(counts(hour.stats()), (2, 1));
}

#[tokio::test]
async fn a_server_that_forgot_the_script_is_told_it_again() {
    let server = RedisServer::start();
    let limiter = Process::patient(&server).limiter(&Policy::new("p", Quota::per_minute(9)));
    for left in (0..9).rev() {
        let decision = limiter.check("ada").await;
        assert_eq!((decision.remaining, decision.basis), (left, Basis::Shared));
        server.client().call(&["SCRIPT", "FLUSH"]);
    }
}

#[test]
fn a_check_needs_no_runtime() {
    let server = RedisServer::start();
    let limiter = Process::patient(&server).limiter(&Policy::new("p", Quota::per_minute(9)));
    let decision = pollster::block_on(limiter.check("ada"));
    assert_eq!((decision.remaining, decision.basis), (8, Basis::Shared));
}
