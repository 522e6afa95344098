//! Limits, whose subjects must not be said, and events, whose messages must not.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tests::{RedisServer, eventually_async};
use tower_redis::Toolkit;
use tower_redis::key::CacheKey;
use tower_redis::limit::{
    Algorithm, Ban, Each, Limiter, LimiterSet, OnFull, OnUnavailable, Policy, Quota, RateLimited,
};
use tower_redis::pubsub::Bus;

use crate::instance::Instance;
use crate::said::Said;
use tests::canary::{NUMBER, canary};

impl Instance {
    /// Policies of every algorithm, each used up.
    pub(crate) fn limiters(&self, said: &mut Said) -> Vec<Limiter> {
        let algorithms = [
            ("gcra", Algorithm::Gcra, OnUnavailable::Local),
            ("fixed", Algorithm::FixedWindow, OnUnavailable::Open),
            ("strict", Algorithm::StrictWindow, OnUnavailable::Closed),
            ("bucket", Algorithm::TokenBucket, OnUnavailable::Local),
            ("sliding", Algorithm::SlidingCounter, OnUnavailable::Local),
            ("held", Algorithm::Concurrency, OnUnavailable::Local),
        ];
        let limiter = |(name, algorithm, on_unavailable)| {
            let policy = Policy::new(name, Quota::per_hour(2)).algorithm(algorithm);
            let policy = policy.on_unavailable(on_unavailable);
            let on_full = OnFull::Closed;
            let policy = policy.on_full(on_full);
            said.debug(&on_full);
            said.debug(&algorithm);
            said.debug(&on_unavailable);
            said.debug(&policy);
            said.debug(&policy.quota());
            self.toolkit.limiter(&policy).unwrap()
        };
        algorithms.map(limiter).into()
    }

    pub(crate) async fn checks(limiters: &[Limiter], said: &mut Said) {
        let long = canary("subject").repeat(4);
        for limiter in limiters {
            said.debug(limiter);
            for _ in 0..3 {
                let decision = limiter.check(&canary("subject")).await;
                said.debug(&decision);
                said.debug(&decision.outcome);
                said.debug(&decision.basis);
                limiter.check(&(NUMBER, &*long)).await;
            }
            said.debug(&limiter.stats());
        }
        let set = LimiterSet::new(limiters.iter().cloned()).unwrap();
        said.debug(&set);
        let decisions = set.check(&canary("subject")).await;
        said.debug(&decisions);
        said.debug(&decisions.refusal());
        let refused = RateLimited::of(&decisions).unwrap();
        said.display(&refused);
        said.debug(&refused);
        let (one, other) = (canary("subject"), "free");
        let subjects: [&(dyn CacheKey + Sync); 2] = [&other, &one];
        let each = Each(&subjects);
        said.debug(&each);
        said.debug(&set.peek(&each).await);
        said.debug(&set.explain(&each, 1).await);
    }

    pub(crate) async fn limits(&self, said: &mut Said) {
        let limiters = self.limiters(said);
        Self::checks(&limiters, said).await;
        said.failure(LimiterSet::new([limiters[0].clone(), limiters[0].clone()]));
        said.failure(self.toolkit.limiter(&Policy::new("", Quota::per_minute(1))));
        self.keys_by_themselves(said).await;
        let few = Policy::new("few", Quota::per_minute(5)).max_keys(1);
        let few = Toolkit::in_memory().limiter(&few).unwrap();
        for subject in 0..64 {
            few.check(&(canary("subject"), subject)).await;
        }
        assert!(few.stats().overflowed > 0);
    }

    /// What is told of one key, and what holds it.
    async fn keys_by_themselves(&self, said: &mut Said) {
        let subject = canary("subject");
        let ban = Ban::after(2, Duration::from_secs(60));
        said.debug(&ban);
        let policy = Policy::new("kept", Quota::per_hour(2))
            .ban(ban)
            .top_denied(3);
        said.debug(&policy);
        let limiter = self.toolkit.limiter(&policy).unwrap();
        let reserved = limiter.reserve(&subject, 1).await.unwrap();
        said.debug(&reserved);
        reserved.settle(1).await;
        let set = LimiterSet::from(limiter.clone());
        let reserved = set.reserve(&subject, 1).await.unwrap();
        said.debug(&reserved);
        reserved.settle(0).await;
        let held = limiter.hold(&subject).await.unwrap();
        said.debug(&held);
        for _ in 0..4 {
            said.debug(&limiter.check(&subject).await);
        }
        said.debug(&limiter.peek(&subject).await);
        said.debug(&limiter.explain(&subject, 1).await);
        let top = limiter.top_denied();
        assert_eq!(top.len(), 1);
        said.debug(&top[0]);
        limiter.deny(&subject);
        said.debug(&limiter);
        drop(held);
        let quotas = self.toolkit.quotas(&policy.name("plans")).unwrap();
        quotas.check(&subject, Quota::per_hour(3)).await.unwrap();
        said.debug(&quotas);
        said.failure(quotas.check(&subject, Quota::per_hour(0)).await);
    }

    pub(crate) async fn publishes(&self, other: &Self, server: &RedisServer, said: &mut Said) {
        let bus = other.toolkit.bus();
        said.debug(&bus);
        let mut news = bus.subscribe("news").unwrap();
        let mut all = bus.subscribe_all();
        said.debug(&news);
        let message = json!({ "text": canary("message"), "number": NUMBER });
        let event = eventually_async("a message arrives", || {
            all.try_next();
            let arrived = news.try_next();
            let publishing = self.toolkit.bus().publish("news", &message);
            async move {
                publishing.await.unwrap();
                arrived
            }
        })
        .await
        .unwrap();
        assert_eq!(event.message(), &message);
        said.debug(&event);
        server.cli(&["PUBLISH", "news", &canary("message")]);
        server.cli(&["PUBLISH", "tr:feed", &format!("1 x {}", canary("message"))]);
        server.cli(&["PUBLISH", "tr:feed", &canary("message")]);
        server.cli(&["PUBLISH", "cache:invalidate", ""]);
        self.reads(said).await;
        eventually_async("what somebody else names is removed", || async {
            // the prefix is public, what starts so is not
            server.cli(&["PUBLISH", "cache:invalidate", "tr:c:people"]);
            server.cli(&["KEYS", "tr:c:people*"]).items().is_empty()
        })
        .await;
        eventually_async("what is not JSON arrives as a text", || {
            let arrived = news.try_next();
            let message = arrived.map(|event| event.unwrap().message().clone());
            std::future::ready(message == Some(canary("message").into()))
        })
        .await;
        said.failure(bus.publish("", &message).await);
        said.failure(bus.subscribe(""));
        let tables = BTreeMap::from([((canary("message"), NUMBER), 1)]);
        said.failure(bus.publish("news", &tables).await);

        let slow = Bus::local();
        let mut reader = slow.subscribe("news").unwrap();
        for _ in 0..2_000 {
            slow.publish("news", &canary("message")).await.unwrap();
        }
        said.error(&reader.try_next().unwrap().unwrap_err());
    }
}
