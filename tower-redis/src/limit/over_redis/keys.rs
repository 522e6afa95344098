//! What lies in Redis, and under which names.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tests::RedisServer;
use tests::resp::Client;

use crate::key::{CacheKey, KeyWriter};
use crate::limit::behaviour;
use crate::limit::limiter::Limiter;
use crate::limit::policy::{Algorithm, Policy};
use crate::limit::quota::Quota;

use super::support::Process;

fn keys(client: &mut Client) -> Vec<String> {
    let mut keys = client.call(&["KEYS", "*"]).texts();
    keys.sort();
    keys
}

#[tokio::test]
async fn a_key_names_the_subject_the_policy_and_what_counts() {
    let server = RedisServer::start();
    let process = Process::patient(&server);
    let quota = Quota::per_minute(60);
    let per_ip = process.limiter(&Policy::new("per-ip", quota));
    let burst = process.limiter(&Policy::new("per-ip", quota.burst(10)));
    let window = Policy::new("a b:{c}", quota).algorithm(Algorithm::FixedWindow);
    let window = process.limiter(&window);
    let address = std::net::IpAddr::from([192, 0, 2, 1]);
    per_ip.check(&address).await;
    burst.check(&address).await;
    window.check(&address).await;
    window.check(&()).await;
    per_ip.check(&"k".repeat(129)).await;
    let expected = [
        "tr:r:{192.0.2.1}:a%20b%3A%7Bc%7D:f60/60000000/0",
        "tr:r:{192.0.2.1}:per-ip:g10/1000000/1",
        "tr:r:{192.0.2.1}:per-ip:s60/60000000/1",
        "tr:r:{{b4cc423df271afe3df9415c3778f5e7f557e8a29}:per-ip:s60/60000000/1",
        "tr:r:{{}:a%20b%3A%7Bc%7D:f60/60000000/0",
    ];
    let mut client = server.client();
    let keys = keys(&mut client);
    assert_eq!(keys, expected);
    let slot = |key: &str| {
        let tag = key.split_once('{').unwrap().1.split_once('}').unwrap().0;
        assert!(!tag.is_empty());
        tag.to_owned()
    };
    // one subject, one slot
    assert_eq!(slot(&keys[0]), slot(&keys[1]));
    assert_eq!(slot(&keys[0]), slot(&keys[2]));
}

/// Text that is put into a key as it is, as an extractor of a user might.
struct Literal(String);

impl CacheKey for Literal {
    fn write(&self, key: &mut KeyWriter) {
        key.literal(&self.0);
    }
}

fn is_first(limiter: &Limiter, key: &(impl CacheKey + ?Sized)) -> bool {
    pollster::block_on(limiter.check(key)).is_allowed()
}

#[test]
fn no_client_finds_the_key_of_another() {
    let server = RedisServer::start();
    let process = Process::patient(&server);
    let once = process.limiter(&Policy::new("once", Quota::per_hour(1)));
    for (left, right) in [("a:b", "c"), ("a", "b:c"), ("a:b:c", ""), ("", "a:b:c")] {
        assert!(is_first(&once, &(left, right)), "{left} {right}");
        assert!(!is_first(&once, &(left, right)), "{left} {right}");
    }
    let alone = process.limiter(&Policy::new("alone", Quota::per_hour(1)));
    let long = "x".repeat(200);
    for key in [
        "",
        "{",
        "}",
        "{}",
        "a}:once:s1/3600000000/1",
        "a",
        "%7B",
        &long,
        &long[1..],
    ] {
        assert!(is_first(&alone, &Literal(key.to_owned())), "{key}");
        assert!(!is_first(&alone, &Literal(key.to_owned())), "{key}");
    }
    // a policy is not a part of the subject either
    for name in ["a", "a:b", "a%3Ab", "a}:b"] {
        let limiter = process.limiter(&Policy::new(name, Quota::per_hour(1)));
        assert!(is_first(&limiter, "subject"), "{name}");
    }
}

#[test]
fn nothing_stays_for_ever() {
    let server = RedisServer::start();
    let process = Process::patient(&server);
    let algorithms = prop_oneof![
        Just(Algorithm::Gcra),
        Just(Algorithm::TokenBucket),
        Just(Algorithm::FixedWindow),
        Just(Algorithm::SlidingCounter),
        Just(Algorithm::Concurrency),
        Just(Algorithm::StrictWindow),
    ];
    let config = ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(
        permits in 1_u64..300,
        seconds in 1_u64..10_000_000,
        algorithm in algorithms,
        costs in vec(0_u32..200, 1..8),
    )| {
        let mut client = server.client();
        let quota = Quota::new(permits, Duration::from_secs(seconds));
        let limiter = process.limiter(&Policy::new("p", quota).algorithm(algorithm));
        let mut reset = Duration::ZERO;
        for cost in costs {
            reset = pollster::block_on(limiter.check_n("ada", cost)).reset_after;
        }
        for key in keys(&mut client) {
            let left = client.call(&["PTTL", &key]).int();
            prop_assert!(left > 0, "{} lives for ever", key);
            // until the key is at rest, to the millisecond of a clock that shows no parts of one
            prop_assert!(u128::try_from(left).unwrap() <= reset.as_millis() + 2);
            prop_assert!(u128::try_from(left).unwrap() + 60_000 > reset.as_millis());
        }
        client.call(&["FLUSHALL"]);
    });
}

/// The state with each of its instants so much later.
fn later(state: &str, by: u64) -> String {
    let is_instant = |digits: &str| digits.len() == 16;
    let each = state.split(' ').map(|part| {
        let (instant, count) = part.split_at_checked(16).unwrap_or((part, ""));
        match is_instant(instant) {
            true => format!("{:016}{count}", instant.parse::<u64>().unwrap() + by),
            false => part.to_owned(),
        }
    });
    each.collect::<Vec<_>>().join(" ")
}

/// As one that took over, whose clock is behind that of the one before.
#[tokio::test]
async fn a_server_whose_clock_went_back_locks_no_key_for_longer_than_a_window() {
    const WINDOW: Duration = Duration::from_secs(60);
    let server = RedisServer::start();
    let process = Process::patient(&server);
    for algorithm in behaviour::ALGORITHMS {
        // a sliding counter is at rest after two periods
        let period = match algorithm {
            Algorithm::SlidingCounter => WINDOW / 2,
            _ => WINDOW,
        };
        server.client().call(&["FLUSHALL"]);
        let policy = Policy::new(format!("{algorithm:?}"), Quota::new(3, period));
        let limiter = process.limiter(&policy.algorithm(algorithm));
        assert_eq!(limiter.window(), WINDOW);
        assert!(limiter.check("ada").await.is_allowed());
        let key = server.client().call(&["KEYS", "*{ada}*"]).items()[0].text();
        let mut client = server.client();
        let is_ahead = |client: &mut Client| {
            let state = client.call(&["GET", &key]).text();
            let ahead = later(&state, 86_400_000_000);
            assert_ne!(state, ahead, "{algorithm:?}");
            client.call(&["SET", &key, &ahead, "PX", "172800000"]);
        };
        is_ahead(&mut client);
        // what was used is, and what was not is there
        assert_eq!(limiter.peek("ada").await.remaining, 2);
        let refused = limiter.check_n("ada", 3).await;
        assert!(!refused.is_allowed() && refused.retry_after().unwrap() <= WINDOW);
        // from now on time passes for it
        let ends = client.call(&["PTTL", &key]).int();
        assert!((0..=60_001).contains(&ends), "{algorithm:?}: {ends} ms");
        is_ahead(&mut client);
        assert!(limiter.check_n("ada", 2).await.is_allowed());
        is_ahead(&mut client);
        let refused = limiter.check("ada").await;
        assert!(!refused.is_allowed());
        assert!(refused.retry_after().unwrap() <= WINDOW, "{refused:?}");
        assert!(client.call(&["PTTL", &key]).int() <= 60_001);
    }
}
