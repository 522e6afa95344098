//! Rates, periods and limits that change.

use std::time::Duration;

use tower_redis::limit::{Algorithm, Permit, Policy, Quota, Quotas};
use tower_redis::testing::ManualClock;

use crate::support::{Verdict, admitted, only_naive, passes, toolkit, unless};

const SECOND: Duration = Duration::from_secs(1);

/// What has come back of a million permits, half a second after all were used, at seven hundred thousand a second.
fn permits_come_back_at_their_rate(came_back: u64) -> Verdict {
    unless(
        came_back == 350_000,
        format!("{came_back} came back instead of 350,000"),
    )
}

/// One each microsecond instead of each 1.43: whole microseconds between two permits are no rate of 700,000 a second.
#[test]
fn trap_17_a_rate_is_rounded_to_an_interval() {
    let clock = ManualClock::new();
    let quota = Quota::per_second(700_000).burst(1_000_000);
    let limiter = toolkit(&clock).limiter(&Policy::new("p", quota)).unwrap();
    let take = |cost| pollster::block_on(limiter.check_n("ada", cost));
    assert!(take(1_000_000).is_allowed());
    clock.advance(SECOND / 2);
    let interval = SECOND.as_micros() / 700_000;
    let naive = (SECOND / 2).as_micros() / interval;
    only_naive(
        permits_come_back_at_their_rate(take(0).remaining),
        permits_come_back_at_their_rate(u64::try_from(naive).unwrap()),
    );
}

/// One call a year, and the same instant a year later.
fn one_a_year_is_one_a_year(check: &mut dyn FnMut(Duration) -> bool) -> Verdict {
    let year = Duration::from_secs(365 * 86_400);
    unless(check(Duration::ZERO), "the first does not pass")?;
    unless(!check(year - Duration::from_micros(1)), "too early")?;
    unless(check(year), "a year is not enough")
}

/// Seconds as a float of 32 bits have steps of two seconds after a year; `f64` seconds since 1970 have 0.2 µs.
#[test]
fn trap_17_an_instant_is_rounded_to_a_float() {
    let clock = ManualClock::new();
    let quota = Quota::new(1, Duration::from_secs(365 * 86_400));
    let limiter = toolkit(&clock).limiter(&Policy::new("p", quota)).unwrap();
    let mut last = Duration::ZERO;
    let mut ours = |at: Duration| {
        clock.advance(at - last);
        last = at;
        passes(&limiter, "ada")
    };
    let mut free_at = 0.0_f32;
    let mut naive = |at: Duration| {
        let passes = at.as_secs_f32() >= free_at;
        if passes {
            free_at = at.as_secs_f32() + 365.0 * 86_400.0;
        }
        passes
    };
    only_naive(
        one_a_year_is_one_a_year(&mut ours),
        one_a_year_is_one_a_year(&mut naive),
    );
}

/// Five calls under a limit of ten, then the limit is another one.
fn a_new_limit_holds_at_once(check: &mut dyn FnMut(u64) -> bool) -> Verdict {
    admitted(5, || check(10));
    let passed = admitted(10, || check(3));
    unless(
        passed <= 3,
        format!("{passed} passed after the limit became 3"),
    )?;
    let passed = admitted(20, || check(20));
    unless(
        passed >= 12,
        format!("only {passed} passed after the limit became 20"),
    )
}

/// `trypema`: a limit sticks to a key until the key is gone.
#[test]
fn trap_28_a_limit_that_changed_does_not_hold() {
    let quotas: Quotas = toolkit(&ManualClock::new())
        .quotas(&Policy::new("p", Quota::per_minute(10)))
        .unwrap();
    let mut ours = |limit| {
        let decision = quotas.check("ada", Quota::per_minute(limit));
        pollster::block_on(decision).unwrap().is_allowed()
    };
    let mut key: Option<(u64, u64)> = None;
    let mut naive = |limit| {
        let (limit, used) = key.get_or_insert((limit, 0));
        *used += 1;
        used <= limit
    };
    only_naive(
        a_new_limit_holds_at_once(&mut ours),
        a_new_limit_holds_at_once(&mut naive),
    );
}

/// One may be at it. A is, for four minutes, and says so; then A's process dies, without a word.
trait Seats {
    fn enter(&mut self, at: Duration) -> bool;
    fn still_there(&mut self, at: Duration);
}

fn one_is_at_it_as_long_as_it_takes(seats: &mut dyn Seats) -> Verdict {
    let at = |seconds| Duration::from_secs(seconds);
    unless(seats.enter(at(0)), "nobody is at it, and none may")?;
    for seconds in (20..240).step_by(20) {
        seats.still_there(at(seconds));
        unless(
            !seats.enter(at(seconds + 1)),
            format!("two are at it after {seconds} s"),
        )?;
    }
    unless(seats.enter(at(300)), "one that died is at it for ever")
}

struct Held {
    limiter: tower_redis::limit::Limiter,
    clock: ManualClock,
    now: Duration,
    held: Vec<Permit>,
}

impl Held {
    fn turn(&mut self, at: Duration) {
        self.clock.advance(at - self.now);
        self.now = at;
    }
}

impl Seats for Held {
    fn enter(&mut self, at: Duration) -> bool {
        self.turn(at);
        let permit = pollster::block_on(self.limiter.hold("room"));
        // one that nobody gives back is what a process that died leaves
        permit.map(|permit| self.held.push(permit)).is_ok()
    }

    fn still_there(&mut self, at: Duration) {
        self.turn(at);
        assert!(pollster::block_on(self.held[0].renew()));
    }
}

/// `RedisRateLimiting`: sixty seconds after it began one is gone.
#[derive(Default)]
struct SixtySeconds(Vec<Duration>);

impl Seats for SixtySeconds {
    fn enter(&mut self, at: Duration) -> bool {
        self.0.retain(|began| *began + Duration::from_secs(60) > at);
        let free = self.0.is_empty();
        if free {
            self.0.push(at);
        }
        free
    }

    fn still_there(&mut self, _: Duration) {}
}

#[test]
fn trap_30_a_long_request_leaks_its_permit() {
    let clock = ManualClock::new();
    let policy = Policy::new("room", Quota::new(1, Duration::from_secs(60)));
    let policy = policy.algorithm(Algorithm::Concurrency);
    let mut ours = Held {
        limiter: toolkit(&clock).limiter(&policy).unwrap(),
        clock,
        now: Duration::ZERO,
        held: Vec::new(),
    };
    only_naive(
        one_is_at_it_as_long_as_it_takes(&mut ours),
        one_is_at_it_as_long_as_it_takes(&mut SixtySeconds::default()),
    );
}
