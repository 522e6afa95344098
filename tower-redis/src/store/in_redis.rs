//! The laws on a real server.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use pollster::block_on;
use tests::resp::{Client, Reply};
use tests::{DEADLINE, RedisServer, eventually};

use crate::clock::Clock;
use crate::config::RedisSettings;
use crate::wire::Wire;

use super::entry::Found;
use super::laws::{self, Seat, World};
use super::names::Names;
use super::pattern::Pattern;
use super::tier::FarTier;
use super::token::{Part, TokenKey};

pub(super) struct InRedis {
    client: Mutex<Client>,
    server: RedisServer,
    names: Names,
    /// As whom processes log in, if not as everybody does.
    user: Option<&'static str>,
}

impl InRedis {
    pub(super) fn new() -> Self {
        let server = RedisServer::start();
        Self {
            client: Mutex::new(server.client()),
            server,
            names: Names::new("tr", 0),
            user: None,
        }
    }

    /// One whose processes may do what the README says, to the keys of laws.
    fn guarded() -> Self {
        const START: &str = "ACL SETUSER app on >secret ";
        let readme = include_str!("../../README.md");
        let mut lines = readme.lines().filter_map(|line| line.strip_prefix(START));
        let rights = lines.next().unwrap();
        let mut command = vec!["ACL", "SETUSER", "app", "on", ">secret"];
        command.extend(rights.split(' '));
        command.push("~law:*");
        let user = Some("app");
        let world = Self {
            user,
            ..Self::new()
        };
        world.server.cli(&command);
        world
    }

    fn url(&self) -> String {
        match self.user {
            None => self.server.url(),
            Some(user) => {
                let socket = self.server.socket();
                format!("redis+unix://{}?user={user}&pass=secret", socket.display())
            }
        }
    }

    fn call(&self, command: &[&[u8]]) -> Reply {
        let reply = self.client.lock().unwrap().call(command);
        assert!(!matches!(reply, Reply::Error(_)), "{reply}");
        reply
    }
}

impl World for InRedis {
    fn seat(&self) -> Seat {
        // a busy machine is not what is tested here
        let settings = RedisSettings::of(&self.url(), "10s");
        let clock = Clock::system();
        let wire = Wire::new(&settings, &clock);
        let tier = FarTier::over(wire, self.names.clone(), clock.clone());
        let watch = Arc::clone(&tier.watch);
        eventually("the feed is live", || watch.is_live(clock.coarse()));
        Seat::new(tier.store, watch, ())
    }

    fn pass(&self, time: Duration) {
        let millis = time.as_millis().to_string();
        let clock = b"tests:clock";
        self.call(&[b"SET", clock, b"", b"PX", millis.as_bytes()]);
        eventually("the time is over", || self.get(clock).is_none());
    }

    fn lose(&self, key: &[u8]) {
        self.call(&[b"DEL", key]);
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) {
        match ttl {
            Some(ttl) => {
                let millis = ttl.as_millis().to_string();
                self.call(&[b"SET", key, value, b"PX", millis.as_bytes()])
            }
            None => self.call(&[b"SET", key, value]),
        };
    }

    fn set_foreign(&self, key: &[u8]) {
        self.call(&[b"LPUSH", key, b"1"]);
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self.call(&[b"GET", key]) {
            Reply::Bulk(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn left(&self, key: &[u8]) -> Option<Duration> {
        let millis = self.call(&[b"PTTL", key]).int();
        u64::try_from(millis).ok().map(Duration::from_millis)
    }

    fn publish(&self, channel: &[u8], message: &[u8]) {
        self.call(&[b"PUBLISH", channel, message]);
    }

    fn skip_message(&self) {
        self.call(&[b"HINCRBY", &self.names.feed(), b"s", b"1"]);
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn patience(&self) -> Duration {
        DEADLINE
    }
}

#[test]
fn redis_keeps_the_laws() {
    let world = InRedis::new();
    for law in laws::all() {
        // the server forgets its scripts in between, as one that took over has never known them
        world.call(&[b"SCRIPT", b"FLUSH"]);
        (law.check)(&world);
    }
}

#[test]
fn the_rights_of_the_readme_are_enough_for_the_laws() {
    let world = InRedis::guarded();
    for law in laws::all() {
        (law.check)(&world);
    }
    let log = world.server.cli(&["ACL", "LOG"]);
    assert!(log.items().is_empty(), "{log}");
}

#[test]
fn what_is_to_be_stale_is_so_although_the_memory_is_full() {
    let world = InRedis::new();
    let (seat, at) = (world.seat(), laws::unique(b"full"));
    let tag = [TokenKey::tag("full")];
    let before = block_on(seat.store.tokens(&tag)).unwrap()[0].token;
    block_on(seat.store.put(&at, &laws::value(7))).unwrap();
    world.call(&[b"CONFIG", b"SET", b"maxmemory", b"1"]);
    assert!(block_on(seat.store.put(&at, &laws::value(8))).is_err());
    // that put is made up for by a removal, as its value could not be kept
    world.call(&[b"CONFIG", b"SET", b"maxmemory", b"0"]);
    block_on(seat.store.get(&at, &[])).unwrap();
    block_on(seat.store.put(&at, &laws::value(7))).unwrap();

    world.call(&[b"CONFIG", b"SET", b"maxmemory", b"1"]);
    block_on(seat.store.expire(std::slice::from_ref(&at))).unwrap();
    let after = block_on(seat.store.replace_tokens(&tag, Part::Soft)).unwrap()[0];
    let (found, tokens) = block_on(seat.store.get(&at, &tag)).unwrap();
    assert!(
        matches!(&found, Found::Entry(held) if held.fresh == Some(Duration::ZERO)),
        "{found:?}"
    );
    assert!(tokens[0].token == after && after != before && after.same_hard(before));
}

/// How often somebody has scanned: twice for each removal.
fn scans(world: &InRedis) -> i64 {
    let info = world.server.info("cmdstat_scan");
    let calls = info.split([',', '=']).nth(1);
    calls.and_then(|calls| calls.parse().ok()).unwrap()
}

#[test]
fn a_foreign_message_removes_far_and_near_once() {
    const ROUNDS: i64 = 5;
    let world = InRedis::new();
    let seats: Vec<_> = (0..3).map(|_| world.seat()).collect();
    for round in 0..ROUNDS {
        let keys: Vec<_> = (0..20).map(|n| format!("users:{round}:{n}")).collect();
        for key in &keys {
            world.set(key.as_bytes(), b"1", None);
        }
        world.set(b"other", b"1", None);
        // twice, as fast as can be
        let prefix = format!("users:{round}:");
        world.publish(b"cache:invalidate", prefix.as_bytes());
        world.publish(b"cache:invalidate", prefix.as_bytes());
        eventually("the keys are gone", || {
            keys.iter().all(|key| world.get(key.as_bytes()).is_none())
        });
        assert!(world.get(b"other").is_some());
        let told = format!("matching {prefix}*");
        for (n, seat) in seats.iter().enumerate() {
            let heard = seat.heard_from(&world, &seats[(n + 1) % seats.len()]);
            assert!(heard.contains(&told), "{heard:?}");
        }
    }
    // for each message, at most, and not for each instance
    let scans = scans(&world);
    assert!((2 * ROUNDS..=4 * ROUNDS).contains(&scans), "{scans} scans");
}

#[test]
fn however_many_prefixes_are_named_at_once_all_of_them_are_removed() {
    const MANY: usize = 3_000;
    let world = InRedis::new();
    let _seats = [world.seat(), world.seat()];
    for n in 0..MANY {
        for key in [format!("users:{n}:x"), format!("users:{n}")] {
            world.set(key.as_bytes(), b"1", None);
        }
    }
    for n in 0..MANY {
        let prefix = format!("users:{n}:");
        world.publish(b"cache:invalidate", prefix.as_bytes());
    }
    eventually("the keys are gone", || {
        let left = world.server.cli(&["KEYS", "users:*:x"]).items().len();
        if left == 0 { Ok(()) } else { Err(left) }
    });
    let others = world.server.cli(&["KEYS", "users:*"]).items().len();
    assert_eq!(others, MANY);
    // many at a time, and not a scan for each
    let scans = scans(&world);
    assert!(scans < MANY as i64, "{scans} scans");
}

#[test]
fn an_empty_prefix_removes_nothing() {
    let world = InRedis::new();
    let (seat, by) = (world.seat(), world.seat());
    world.set(b"kept", b"1", None);
    world.publish(b"cache:invalidate", b"");
    let heard = seat.heard_from(&world, &by);
    assert!(
        heard.iter().all(|heard| !heard.starts_with("matching")),
        "{heard:?}"
    );
    assert!(world.get(b"kept").is_some());
}

#[test]
fn a_pattern_is_read_as_redis_reads_it() {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    // ASCII: beyond it ranges mean different things on different machines
    const KEYS: &[&str] = &[
        "a", "b", "ab", "ba", "aab", "a]", "a-b", "\\", "a\\b", "^a", "[a]", "a*b",
    ];
    let world = InRedis::new();
    for key in KEYS {
        world.set(key.as_bytes(), b"1", None);
    }
    let byte = prop::sample::select(b"ab*?[]^-\\".to_vec());
    let config = Config {
        cases: 2_000,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let ran = TestRunner::new_with_rng(config, rng).run(&vec(byte, 0..8), |glob| {
        let found = world.call(&[b"SCAN", b"0", b"COUNT", b"1000", b"MATCH", &glob]);
        let found = found.items().get(1).map(Reply::items).unwrap_or_default();
        let mut found: Vec<String> = found.iter().map(Reply::text).collect();
        found.sort();
        let pattern = Pattern::glob(glob);
        let meant = KEYS.iter().filter(|key| pattern.matches(key.as_bytes()));
        let mut meant: Vec<String> = meant.map(ToString::to_string).collect();
        meant.sort();
        prop_assert_eq!(found, meant);
        Ok(())
    });
    ran.unwrap();
}
