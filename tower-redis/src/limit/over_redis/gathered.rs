//! Checks of different keys that go together.

use std::time::Duration;

use futures_util::future::join_all;
use tests::{Proxy, RedisOptions, RedisServer, Target, eventually_async};
use tokio::task::JoinHandle;

use crate::limit::basis::{Basis, OnUnavailable};
use crate::limit::behaviour;
use crate::limit::decision::Decision;
use crate::limit::limiter::Limiter;
use crate::limit::policy::Policy;
use crate::limit::quota::Quota;

use super::support::Process;

/// Calls that are under way when others begin to gather.
const AT_ONCE: usize = 4;

fn checks(limiter: &Limiter, keys: std::ops::Range<usize>) -> Vec<JoinHandle<Decision>> {
    let check = |key| {
        let limiter = limiter.clone();
        tokio::spawn(async move { limiter.check(&key).await })
    };
    keys.map(check).collect()
}

/// A limiter whose checks are held up: as many as go alone have been sent, and the others have had a turn.
async fn held_up(proxy: &Proxy, limiter: &Limiter, keys: usize) -> Vec<JoinHandle<Decision>> {
    assert_eq!(limiter.check_n(&0, 0).await.basis, Basis::Shared);
    let before = proxy.counts();
    proxy.hold();
    let checks = checks(limiter, 0..keys);
    eventually_async("those that go alone have been sent", async || {
        proxy.counts().since(&before).command("EVALSHA") == AT_ONCE as u64
    })
    .await;
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    checks
}

#[tokio::test]
async fn checks_of_many_keys_are_few_calls() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::through(&proxy, "10s");
    for algorithm in behaviour::ALGORITHMS {
        let policy = Policy::new(format!("{algorithm:?}"), Quota::per_hour(5));
        let limiter = process.limiter(&policy.algorithm(algorithm));
        let before = proxy.counts();
        let checks = held_up(&proxy, &limiter, 200).await;
        proxy.restore();
        for check in join_all(checks).await {
            let decision = check.unwrap();
            assert!(decision.is_allowed(), "{decision:?}");
            assert_eq!((decision.basis, decision.remaining), (Basis::Shared, 4));
            assert!(
                decision.reset_after > Duration::from_secs(600),
                "{decision:?}"
            );
        }
        // the look before them, and at most 64 in one
        let calls = proxy.counts().since(&before).command("EVALSHA");
        assert_eq!(calls, 1 + AT_ONCE as u64 + 4, "{algorithm:?}");
        // each was charged, and is refused by itself
        for key in [0, 4, 67, 68, 199] {
            assert_eq!(limiter.peek(&key).await.remaining, 4, "{algorithm:?}");
        }
        let again = join_all((0..5).flat_map(|_| checks_of(&limiter, [150, 151, 152]))).await;
        let allowed = again.iter().filter(|decision| decision.is_allowed());
        assert_eq!(allowed.count(), 12, "{algorithm:?}");
        let stats = limiter.stats();
        assert_eq!((stats.allowed, stats.denied), (213, 3), "{algorithm:?}");
    }
}

fn checks_of<const N: usize>(
    limiter: &Limiter,
    keys: [usize; N],
) -> [impl Future<Output = Decision> + use<N>; N] {
    keys.map(|key| {
        let limiter = limiter.clone();
        async move { limiter.check(&key).await }
    })
}

#[tokio::test]
async fn what_keeps_one_from_being_decided_keeps_no_other() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::through(&proxy, "10s");
    for algorithm in behaviour::ALGORITHMS {
        let mut client = server.client();
        client.call(&["FLUSHALL"]);
        let policy = Policy::new("p", Quota::per_hour(5)).algorithm(algorithm);
        let limiter = process.limiter(&policy);
        limiter.check(&10).await;
        limiter.check(&11).await;
        let key = |subject: usize, keys: Vec<String>| {
            let of_it = format!("{{{subject}}}");
            keys.into_iter().find(|key| key.contains(&of_it)).unwrap()
        };
        let keys = client.call(&["KEYS", "*"]).texts();
        let (text, list) = (key(10, keys.clone()), key(11, keys));
        client.call(&["SET", &text, "hello"]);
        client.call(&["DEL", &list]);
        client.call(&["LPUSH", &list, "hello"]);
        let before = [&text, &list].map(|key| client.call(&["DUMP", key]));
        let checks = held_up(&proxy, &limiter, 20).await;
        proxy.restore();
        for (key, check) in join_all(checks).await.into_iter().enumerate() {
            let expected = match key {
                10 | 11 => Basis::Unavailable(OnUnavailable::Local),
                _ => Basis::Shared,
            };
            let decision = check.unwrap();
            assert_eq!(decision.basis, expected, "{key} by {algorithm:?}");
            assert!(decision.is_allowed());
        }
        let after = [&text, &list].map(|key| client.call(&["DUMP", key]));
        assert_eq!(after, before);
    }
}

#[tokio::test]
async fn who_leaves_before_is_not_asked_about() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::through(&proxy, "10s");
    let limiter = process.limiter(&Policy::new("p", Quota::per_hour(5)));
    let checks = held_up(&proxy, &limiter, 80).await;
    // the one that would carry the first group on, others of it, and all of the second group
    let leaves = |key: usize| [4, 5, 30].contains(&key) || key >= 68;
    for (key, check) in checks.iter().enumerate() {
        if leaves(key) {
            check.abort();
        }
    }
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    proxy.restore();
    for (key, check) in join_all(checks).await.into_iter().enumerate() {
        assert_eq!(check.is_err(), leaves(key), "{key}");
    }
    for key in 0..80 {
        let expected = if leaves(key) { 5 } else { 4 };
        assert_eq!(limiter.peek(&key).await.remaining, expected, "{key}");
    }
}

/// Those who wait for a turn are answered once it is known that Redis is not there: others have not been answered
/// before, nor the next ones.
#[tokio::test]
async fn a_silent_redis_holds_up_nobody_for_long() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::behind(&proxy);
    let limiter = process.limiter(&Policy::new("p", Quota::per_hour(5)));
    let before = proxy.counts();
    let checks = held_up(&proxy, &limiter, 500).await;
    for check in join_all(checks).await {
        let decision = check.unwrap();
        assert!(decision.is_allowed());
        let by = [Basis::Unavailable, Basis::Unknown].map(|by| by(OnUnavailable::Local));
        assert!(by.contains(&decision.basis), "{decision:?}");
    }
    let calls = proxy.counts().since(&before).command("EVALSHA");
    assert!(calls <= 1 + 2 * AT_ONCE as u64, "{calls} calls");
}

/// As one of a cluster does, where their keys lie in several slots.
#[tokio::test]
async fn a_server_that_refuses_several_is_asked_about_each() {
    let may = "default on nopass ~tr:r:{1* ~tr:r:{0* &* +@all";
    let server = RedisOptions::new().user(may).start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::at(&format!("redis://{}", proxy.address()), "10s");
    let limiter = process.limiter(&Policy::new("p", Quota::per_hour(5)));
    let checks = held_up(&proxy, &limiter, 100).await;
    proxy.restore();
    for (key, check) in join_all(checks).await.into_iter().enumerate() {
        let may = key.to_string().starts_with(['0', '1']);
        let expected = match may {
            true => Basis::Shared,
            false => Basis::Unavailable(OnUnavailable::Local),
        };
        assert_eq!(check.unwrap().basis, expected, "{key}");
    }
    let before = proxy.counts();
    join_all(checks_of(&limiter, [10, 11, 12, 13, 14, 15, 16, 17])).await;
    assert_eq!(proxy.counts().since(&before).command("EVALSHA"), 8);
    assert_eq!(limiter.peek(&10).await.remaining, 3);
}
