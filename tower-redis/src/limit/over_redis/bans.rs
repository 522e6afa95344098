//! Bans, which hold in all processes, and resets, which end them there.

use std::time::Duration;

use tests::{Proxy, RedisServer, Target, eventually_async};

use crate::clock::Clock;
use crate::limit::ban::Ban;
use crate::limit::basis::Basis;
use crate::limit::behaviour::ALGORITHMS;
use crate::limit::limiter::Limiter;
use crate::limit::policy::Policy;
use crate::limit::quota::Quota;
use crate::limit::set::LimiterSet;
use crate::limit::subjects::Each;

use super::support::Process;

const HOUR: Duration = Duration::from_secs(3_600);

fn policy() -> Policy {
    let ban = Ban::after(3, Duration::from_secs(60)).lasting(HOUR);
    Policy::new("logins", Quota::per_minute(1)).ban(ban)
}

/// Uses up the quota of `key` and goes on.
async fn offends(limiter: &Limiter, key: &str) {
    assert!(limiter.check(key).await.is_allowed());
    for _ in 0..3 {
        assert!(!limiter.check(key).await.is_allowed());
    }
}

async fn is_banned(limiter: &Limiter, key: &str) -> bool {
    limiter.peek(key).await.basis == Basis::Banned
}

#[tokio::test]
async fn who_is_banned_by_one_process_is_kept_out_by_all_until_it_ends_or_one_resets_it() {
    let server = RedisServer::start();
    let [one, other] = [(); 2].map(|()| Process::patient(&server).limiter(&policy()));
    offends(&one, "ada").await;
    eventually_async("the other one knows", async || {
        is_banned(&other, "ada").await
    })
    .await;
    eventually_async("what it was refused before is forgotten", async || {
        one.check("ada").await.basis == Basis::Banned
    })
    .await;
    // also once its quota has come back, and for as long as was said
    let mut client = server.client();
    client.call(&["DEL", "tr:r:{ada}:logins:s1/60000000/1"]);
    for limiter in [&other, &one] {
        let refused = limiter.check("ada").await;
        assert_eq!(refused.basis, Basis::Banned);
        assert_eq!((refused.limit, refused.remaining), (1, 0));
        let wait = refused.retry_after().unwrap();
        assert!(
            wait <= HOUR && wait > HOUR - Duration::from_secs(60),
            "{wait:?}"
        );
        assert!(limiter.reserve("ada", 1).await.is_err());
        assert_eq!(limiter.try_acquire_up_to("ada", 1).await.0, 0);
        assert!(limiter.check("grace").await.is_allowed() == std::ptr::eq(limiter, &other));
    }
    assert!(other.stats().banned >= 1);
    // asking meanwhile makes it no longer, and it ends by itself
    let ends = client.call(&[
        "PTTL",
        "tr:r:{ada}:logins:s1/60000000/1:ban:f1/3600000000/0",
    ]);
    assert!((3_540_000..=3_600_001).contains(&ends.int()), "{ends:?}");

    assert!(other.reset("ada").await);
    assert!(other.check("ada").await.is_allowed());
    assert!(other.reset("ada").await);
    // what the first one remembers of its refusal it does for a second
    eventually_async("the first one knows", async || {
        one.check("ada").await.is_allowed()
    })
    .await;
}

#[tokio::test]
async fn who_is_kept_out_costs_redis_one_call_a_second() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let one = Process::patient(&server).limiter(&policy());
    let other = Process::through(&proxy, "10s").limiter(&policy());
    offends(&one, "ada").await;
    eventually_async("the other one knows", async || {
        is_banned(&other, "ada").await
    })
    .await;
    let before = proxy.counts();
    let start = Clock::system().now();
    for _ in 0..500 {
        assert_eq!(other.check("ada").await.basis, Basis::Banned);
    }
    let calls = proxy.counts().since(&before).command("EVALSHA");
    let seconds = Clock::system().now().since(start).as_secs() + 2;
    assert!(calls <= seconds, "{calls} calls");
    assert_eq!(other.stats().banned, 500);
}

#[tokio::test]
async fn what_another_process_reserved_before_a_reset_is_not_given_back_after_it() {
    let server = RedisServer::start();
    for algorithm in ALGORITHMS {
        let policy = Policy::new(format!("{algorithm:?}"), Quota::per_hour(10));
        let policy = policy.algorithm(algorithm);
        let [one, other] = [(); 2].map(|()| Process::patient(&server).limiter(&policy));
        let before = one.reserve("ada", 4).await.unwrap();
        let settled = one.reserve("ada", 4).await.unwrap();
        let mut held = one.hold("ada").await.unwrap();
        assert!(other.reset("ada").await);
        let after = other.reserve("ada", 10).await.unwrap();
        assert_eq!(settled.settle(1).await, 0);
        assert!(!held.renew().await);
        assert_eq!(before.settle(0).await, 0);
        assert!(!one.check("ada").await.is_allowed());
        assert_eq!(other.peek("ada").await.remaining, 0, "{algorithm:?}");
        // what was charged since is
        after.settle(7).await;
        assert_eq!(other.peek("ada").await.remaining, 3);
        assert_eq!(other.refund("ada", 2).await, 2);
        assert_eq!(other.peek("ada").await.remaining, 5);
        let mut client = server.client();
        for key in client.call(&["KEYS", "*{ada}*"]).texts() {
            let ends = client.call(&["PTTL", &key]).int();
            assert!(
                (0..=2 * 3_600_000 + 60_000).contains(&ends),
                "{key}: {ends}"
            );
        }
    }
}

#[tokio::test]
async fn a_ban_holds_in_a_set_and_charges_none_of_it() {
    let server = RedisServer::start();
    let [one, other] = [(); 2].map(|()| Process::patient(&server));
    offends(&one.limiter(&policy()), "ada").await;
    let banning = other.limiter(&policy());
    eventually_async("the other one knows", async || {
        is_banned(&banning, "ada").await
    })
    .await;
    let day = other.limiter(&Policy::new("day", Quota::per_day(10)));
    let set = LimiterSet::new([day.clone(), banning]).unwrap();
    let refused = set.check(&Each(&[&"all", &"ada"])).await;
    let (limiter, decision) = refused.refusal().unwrap();
    assert_eq!((limiter.name(), decision.basis), ("logins", Basis::Banned));
    assert_eq!(day.peek("all").await.remaining, 10);
    assert!(!set.peek(&Each(&[&"all", &"ada"])).await.is_allowed());
    assert!(set.check(&Each(&[&"all", &"grace"])).await.is_allowed());
    assert_eq!(day.peek("all").await.remaining, 9);
}

#[tokio::test]
async fn while_redis_is_away_each_process_keeps_out_whom_it_banned() {
    let mut server = RedisServer::start();
    let limiter = Process::patient(&server).limiter(&policy());
    offends(&limiter, "ada").await;
    eventually_async("it is told", async || is_banned(&limiter, "ada").await).await;
    let set = LimiterSet::from(limiter.clone());
    server.kill();
    eventually_async("redis is away", async || {
        !matches!(limiter.peek("grace").await.basis, Basis::Shared)
    })
    .await;
    // not by what it remembers of Redis
    limiter
        .member()
        .far
        .as_ref()
        .unwrap()
        .refusals
        .forget(b"ada");
    for decision in [limiter.check("ada").await, limiter.peek("ada").await] {
        assert_eq!(decision.basis, Basis::Banned);
        assert!(decision.retry_after().unwrap() > HOUR / 2);
    }
    assert_eq!(limiter.try_acquire_up_to("ada", 1).await.0, 0);
    assert_eq!(
        set.check("ada").await.refusal().unwrap().1.basis,
        Basis::Banned
    );
    assert!(limiter.check("grace").await.is_allowed());
}

#[tokio::test]
async fn a_ban_that_redis_did_not_hear_of_is_told_again() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let one = Process::through(&proxy, "10s").limiter(&policy());
    let other = Process::patient(&server).limiter(&policy());
    assert_eq!(one.check("ada").await.basis, Basis::Shared);
    proxy.refuse();
    proxy.cut();
    eventually_async("it is denied often enough", async || {
        one.check("ada").await;
        is_banned(&one, "ada").await
    })
    .await;
    assert!(!is_banned(&other, "ada").await);
    // nobody asks about it any more
    proxy.restore();
    eventually_async("the other one knows", async || {
        is_banned(&other, "ada").await
    })
    .await;
}

#[tokio::test]
async fn a_policy_in_shadow_bans_nobody_elsewhere() {
    let server = RedisServer::start();
    let watched = policy().shadow(true);
    let limiter = Process::patient(&server).limiter(&watched);
    for _ in 0..9 {
        assert!(limiter.check("ada").await.is_allowed());
    }
    let keys = server.client().call(&["KEYS", "*:ban:*"]).items().len();
    assert_eq!(keys, 0);
    assert_eq!(limiter.stats().shadow_denied, 8);
}
