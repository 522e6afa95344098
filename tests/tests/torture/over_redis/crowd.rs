//! Others who use the same server, so that it has no room for all.

use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use tests::resp::Client;
use tests::{RedisOptions, RedisServer};

/// How much a server holds, of which it needs a third for itself.
const ROOM: &str = "3mb";

/// How long what they write would live: longer than any value of ours, and not as long as our tokens.
const LIFE: &str = "3600";

/// Where the server says what it evicts.
const EVICTED: &str = "__keyevent@0__:evicted";

/// What is said there at the end; no key has this name.
const END: &str = "";

/// A server that is too small, and somebody who writes what nobody reads, again and again.
pub(super) struct Crowd {
    pub(super) policy: &'static str,
    pub(super) redis: RedisServer,
    client: Client,
    written: u64,
    /// Counts the tokens among what is evicted.
    witness: JoinHandle<u64>,
}

impl Crowd {
    /// A server that evicts by `policy`, with tokens under keys that begin with one of `tokens`.
    pub(super) fn around(policy: &'static str, tokens: [String; 2]) -> Self {
        let options = RedisOptions::new().set("maxmemory", ROOM);
        let options = options.set("maxmemory-policy", policy);
        let redis = options.set("notify-keyspace-events", "Ee").start();
        let mut listener = redis.client();
        listener.call(&["SUBSCRIBE", EVICTED]);
        let witness = spawn(move || {
            let mut lost = 0;
            loop {
                let key = listener.receive().unwrap().texts().pop().unwrap();
                if key == END {
                    return lost;
                }
                let is_token = tokens.iter().any(|start| key.starts_with(start));
                lost += u64::from(is_token);
            }
        });
        Self {
            policy,
            client: redis.client(),
            redis,
            written: 0,
            witness,
        }
    }

    /// Writes some more.
    pub(super) async fn write(&mut self) {
        let value = "x".repeat(1_000);
        for _ in 0..20 {
            self.written += 1;
            let key = format!("crowd:{}", self.written);
            self.client.call(&["SET", &key, &value, "EX", LIFE]);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    /// How many keys were evicted, and how many tokens.
    pub(super) fn evicted(self) -> (u64, u64) {
        self.redis.cli(&["PUBLISH", EVICTED, END]);
        let tokens = self.witness.join().unwrap();
        let all = self.redis.info("evicted_keys").parse().unwrap();
        (all, tokens)
    }
}
