//! What a set need not ask for again.

use std::time::Duration;

use tests::{Proxy, RedisServer, Target};

use crate::clock::Clock;
use crate::limit::basis::Basis;
use crate::limit::policy::Policy;
use crate::limit::quota::Quota;
use crate::limit::set::LimiterSet;
use crate::limit::subjects::Each;

use super::support::Process;

fn two(process: &Process) -> LimiterSet {
    let ip = process.limiter(&Policy::new("ip", Quota::per_hour(2)));
    let all = process.limiter(&Policy::new("all", Quota::per_hour(100)));
    LimiterSet::new([ip, all]).unwrap()
}

#[tokio::test]
async fn a_client_that_keeps_knocking_at_a_set_costs_redis_one_call_a_second() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let set = two(&Process::through(&proxy, "10s"));
    let of = async |ip: &'static str| set.check(&Each(&[&ip, &"all"])).await;
    for _ in 0..2 {
        assert!(of("ada").await.is_allowed());
    }
    let first = of("ada").await.retry_after();
    let before = proxy.counts();
    let start = Clock::system().now();
    for _ in 0..500 {
        let refused = of("ada").await;
        let (limiter, decision) = refused.refusal().unwrap();
        assert_eq!((limiter.name(), decision.basis), ("ip", Basis::Shared));
        assert!(decision.retry_after() <= first);
        assert_eq!(refused.each().nth(1).unwrap().1.remaining, 98);
    }
    let seconds = Clock::system().now().since(start).as_secs() + 2;
    let calls = proxy.counts().since(&before).command("EVALSHA");
    assert!(calls <= seconds, "{calls} calls");
    // others are asked for, and what it is refused is counted where it is
    assert!(of("grace").await.is_allowed());
    let stats = [0, 1].map(|at: usize| set.limiters()[at].stats());
    assert_eq!((stats[0].denied, stats[1].denied), (501, 0));
    assert!(stats[0].recalled >= 490);
    assert_eq!(stats[1].allowed, 3);

    // a key on a list is not asked for each time either
    set.limiters()[0].deny("spammer");
    let before = proxy.counts();
    let start = Clock::system().now();
    for _ in 0..500 {
        let refused = of("spammer").await;
        assert!(refused.refusal().unwrap().1.is_never());
        assert_eq!(refused.each().nth(1).unwrap().1.remaining, 97);
    }
    let seconds = Clock::system().now().since(start).as_secs() + 2;
    let calls = proxy.counts().since(&before).command("EVALSHA");
    assert!(calls <= seconds, "{calls} calls");
    set.limiters()[0].unlist("spammer");
    assert!(of("spammer").await.is_allowed());
}

#[tokio::test]
async fn what_this_process_gives_back_ends_what_it_remembers() {
    let server = RedisServer::start();
    let set = two(&Process::patient(&server));
    let each = [&"ada" as &(dyn crate::key::CacheKey + Sync), &"all"];
    let key = Each(&each);
    for _ in 0..3 {
        let reserved = set.reserve(&key, 2).await.unwrap();
        assert!(!set.check(&key).await.is_allowed());
        assert!(!set.check(&key).await.is_allowed());
        reserved.settle(0).await;
    }
    assert!(set.check_n(&key, 2).await.is_allowed());
    assert!(!set.check(&key).await.is_allowed());
    assert!(set.limiters()[0].reset("ada").await);
    assert!(set.check(&key).await.is_allowed());
}

#[tokio::test]
async fn a_refusal_that_is_remembered_ends_when_all_let_it_pass() {
    let server = RedisServer::start();
    let process = Process::patient(&server);
    let each = [100, 300].map(|millis| {
        let quota = Quota::new(1, Duration::from_millis(millis));
        process.limiter(&Policy::new(format!("{millis}"), quota))
    });
    let set = LimiterSet::new(each).unwrap();
    for _ in 0..3 {
        let passed = set.wait("ada", Duration::from_secs(10)).await;
        assert!(passed.is_allowed());
        let refused = set.check("ada").await;
        let wait = refused.retry_after();
        assert!(wait.is_none_or(|wait| wait <= Duration::from_millis(300)));
    }
}
