//! What a set does, wherever its counts lie, said as tests.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::basis::Basis;
use super::behaviour::Make;
use super::decisions::Decisions;
use super::policy::{Algorithm, Policy};
use super::quota::Quota;
use super::set::LimiterSet;
use super::subjects::Each;

/// So long that nothing comes back while a test runs.
const LONG: Duration = Duration::from_secs(40 * 86_400);

fn policy(name: &'static str, permits: u64) -> Policy {
    Policy::new(name, Quota::new(permits, LONG))
}

fn three(make: Make<'_>) -> LimiterSet {
    let limiters = [
        make(&policy("ip", 7)),
        make(&policy("key", 10).algorithm(Algorithm::Gcra)),
        make(&policy("all", 12).algorithm(Algorithm::FixedWindow)),
    ];
    LimiterSet::new(limiters).unwrap()
}

fn remaining(decisions: &Decisions) -> Vec<u64> {
    decisions.each().map(|(_, one)| one.remaining).collect()
}

pub(super) async fn all(make: Make<'_>) {
    each_policy_counts_its_own_key_and_all_charge_or_none(make).await;
    what_is_reserved_is_settled_or_given_back(make).await;
    a_list_of_one_policy_says_nothing_of_the_others(make).await;
    what_is_held_of_one_is_given_back_to_it_alone(make).await;
    who_would_wait_for_too_long_is_refused(make).await;
}

/// Against three counts in plain numbers.
async fn each_policy_counts_its_own_key_and_all_charge_or_none(make: Make<'_>) {
    let mut runner = TestRunner::deterministic();
    let calls = vec((0_u8..3, 0_u8..2, 0_u32..4), 60);
    let calls = calls.new_tree(&mut runner).unwrap().current();
    let set = three(make);
    let limits = [7_u64, 10, 12];
    let (mut by_ip, mut by_key, mut of_all) = ([0_u64; 3], [0_u64; 2], 0_u64);
    let mut refused = 0;
    for (ip, key, cost) in calls {
        let subjects: [&(dyn crate::key::CacheKey + Sync); 3] = [&ip, &("key", key), &"all"];
        let each = Each(&subjects);
        let (at_ip, at_key) = (usize::from(ip), usize::from(key));
        let used = [by_ip[at_ip], by_key[at_key], of_all];
        let left: Vec<u64> = limits
            .iter()
            .zip(used)
            .map(|(all, used)| all - used)
            .collect();
        let fits: Vec<bool> = left.iter().map(|left| u64::from(cost) <= *left).collect();
        let would = set.peek_n(&each, cost).await;
        assert_eq!(remaining(&would), left);
        let explained = set.explain(&each, cost).await;
        assert_eq!(explained[1].key(), format!("key:{key}"));
        let decisions = set.check_n(&each, cost).await;
        for (n, (limiter, decision)) in decisions.each().enumerate() {
            assert_eq!(decision.is_allowed(), fits[n]);
            let looked = would.each().nth(n).unwrap().1;
            assert_eq!(looked.is_allowed(), fits[n]);
            assert_eq!(explained[n].policy(), limiter.name());
            assert_eq!(explained[n].passes_after() == Some(Duration::ZERO), fits[n]);
        }
        let passes = fits.iter().all(|fits| *fits);
        assert_eq!(decisions.is_allowed(), passes);
        if passes {
            by_ip[at_ip] += u64::from(cost);
            by_key[at_key] += u64::from(cost);
            of_all += u64::from(cost);
        } else {
            refused += 1;
            let names: Vec<_> = decisions.refusals().map(|(one, _)| one.name()).collect();
            assert_eq!(names.len(), fits.iter().filter(|fits| !**fits).count());
            let longest = decisions.refusals().map(|(_, one)| one.retry_after());
            assert_eq!(decisions.retry_after(), longest.max().unwrap());
        }
        let used = [by_ip[at_ip], by_key[at_key], of_all];
        let left: Vec<u64> = limits
            .iter()
            .zip(used)
            .map(|(all, used)| all - used)
            .collect();
        assert_eq!(remaining(&set.peek_n(&each, 0).await), left);
    }
    assert!(refused > 5, "{refused}");
}

async fn what_is_reserved_is_settled_or_given_back(make: Make<'_>) {
    let set = three(make);
    let subjects: [&(dyn crate::key::CacheKey + Sync); 3] = [&"ada", &"k", &"all"];
    let each = Each(&subjects);
    let reserved = set.reserve(&each, 5).await.unwrap();
    assert_eq!(remaining(reserved.decisions()), [2, 5, 7]);
    assert_eq!(remaining(&set.peek(&each).await), [2, 5, 7]);
    assert_eq!(reserved.settle(3).await, 0);
    assert_eq!(remaining(&set.peek(&each).await), [4, 7, 9]);
    drop(set.reserve(&each, 4).await.unwrap());
    tests::eventually_async("it is given back", async || {
        remaining(&set.peek(&each).await) == [4, 7, 9]
    })
    .await;
    let refused = set.reserve(&each, 5).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().0.name(), "ip");
    assert_eq!(remaining(&set.peek(&each).await), [4, 7, 9]);
    // more than was reserved is charged where it is there, and the one that lacks most is told
    let reserved = set.reserve(&each, 1).await.unwrap();
    assert_eq!(reserved.settle(6).await, 2);
    assert_eq!(remaining(&set.peek(&each).await), [0, 1, 3]);
}

async fn a_list_of_one_policy_says_nothing_of_the_others(make: Make<'_>) {
    let set = three(make);
    let [ip, key, _] = set.limiters() else {
        unreachable!()
    };
    ip.allow("office");
    ip.deny("spammer");
    let of = async |ip: &'static str| set.check_n(&Each(&[&ip, &"k", &"all"]), 4).await;
    let passed = of("office").await;
    assert!(passed.is_allowed());
    assert_eq!(remaining(&passed), [7, 6, 8]);
    assert_eq!(passed.each().next().unwrap().1.basis, Basis::Listed);
    let refused = of("spammer").await;
    assert!(refused.refusal().unwrap().1.is_never());
    assert_eq!(refused.refusals().count(), 1);
    assert_eq!(remaining(&refused), [0, 6, 8]);
    assert_eq!(key.peek("k").await.remaining, 6);
    // what the others refuse is no call that a list let pass
    let before = ip.stats().allowed;
    assert!(of("office").await.is_allowed());
    assert!(!of("office").await.is_allowed());
    assert_eq!(ip.stats().allowed, before + 1);
}

async fn what_is_held_of_one_is_given_back_to_it_alone(make: Make<'_>) {
    let held = make(&policy("held", 1).algorithm(Algorithm::Concurrency));
    let day = make(&policy("day", 3));
    let set = LimiterSet::new([held, day]).unwrap();
    let reserved = set.reserve("ada", 1).await.unwrap();
    let refused = set.reserve("ada", 1).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().0.name(), "held");
    assert_eq!(remaining(&refused), [0, 2]);
    drop(reserved);
    tests::eventually_async("both are given back", async || {
        remaining(&set.peek("ada").await) == [1, 3]
    })
    .await;
}

async fn who_would_wait_for_too_long_is_refused(make: Make<'_>) {
    let set = three(make);
    assert!(set.wait_n("ada", 7, Duration::ZERO).await.is_allowed());
    let refused = set.wait("ada", Duration::from_secs(60)).await;
    assert_eq!(refused.refusal().unwrap().0.name(), "ip");
    assert!(refused.retry_after().unwrap() > Duration::from_secs(60));
    assert_eq!(remaining(&refused), [0, 3, 5]);
    assert!(
        set.wait_n("ada", 8, Duration::MAX)
            .await
            .refusal()
            .unwrap()
            .1
            .is_never()
    );
}

mod in_memory {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::clock::{Clock, ManualClock};
    use crate::limit::limiter::Limiter;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_set_behaves() {
        all(&|policy| Limiter::new(policy, Clock::system()).unwrap()).await;
    }

    /// Two policies whose permits come back after one second and after three.
    fn two(clock: &ManualClock) -> LimiterSet {
        let each = [1, 3].map(|seconds| {
            let quota = Quota::new(1, seconds * SECOND);
            let policy = Policy::new(format!("{seconds}"), quota);
            Limiter::new(&policy, clock.clock()).unwrap()
        });
        LimiterSet::new(each).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_passes_at_the_first_instant_at_which_all_let_it_and_in_order() {
        let clock = ManualClock::new();
        let set = two(&clock);
        assert!(set.wait("ada", Duration::ZERO).await.is_allowed());
        assert!(!set.wait("ada", 2 * SECOND).await.is_allowed());
        let mut first = Box::pin(set.wait("ada", 9 * SECOND));
        let mut second = Box::pin(set.wait("ada", 9 * SECOND));
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        // another key has a line of its own
        assert!(set.wait("grace", SECOND).await.is_allowed());
        clock.advance(3 * SECOND - Duration::from_micros(1));
        assert!(!set.peek("ada").await.is_allowed());
        clock.advance(Duration::from_micros(1));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(first.await.is_allowed());
        clock.advance(3 * SECOND);
        assert!(second.await.is_allowed());
        assert!(!set.peek("ada").await.is_allowed());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waited_in_line_for_long_enough_is_refused() {
        let clock = ManualClock::new();
        let set = two(&clock);
        assert!(set.check("ada").await.is_allowed());
        let mut first = Box::pin(set.wait("ada", 9 * SECOND));
        assert!(first.as_mut().now_or_never().is_none());
        // nobody polls the first one any more
        let refused = set.wait("ada", 5 * SECOND).await;
        assert_eq!(refused.retry_after(), Some(3 * SECOND));
        drop(first);
        clock.advance(3 * SECOND);
        assert!(set.wait("ada", SECOND).await.is_allowed());
    }

    #[test]
    fn one_limiter_is_a_set_of_one() {
        let clock = ManualClock::new();
        let limiter = Limiter::new(&policy("p", 2), clock.clock()).unwrap();
        let set = LimiterSet::from(limiter.clone());
        assert!(pollster::block_on(set.check("ada")).is_allowed());
        assert_eq!(pollster::block_on(limiter.peek("ada")).remaining, 1);
    }
}
