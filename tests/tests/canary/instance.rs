//! One process of a service, and what it does with keys, values and tags that must not be said.

use std::convert::Infallible;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tests::{RedisServer, eventually_async};
use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Reach, Status};
use tower_redis::health::RedisState;
use tower_redis::limit::Limiter;

use crate::failing::Failed;
use crate::library::{Login, built, variables};
use crate::said::Said;
use tests::canary::{NUMBER, canary};

pub(crate) const TTL: Duration = Duration::from_secs(600);

/// A value whose `Debug` says it: nothing of ours may use it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Person {
    name: String,
    number: u64,
}

impl Person {
    pub(crate) fn new() -> Self {
        Self {
            name: canary("value"),
            number: NUMBER,
        }
    }
}

/// One process of a service, as far as Redis can tell.
pub(crate) struct Instance {
    pub(crate) toolkit: Toolkit,
    pub(crate) people: Cache<String, Person>,
    pub(crate) exact: Cache<u64, Person>,
}

impl Instance {
    pub(crate) fn new(server: &RedisServer, login: Login, said: &mut Said) -> Self {
        let variables = variables(server, login, &canary("user"), &canary("password"));
        Self::of(built(&variables, said), said)
    }

    pub(crate) fn of(toolkit: Toolkit, said: &mut Said) -> Self {
        let people = toolkit.cache("people").ttl(TTL).capacity(64);
        said.debug(&people);
        let people = people.build().unwrap();
        said.debug(&people);
        let exact = toolkit.cache("exact").exact_keys(&exact_prefix()).ttl(TTL);
        said.debug(&exact);
        let exact = exact.build().unwrap();
        said.debug(&exact);
        Self {
            toolkit,
            people,
            exact,
        }
    }

    pub(crate) async fn is(&self, state: RedisState) {
        eventually_async("Redis is in this state", || async {
            let health = self.toolkit.redis_health().await;
            let found = self.toolkit.redis_state();
            if found == state {
                Ok(())
            } else {
                Err((found, health))
            }
        })
        .await;
    }

    /// One lookup of everything; what it brings is compared, whoever brought it.
    pub(crate) async fn reads(&self, said: &mut Said) {
        let key = canary("key");
        let entry = self.people.entry(&key).tags(&[canary("tag")]);
        said.debug(&entry);
        let found = entry
            .get_or_load(|| async { Ok::<_, Infallible>(Person::new()) })
            .await;
        said.debug(&found);
        said.debug(&found.status);
        assert_eq!(found.value.unwrap(), Person::new());
        self.people.get(&key).await;
        let load = || async { Ok::<_, Infallible>(Person::new()) };
        assert_eq!(
            self.exact.get_or_load(&NUMBER, load).await.unwrap(),
            Person::new()
        );
        self.exact.get(&NUMBER).await;
    }

    pub(crate) async fn puts(&self) {
        self.people.put(&canary("key"), Person::new(), TTL).await;
        self.exact.put(&NUMBER, Person::new(), TTL).await;
    }

    pub(crate) async fn invalidates(&self, said: &mut Said) -> Reach {
        let key = self.people.invalidate(&canary("key")).await;
        said.debug(&key);
        said.debug(&key.reach);
        said.debug(&self.exact.invalidate(&NUMBER).await);
        said.debug(&self.people.invalidate_tags(&[canary("tag")]).await);
        said.debug(&self.toolkit.invalidate_tags(&[canary("tag")]).await);
        let prefix = canary("key");
        let prefixed = self.people.invalidate_prefix(&prefix[..20]).await.unwrap();
        said.debug(&prefixed);
        said.debug(&self.people.clear().await);
        said.debug(&self.exact.clear().await);
        key.reach
    }

    pub(crate) async fn reads_and_invalidates(&self, other: &Self, said: &mut Said) {
        for instance in [self, other, self] {
            instance.reads(said).await;
        }
        let found = other.people.entry(&canary("key"));
        let load = || async { Err::<Person, _>(Failed("nothing is to be loaded".to_owned())) };
        let found = found.get_or_load_detached(load).await;
        assert!(
            matches!(found.status, Status::Near | Status::Far),
            "{found:?}"
        );
        assert_eq!(self.invalidates(said).await, Reach::Everywhere);
        other.puts().await;
        self.reads(said).await;
        self.invalidates(said).await;
        said.failure(self.people.invalidate_prefix("").await);
        said.failure(self.toolkit.cache::<u64, u64>("none").capacity(0).build());
        said.failure(
            self.toolkit
                .cache::<u64, u64>("no time")
                .ttl(Duration::ZERO)
                .build(),
        );
        said.failure(self.toolkit.cache::<u64, u64>("all").exact_keys("").build());
    }

    /// Everything is tried, whatever comes of it.
    pub(crate) async fn tries(&self, limiters: &[Limiter], said: &mut Said) {
        self.reads(said).await;
        self.puts().await;
        self.invalidates(said).await;
        self.reads(said).await;
        Self::checks(limiters, said).await;
        let published = self.toolkit.bus().publish("news", &canary("message")).await;
        if let Err(error) = published {
            said.error(&error);
        }
        let health = self.toolkit.redis_health().await;
        said.display(&health.state);
        said.debug(&health);
        said.debug(&self.toolkit.stats());
        said.debug(&self.toolkit.stats().redis);
    }
}

/// What exact keys start with: the user's business, as keys are.
fn exact_prefix() -> String {
    format!("{}:", canary("prefix"))
}
