//! Keys that run together.

use std::collections::HashMap;

use tests::RedisServer;
use tower_redis::Toolkit;
use tower_redis::limit::{Limiter, Policy, Quota};
use tower_redis::testing::ManualClock;

use crate::support::{Verdict, only_naive, process, toolkit, unless};

/// A name of a policy, and a key of two parts, which an attacker chose.
type Asked = (&'static str, [&'static str; 2]);

/// Each of these is another client or another limit, on which one call may pass.
const APART: [[Asked; 2]; 4] = [
    [("p", ["a", "bc"]), ("p", ["ab", "c"])],
    [("p", ["a:", "b"]), ("p", ["a", ":b"])],
    [("p", ["{a}", "b"]), ("p", ["{a", "}b"])],
    [("p:x", ["a", "b"]), ("p", ["x:a", "b"])],
];

fn keys_stay_apart(passes: &mut dyn FnMut(Asked) -> bool) -> Verdict {
    for [one, other] in APART {
        let both = passes(one) && passes(other);
        unless(both, format!("{one:?} and {other:?} share a quota"))?;
    }
    Ok(())
}

/// A limiter of each name, made when it is asked for.
fn by<'a>(toolkit: &'a Toolkit) -> impl FnMut(Asked) -> bool + use<'a> {
    let mut limiters = HashMap::<_, Limiter>::new();
    move |(name, key)| {
        let make = || {
            toolkit
                .limiter(&Policy::new(name, Quota::per_hour(1)))
                .unwrap()
        };
        let limiter = limiters.entry(name).or_insert_with(make);
        pollster::block_on(limiter.check(&(key[0], key[1]))).is_allowed()
    }
}

/// better-auth#7300.
#[test]
fn trap_29_two_keys_are_one() {
    let clock = ManualClock::new();
    let server = RedisServer::start();
    for toolkit in [toolkit(&clock), process(&server.url(), "10s", &clock)] {
        server.cli(&["FLUSHALL"]);
        let mut used = HashMap::<String, u32>::new();
        let mut naive = |(name, [one, other]): Asked| {
            let key = format!("{name}:{one}{other}");
            let used = used.entry(key).or_default();
            *used += 1;
            *used <= 1
        };
        only_naive(
            keys_stay_apart(&mut by(&toolkit)),
            keys_stay_apart(&mut naive),
        );
    }
}
