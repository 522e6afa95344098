//! What lies in Redis, and the scripts that put it there.

use tests::RedisServer;
use tests::resp::{Client, Reply};
use tower_redis::limit::{Algorithm, Basis, LimiterSet, Policy, Quota};
use tower_redis::testing::ManualClock;

use crate::support::{Verdict, only_naive, passes, process, unless};

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::StrictWindow,
    Algorithm::Gcra,
    Algorithm::TokenBucket,
    Algorithm::FixedWindow,
    Algorithm::SlidingCounter,
    Algorithm::Concurrency,
];

fn keys(server: &RedisServer) -> Vec<String> {
    server.cli(&["KEYS", "*"]).texts()
}

fn eval(client: &mut Client, script: &str, keys: &[&str], arguments: &[&str]) -> Reply {
    let count = keys.len().to_string();
    let head = ["EVAL", script, &count];
    client.call(&[&head, keys, arguments].concat())
}

/// The keys that a call leaves which has to be remembered for `seconds`: each of them lives that long, within half
/// of it, and ends.
fn keys_live_as_long_as_they_count(
    server: &RedisServer,
    seconds: i64,
    call: impl FnOnce(),
) -> Verdict {
    server.cli(&["FLUSHALL"]);
    call();
    let keys = keys(server);
    unless(!keys.is_empty(), "nothing is there")?;
    for key in keys {
        let left = server.cli(&["PTTL", &key]).int();
        let fits = left > seconds * 500 && left <= seconds * 3_000;
        unless(
            fits,
            format!("{key} ends in {left} ms, and counts for {seconds} s"),
        )?;
    }
    Ok(())
}

fn ours(server: &RedisServer, algorithm: Algorithm, quota: Quota) -> impl FnOnce() + use<> {
    let toolkit = process(&server.url(), "10s", &ManualClock::new());
    let policy = Policy::new("p", quota).algorithm(algorithm);
    let limiter = toolkit.limiter(&policy).unwrap();
    move || assert!(passes(&limiter, "ada"))
}

/// `upstash`: a number is compared with a text, so the branch that sets the life is never taken.
const NO_TTL: &str = "
local used = redis.call('INCRBY', KEYS[1], ARGV[1])
if used == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return used";

#[test]
fn trap_10_a_key_without_an_end() {
    let server = RedisServer::start();
    for algorithm in ALGORITHMS {
        let quota = Quota::per_minute(1);
        only_naive(
            keys_live_as_long_as_they_count(&server, 60, ours(&server, algorithm, quota)),
            keys_live_as_long_as_they_count(&server, 60, || {
                eval(&mut server.client(), NO_TTL, &["naive"], &["1", "60000"]);
            }),
        );
    }
}

/// apisix#12605: the life of a key is its burst in seconds, whatever the rate is.
const SHORT_TTL: &str = "
redis.call('SET', KEYS[1], redis.call('TIME')[1], 'EX', 1 + tonumber(ARGV[1]))
return 1";

#[test]
fn trap_11_a_key_that_ends_before_it_is_at_rest() {
    let server = RedisServer::start();
    for algorithm in ALGORITHMS {
        let quota = Quota::new(1, std::time::Duration::from_secs(10));
        only_naive(
            keys_live_as_long_as_they_count(&server, 10, ours(&server, algorithm, quota)),
            keys_live_as_long_as_they_count(&server, 10, || {
                eval(&mut server.client(), SHORT_TTL, &["naive"], &["0"]);
            }),
        );
    }
}

/// Calls before and after the server has forgotten all scripts.
fn a_script_that_is_gone_is_sent_again(
    server: &RedisServer,
    mut call: impl FnMut() -> Result<(), String>,
) -> Verdict {
    call()?;
    for _ in 0..3 {
        server.cli(&["SCRIPT", "FLUSH"]);
        call()?;
    }
    Ok(())
}

/// upstash#122, groupmq#16: after a restart, a failover or `SCRIPT FLUSH` every call fails, for hours.
#[test]
fn trap_12_the_server_has_forgotten_the_script() {
    let server = RedisServer::start();
    let toolkit = process(&server.url(), "10s", &ManualClock::new());
    let limiter = |name| toolkit.limiter(&Policy::new(name, Quota::per_minute(100)));
    let (one, two) = (limiter("one").unwrap(), limiter("two").unwrap());
    let set = LimiterSet::new([one.clone(), two]).unwrap();
    let mut ours = || {
        let alone = pollster::block_on(one.check("ada"));
        let together = pollster::block_on(set.check("ada"));
        let mut all = together.each().map(|(_, decision)| decision).chain([alone]);
        let other = all.find(|decision| decision.basis != Basis::Shared);
        other.map_or(Ok(()), |other| Err(format!("{:?}", other.basis)))
    };
    let mut client = server.client();
    let sha = client.call(&["SCRIPT", "LOAD", NO_TTL]).text();
    let mut naive = || match client.call(&["EVALSHA", &sha, "1", "naive", "1", "60000"]) {
        Reply::Error(error) => Err(format!("{error:?}")),
        _ => Ok(()),
    };
    only_naive(
        a_script_that_is_gone_is_sent_again(&server, &mut ours),
        a_script_that_is_gone_is_sent_again(&server, &mut naive),
    );
}

/// What Redis hashes of a key.
fn tag(key: &str) -> &str {
    let tagged = key
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'));
    match tagged {
        Some((tag, _)) if !tag.is_empty() => tag,
        _ => key,
    }
}

/// Everything that the scripts of one subject touch is named when they are called, and lies in one slot.
fn one_subject_is_one_slot(server: &RedisServer, call: impl FnOnce()) -> Verdict {
    server.cli(&["FLUSHALL"]);
    server.cli(&["CONFIG", "SET", "slowlog-log-slower-than", "0"]);
    server.cli(&["SLOWLOG", "RESET"]);
    call();
    let log = server.cli(&["SLOWLOG", "GET", "-1"]);
    server.cli(&["CONFIG", "SET", "slowlog-log-slower-than", "-1"]);
    let calls = log.items().iter().map(|entry| entry.items()[3].texts());
    let named: Vec<_> = calls
        .filter(|call| call[0].to_ascii_uppercase().starts_with("EVAL"))
        .flat_map(|call| {
            let count = call[2].parse().unwrap();
            call.into_iter().skip(3).take(count).collect::<Vec<_>>()
        })
        .collect();
    let tags: std::collections::BTreeSet<_> = named.iter().map(|key| tag(key)).collect();
    unless(tags.len() == 1, format!("slots of {tags:?}"))?;
    let mut there = keys(server).into_iter();
    let unnamed = there.find(|key| !named.contains(key));
    unnamed.map_or(Ok(()), |key| Err(format!("{key} was not named")))
}

/// `trypema`: keys that the script makes of a prefix, and none of them has a tag.
const DERIVED: &str = "
for _, part in ipairs({':hits', ':window'}) do
    redis.call('SET', KEYS[1] .. part, 1, 'PX', 60000)
end
return 1";
/// `upstash`: both are named, and lie in two slots.
const UNTAGGED: &str = "
for _, key in ipairs(KEYS) do redis.call('SET', key, 1, 'PX', 60000) end
return 1";

#[test]
fn trap_13_a_script_that_a_cluster_refuses() {
    let server = RedisServer::start();
    let toolkit = process(&server.url(), "10s", &ManualClock::new());
    for subject in ["ada", "a}b{c", "", "{}"] {
        let limiters = ALGORITHMS.map(|algorithm| {
            let policy = Policy::new(format!("{algorithm:?}"), Quota::per_minute(100));
            toolkit.limiter(&policy.algorithm(algorithm)).unwrap()
        });
        let set = LimiterSet::new(limiters).unwrap();
        let ours = || assert!(pollster::block_on(set.check(subject)).is_allowed());
        let ours = one_subject_is_one_slot(&server, ours);
        for (script, keys) in [(DERIVED, &["ada"][..]), (UNTAGGED, &["ada:1", "ada:2"])] {
            let naive = || drop(eval(&mut server.client(), script, keys, &[]));
            only_naive(ours.clone(), one_subject_is_one_slot(&server, naive));
        }
    }
}
