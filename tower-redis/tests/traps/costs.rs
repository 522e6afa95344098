//! What a call costs, and who pays for one that was refused.

use std::time::Duration;

use tower_redis::limit::{Algorithm, Decision, LimiterSet, Policy, Quota};
use tower_redis::testing::ManualClock;

use crate::support::{Verdict, admitted, only_naive, passes, toolkit, unless};

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::StrictWindow,
    Algorithm::Gcra,
    Algorithm::TokenBucket,
    Algorithm::FixedWindow,
    Algorithm::SlidingCounter,
    Algorithm::Concurrency,
];

fn ten(algorithm: Algorithm) -> Policy {
    Policy::new("ten", Quota::per_minute(10)).algorithm(algorithm)
}

/// What `redis_rate` and others say of a call: whether it passes, and else when it would.
type Told = Result<(), Option<Duration>>;

fn told(decision: &Decision) -> Told {
    if decision.is_allowed() {
        Ok(())
    } else {
        Err(decision.retry_after())
    }
}

/// A call of 11 where 10 is the most that can be.
fn what_never_passes_is_told_so(check: &mut dyn FnMut(u32) -> Told) -> Verdict {
    match check(11) {
        Err(None) => {}
        told => {
            return Err(format!(
                "one that costs more than the limit is told {told:?}"
            ));
        }
    }
    unless(check(10).is_ok(), "it was charged")
}

/// redis-gcra#6: who is told a time waits for ever.
#[test]
fn trap_8_what_costs_more_than_the_limit_is_told_to_come_again() {
    for algorithm in ALGORITHMS {
        let limiter = toolkit(&ManualClock::new())
            .limiter(&ten(algorithm))
            .unwrap();
        let mut ours = |cost| told(&pollster::block_on(limiter.check_n("ada", cost)));
        let mut used = 0;
        // the time until as many permits have come back, although there is no room for them
        let mut naive = |cost: u32| match used + cost {
            sum if sum <= 10 => {
                used = sum;
                Ok(())
            }
            sum => Err(Some(Duration::from_secs(6) * (sum - 10))),
        };
        only_naive(
            what_never_passes_is_told_so(&mut ours),
            what_never_passes_is_told_so(&mut naive),
        );
    }
}

/// Calls of 9 where 10 may be: one passes, and what is left is for one of 1.
fn a_cost_is_asked_for_and_not_only_charged(check: &mut dyn FnMut(u32) -> bool) -> Verdict {
    unless(check(9), "9 of 10 do not pass")?;
    unless(!check(9), "18 of 10 pass")?;
    unless(check(1), "one that was refused was charged")?;
    unless(!check(1), "11 of 10 pass")
}

/// `upstash`: its sliding window compares what was used before, and stores what it refused; its bucket refuses only
/// when it is empty, and goes into debt.
#[test]
fn trap_9_a_cost_is_charged_and_not_asked_for() {
    for algorithm in ALGORITHMS {
        let limiter = toolkit(&ManualClock::new())
            .limiter(&ten(algorithm))
            .unwrap();
        let mut ours = |cost| pollster::block_on(limiter.check_n("ada", cost)).is_allowed();
        let mut used = 0;
        let mut window = |cost| {
            if used >= 10 {
                return false;
            }
            used += cost;
            used <= 10
        };
        only_naive(
            a_cost_is_asked_for_and_not_only_charged(&mut ours),
            a_cost_is_asked_for_and_not_only_charged(&mut window),
        );
        let mut left = 10_i64;
        let mut bucket = |cost: u32| {
            let passes = left != 0;
            left -= i64::from(cost);
            passes
        };
        let naive = a_cost_is_asked_for_and_not_only_charged(&mut bucket);
        assert!(naive.is_err());
    }
}

/// A client that knocks every second, where one a minute may pass, and whether it is let in after the minute.
fn who_knocks_is_let_in_when_it_is_time(check: &mut dyn FnMut(Duration) -> bool) -> Verdict {
    let knocks = (0..120).map(Duration::from_secs);
    let passed: Vec<_> = knocks
        .filter(|at| check(*at))
        .map(|at| at.as_secs())
        .collect();
    unless(passed == [0, 60], format!("it passed at {passed:?}"))
}

/// Kong docs#6586: blocked for ever.
#[test]
fn trap_19_who_knocks_while_refused_is_never_let_in() {
    // a sliding counter lets nobody in after just a minute, who knocks or not
    let algorithms = ALGORITHMS
        .into_iter()
        .filter(|algorithm| *algorithm != Algorithm::SlidingCounter);
    for algorithm in algorithms {
        let clock = ManualClock::new();
        let policy = Policy::new("one", Quota::per_minute(1)).algorithm(algorithm);
        let limiter = toolkit(&clock).limiter(&policy).unwrap();
        let mut last = Duration::ZERO;
        let mut ours = |at: Duration| {
            clock.advance(at - last);
            last = at;
            passes(&limiter, "ada")
        };
        let mut log = Vec::new();
        let mut naive = |at: Duration| {
            let minute = Duration::from_secs(60);
            log.retain(|call| *call + minute > at);
            log.push(at);
            log.len() <= 1
        };
        only_naive(
            who_knocks_is_let_in_when_it_is_time(&mut ours),
            who_knocks_is_let_in_when_it_is_time(&mut naive),
        );
    }
}

/// Calls of which 3 may be by one limit and 10 by the other: how many that leaves of the other.
fn who_is_refused_by_one_is_charged_by_none(used_of_ten: usize) -> Verdict {
    unless(
        used_of_ten == 3,
        format!("3 passed, and {used_of_ten} were charged"),
    )
}

/// governor#156, and `axum-governor`, which asks one after the other.
#[test]
fn trap_22_one_limit_is_charged_for_what_another_refuses() {
    let toolkit = toolkit(&ManualClock::new());
    let limiter = |name, permits| toolkit.limiter(&Policy::new(name, Quota::per_minute(permits)));
    let pair = || [limiter("ten", 10).unwrap(), limiter("three", 3).unwrap()];
    let used = |limiter| {
        let look = pollster::block_on(tower_redis::limit::Limiter::peek(limiter, "ada"));
        usize::try_from(look.limit - look.remaining).unwrap()
    };
    let [ours, naive] = [pair(), pair()];
    let set = LimiterSet::new(ours.clone()).unwrap();
    let together = || pollster::block_on(set.check("ada")).is_allowed();
    let in_turn = || naive.iter().all(|limiter| passes(limiter, "ada"));
    assert_eq!((admitted(8, together), admitted(8, in_turn)), (3, 3));
    only_naive(
        who_is_refused_by_one_is_charged_by_none(used(&ours[0])),
        who_is_refused_by_one_is_charged_by_none(used(&naive[0])),
    );
}
