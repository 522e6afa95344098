//! What a limiter does for every algorithm, wherever its counts lie: stated once, run for both.

use super::decision::{Decision, Outcome};
use super::limiter::Limiter;
use super::policy::{Algorithm, Policy};
use super::quota::Quota;
use super::set::LimiterSet;

pub(super) const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Gcra,
    Algorithm::TokenBucket,
    Algorithm::FixedWindow,
    Algorithm::SlidingCounter,
    Algorithm::StrictWindow,
    Algorithm::Concurrency,
];

/// Makes a limiter whose keys nobody has used.
pub(super) type Make<'a> = &'a dyn Fn(&Policy) -> Limiter;

fn ten(algorithm: Algorithm) -> Policy {
    // so long that nothing comes back while the test runs
    Policy::new(
        "p",
        Quota::new(10, std::time::Duration::from_secs(40 * 86_400)),
    )
    .algorithm(algorithm)
}

async fn left(limiter: &Limiter, key: &str) -> u64 {
    limiter.peek(key).await.remaining
}

pub(super) async fn all(make: Make<'_>) {
    for algorithm in ALGORITHMS {
        a_peek_changes_nothing(&make(&ten(algorithm))).await;
        as_many_as_there_are(&make(&ten(algorithm))).await;
        a_reservation_is_settled_or_given_back(&make(&ten(algorithm))).await;
        what_was_charged_last_is_given_back(&make(&ten(algorithm))).await;
        a_key_is_forgotten(&make(&ten(algorithm))).await;
        what_was_reserved_before_a_reset_takes_nothing_off(&make(&ten(algorithm))).await;
        an_explanation_says_when_it_passes(&make(&ten(algorithm))).await;
        a_call_may_cost_more(&make(&ten(algorithm).cost(3))).await;
        shadow_refuses_nothing(&make(&ten(algorithm).shadow(true))).await;
        a_shadow_refuses_no_set(
            make(&ten(algorithm).name("watched").shadow(true)),
            make(&ten(Algorithm::StrictWindow).name("kept")),
        )
        .await;
    }
    what_is_held_is_given_back(&make(&ten(Algorithm::Concurrency))).await;
}

async fn a_peek_changes_nothing(limiter: &Limiter) {
    for _ in 0..20 {
        assert!(limiter.peek("ada").await.is_allowed());
        assert_eq!(limiter.peek_n("ada", 11).await.outcome, Outcome::Never);
    }
    assert_eq!(limiter.check_n("ada", 8).await.remaining, 2);
    for _ in 0..20 {
        let look = limiter.peek_n("ada", 3).await;
        assert!(!look.is_allowed() && look.retry_after().is_some());
        assert_eq!(look.remaining, 2);
        assert!(limiter.peek_n("ada", 2).await.is_allowed());
    }
    assert_eq!(limiter.check_n("ada", 2).await.remaining, 0);
    let stats = limiter.stats();
    assert_eq!((stats.allowed, stats.denied), (2, 0));
}

async fn as_many_as_there_are(limiter: &Limiter) {
    let (taken, decision) = limiter.try_acquire_up_to("ada", 7).await;
    assert_eq!((taken, decision.remaining), (7, 3));
    let (taken, decision) = limiter.try_acquire_up_to("ada", 7).await;
    assert_eq!((taken, decision.remaining), (3, 0));
    assert!(decision.is_allowed());
    let (taken, decision) = limiter.try_acquire_up_to("ada", 7).await;
    assert_eq!(taken, 0);
    assert!(decision.retry_after().is_some(), "{decision:?}");
    let (taken, _) = limiter.try_acquire_up_to("grace", 4_000_000_000).await;
    assert_eq!(taken, 10);
}

async fn a_reservation_is_settled_or_given_back(limiter: &Limiter) {
    let reserved = limiter.reserve("ada", 8).await.unwrap();
    assert_eq!(reserved.decision().remaining, 2);
    let refused: Decision = limiter.reserve("ada", 3).await.unwrap_err();
    assert_eq!(refused.remaining, 2);
    assert_eq!(reserved.settle(5).await, 0);
    assert_eq!(left(limiter, "ada").await, 5);
    // more than was reserved, and more than there is
    let reserved = limiter.reserve("ada", 1).await.unwrap();
    assert_eq!(reserved.settle(4).await, 0);
    assert_eq!(left(limiter, "ada").await, 1);
    let reserved = limiter.reserve("ada", 1).await.unwrap();
    assert_eq!(reserved.settle(3).await, 2);
    assert_eq!(left(limiter, "ada").await, 0);

    let reserved = limiter.reserve("grace", 6).await.unwrap();
    assert_eq!(left(limiter, "grace").await, 4);
    drop(reserved);
    tests::eventually_async("what was not settled is there again", async || {
        left(limiter, "grace").await == 10
    })
    .await;
}

async fn what_was_charged_last_is_given_back(limiter: &Limiter) {
    assert_eq!(limiter.refund("ada", 3).await, 0);
    limiter.check_n("ada", 4).await;
    limiter.check_n("ada", 4).await;
    assert!(!limiter.check_n("ada", 3).await.is_allowed());
    assert_eq!(limiter.refund("ada", 3).await, 3);
    assert_eq!(left(limiter, "ada").await, 5);
    // and what was refused before passes at once
    assert!(limiter.check_n("ada", 3).await.is_allowed());
    assert_eq!(limiter.refund("ada", 1_000).await, 8);
    let look = limiter.peek("ada").await;
    assert_eq!((look.remaining, look.reset_after), (10, Default::default()));
}

async fn a_key_is_forgotten(limiter: &Limiter) {
    for key in ["ada", "grace"] {
        assert!(limiter.check_n(key, 10).await.is_allowed());
        assert!(!limiter.check(key).await.is_allowed());
    }
    assert!(limiter.reset("ada").await);
    assert_eq!(limiter.check("ada").await.remaining, 9);
    assert!(!limiter.check("grace").await.is_allowed());
}

async fn what_was_reserved_before_a_reset_takes_nothing_off(limiter: &Limiter) {
    let [settled, dropped] = [
        limiter.reserve("ada", 3).await.unwrap(),
        limiter.reserve("ada", 3).await.unwrap(),
    ];
    assert!(limiter.reset("ada").await);
    let since = limiter.reserve("ada", 5).await.unwrap();
    drop(dropped);
    assert_eq!(settled.settle(1).await, 0);
    assert_eq!(left(limiter, "ada").await, 5);
    since.settle(2).await;
    assert_eq!(left(limiter, "ada").await, 8);
}

async fn an_explanation_says_when_it_passes(limiter: &Limiter) {
    limiter.check_n("ada", 9).await;
    let why = limiter.explain("ada", 2).await;
    assert_eq!((why.policy(), why.key(), why.cost()), ("p", "ada", 2));
    assert_eq!(why.passes_after(), why.decision().retry_after());
    assert!(why.passes_after().is_some());
    assert!(
        limiter
            .explain("ada", 1)
            .await
            .passes_after()
            .unwrap()
            .is_zero()
    );
    assert_eq!(limiter.explain("ada", 11).await.passes_after(), None);
    assert!(!format!("{why:?}").contains("ada"));
}

async fn a_call_may_cost_more(limiter: &Limiter) {
    assert_eq!(limiter.check("ada").await.remaining, 7);
    assert_eq!(limiter.check_n("ada", 2).await.remaining, 1);
    assert!(!limiter.check("ada").await.is_allowed());
    assert!(limiter.check_n("ada", 4).await.is_never());
    assert_eq!(limiter.try_acquire_up_to("grace", 9).await.0, 3);
}

async fn shadow_refuses_nothing(limiter: &Limiter) {
    for n in 0..14 {
        let decision = limiter.check("ada").await;
        assert!(decision.is_allowed());
        assert_eq!(decision.shadow_denied, n >= 10);
    }
    let decision = limiter.check_n("ada", 11).await;
    assert!(decision.is_allowed() && decision.shadow_denied);
    let stats = limiter.stats();
    assert_eq!(
        (stats.allowed, stats.denied, stats.shadow_denied),
        (15, 0, 5)
    );
    // and what it would have refused it has not charged
    drop(limiter.reserve("ada", 1).await.unwrap());
    assert_eq!(limiter.refund("ada", 10).await, 10);
    assert!(!limiter.check_n("ada", 10).await.shadow_denied);
}

async fn a_shadow_refuses_no_set(watched: Limiter, kept: Limiter) {
    let set = LimiterSet::new([watched.clone(), kept.clone()]).unwrap();
    assert!(watched.check_n("ada", 7).await.is_allowed());
    for n in 0..10 {
        let decisions = set.check("ada").await;
        assert!(decisions.is_allowed() && decisions.refusal().is_none());
        let shadow: Vec<_> = decisions.each().map(|(_, one)| one.shadow_denied).collect();
        assert_eq!(shadow, [n >= 3, false]);
    }
    let decisions = set.check("ada").await;
    assert!(!decisions.is_allowed());
    assert_eq!(decisions.refusal().unwrap().0.name(), "kept");
    assert_eq!(left(&kept, "ada").await, 0);
    // what the other one refuses the one in shadow is not charged for
    assert!(kept.check_n("grace", 10).await.is_allowed());
    assert!(!set.check("grace").await.is_allowed());
    assert_eq!(left(&watched, "grace").await, 10);
}

async fn what_is_held_is_given_back(limiter: &Limiter) {
    let mut permits = Vec::new();
    for _ in 0..10 {
        permits.push(limiter.hold("ada").await.unwrap());
    }
    assert!(
        limiter
            .hold("ada")
            .await
            .unwrap_err()
            .retry_after()
            .is_some()
    );
    // each is renewed where the others are not lost
    for permit in &mut permits {
        assert!(permit.renew().await);
    }
    let done = permits.pop().unwrap().during(async { 7 }).await;
    assert_eq!(done, Some(7));
    tests::eventually_async("it is given back", async || left(limiter, "ada").await == 1).await;
    let taken = limiter.hold("ada").await.unwrap();
    drop((permits, taken));
    tests::eventually_async("all are given back", async || {
        left(limiter, "ada").await == 10
    })
    .await;
    // one that was forgotten is no more
    let mut permit = limiter.hold("ada").await.unwrap();
    assert!(limiter.reset("ada").await);
    assert!(!permit.renew().await);
    let other = limiter.hold("ada").await.unwrap();
    drop(permit);
    assert_eq!(left(limiter, "ada").await, 9);
    drop(other);
}

mod in_memory {
    use std::time::Duration;

    use super::*;
    use crate::clock::{Clock, ManualClock};

    #[tokio::test]
    async fn a_limiter_behaves() {
        all(&|policy| Limiter::new(policy, Clock::system()).unwrap()).await;
    }

    #[tokio::test]
    async fn a_holder_that_died_holds_nothing_after_a_period() {
        let clock = ManualClock::new();
        let policy = Policy::new("p", Quota::per_minute(2)).algorithm(Algorithm::Concurrency);
        let limiter = Limiter::new(&policy, clock.clock()).unwrap();
        let dead = limiter.hold("ada").await.unwrap();
        let mut alive = limiter.hold("ada").await.unwrap();
        Box::leak(Box::new(dead));
        for _ in 0..3 {
            clock.advance(Duration::from_secs(20));
            assert!(alive.renew().await);
        }
        // the dead one's is free, the other one's is not
        let new = limiter.hold("ada").await.unwrap();
        assert!(limiter.hold("ada").await.is_err());
        // one that slept through has lost it, and gives back nobody else's
        clock.advance(Duration::from_secs(60));
        assert!(!alive.renew().await);
        drop((alive, new));
        let [_one, _two] = [
            limiter.hold("ada").await.unwrap(),
            limiter.hold("ada").await.unwrap(),
        ];
        assert!(limiter.hold("ada").await.is_err());
    }

    #[test]
    fn a_call_that_costs_nothing_does_not_build() {
        let policy = Policy::new("p", Quota::per_minute(2)).cost(0);
        let refusal = Limiter::new(&policy, Clock::system()).unwrap_err();
        assert!(refusal.is_config());
        let said = refusal.to_string();
        assert!(
            said.contains("takes 0 permits; expected at least 1"),
            "{said}"
        );
    }
}
