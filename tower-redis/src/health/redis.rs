//! Asking the server how it is.

use redis::Value;

use crate::clock::Clock;
use crate::error::Error;
use crate::wire::{Lane, Op, Wire};

use super::counts::RedisStats;
use super::info::Info;
use super::report::RedisHealth;
use super::state::RedisState;

/// What is known without waiting for an answer. While nothing is known it asks behind the caller's back,
/// so that something is the next time.
pub(crate) fn last_known(wire: &Wire) -> RedisState {
    let known = wire.state();
    if known.away.is_some() {
        return RedisState::Disconnected;
    }
    if known.seen {
        return RedisState::Connected;
    }
    let asking = wire.clone();
    wire.spawn(async move {
        // the answer is kept by the wire
        let _ = asking.one(Lane::Control, Op::keyless("PING").read()).await;
    });
    RedisState::Disconnected
}

/// What was asked so far.
pub(crate) fn counts(wire: &Wire) -> RedisStats {
    let known = wire.state();
    RedisStats {
        operations: known.operations,
        timeouts: known.timeouts,
        refused: known.refused,
        connects: known.connects,
        losses: known.losses,
        away: known.away.is_some(),
    }
}

/// Asks. It ends within twice `REDIS_TIMEOUT`, and at once while the server is known to be away.
///
/// # Cancellation
/// Nothing is left behind: it only reads.
pub(crate) async fn probe(wire: &Wire, clock: &Clock) -> RedisHealth {
    let asked = clock.now();
    match wire.one(Lane::Control, Op::keyless("PING").read()).await {
        // a user without the right to ping has been answered all the same
        Ok(_) => {}
        Err(error) if error.is_refused() => {}
        Err(error) => return away(&error),
    }
    let mut health = RedisHealth::new(RedisState::Connected);
    health.latency = Some(clock.now().since(asked));
    let ask = ["INFO", "DBSIZE"].map(|name| Op::keyless(name).read());
    match wire.batch(Lane::Control, ask.into()).await {
        Ok(answers) => {
            for answer in answers {
                take_in(&mut health, answer);
            }
            health
        }
        Err(error) => away(&error),
    }
}

fn away(error: &Error) -> RedisHealth {
    RedisHealth {
        problem: Some(error.to_string()),
        ..RedisHealth::new(RedisState::Disconnected)
    }
}

fn take_in(health: &mut RedisHealth, answer: Result<Value, Error>) {
    match answer {
        Ok(Value::Int(keys)) => health.keys = u64::try_from(keys).ok(),
        Ok(Value::BulkString(bytes)) => {
            health.tell(&Info::new(&String::from_utf8_lossy(&bytes)));
        }
        Ok(Value::VerbatimString { text, .. }) => health.tell(&Info::new(&text)),
        // what it may not tell is not known
        Ok(_) | Err(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ::tests::{Proxy, RedisOptions, RedisServer, Target};

    use super::*;
    use crate::config::{RedisSettings, Secret};

    fn settings(server: &RedisServer) -> RedisSettings {
        RedisSettings::of(&server.url(), "50ms")
    }

    fn wire(settings: &RedisSettings) -> Wire {
        Wire::new(settings, &Clock::system())
    }

    #[tokio::test]
    async fn a_server_tells_how_it_is() {
        let server = RedisOptions::new()
            .set("maxmemory", "64mb")
            .set("maxmemory-policy", "allkeys-lru")
            .start();
        server.cli(&["SET", "a", "1"]);
        server.cli(&["GET", "a"]);
        server.cli(&["GET", "b"]);
        let wire = wire(&settings(&server));
        let health = probe(&wire, &Clock::system()).await;
        assert_eq!(last_known(&wire), RedisState::Connected);
        assert_eq!(health.state, RedisState::Connected);
        assert_eq!(health.problem, None);
        assert!(
            health
                .latency
                .is_some_and(|latency| latency > Duration::ZERO)
        );
        assert_eq!(health.version, Some(server.info("redis_version")));
        assert_eq!(health.role.as_deref(), Some("master"));
        assert!(health.used_memory.is_some_and(|bytes| bytes > 100_000));
        assert_eq!(health.max_memory, Some(64 << 20));
        assert_eq!(health.eviction_policy.as_deref(), Some("allkeys-lru"));
        assert_eq!(
            (health.keyspace_hits, health.keyspace_misses),
            (Some(1), Some(1))
        );
        assert_eq!(health.keys, Some(1));
        assert!(health.clients.is_some_and(|clients| clients > 0));
        assert!(health.warning().is_some());
    }

    #[test]
    fn to_look_is_enough_to_know_it_later() {
        let server = RedisServer::start();
        let wire = wire(&settings(&server));
        assert_eq!(last_known(&wire), RedisState::Disconnected);
        ::tests::eventually("somebody has asked", || {
            last_known(&wire) == RedisState::Connected
        });
    }

    #[tokio::test]
    async fn what_a_user_may_not_ask_is_not_known() {
        let server = RedisOptions::new().user("app on >secret ~* +ping").start();
        let mut settings = settings(&server);
        settings.server.username = Some(Secret::from("app"));
        settings.server.password = Some(Secret::from("secret"));
        let health = probe(&wire(&settings), &Clock::system()).await;
        let expected = RedisHealth {
            latency: health.latency,
            ..RedisHealth::new(RedisState::Connected)
        };
        assert_eq!(health, expected);
    }

    #[tokio::test]
    async fn away_is_an_answer() {
        let server = RedisServer::start();
        let proxy = Proxy::before(Target::Unix(server.socket()));
        let settings = RedisSettings::of(&proxy.url(), "50ms");
        proxy.refuse();
        let wire = wire(&settings);
        let health = probe(&wire, &Clock::system()).await;
        assert_eq!(health.state, RedisState::Disconnected);
        let problem = health.problem.unwrap();
        assert_eq!(problem, "Redis is away: the connection was refused");
        assert_eq!(last_known(&wire), RedisState::Disconnected);

        proxy.restore();
        ::tests::eventually_async("the server is there again", || async {
            probe(&wire, &Clock::system()).await.state == RedisState::Connected
        })
        .await;
        assert_eq!(last_known(&wire), RedisState::Connected);

        proxy.black_hole();
        let health = probe(&wire, &Clock::system()).await;
        assert_eq!(health.state, RedisState::Disconnected);
        assert!(health.problem.is_some(), "{health:?}");
    }
}
