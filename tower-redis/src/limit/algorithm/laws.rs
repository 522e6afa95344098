//! The laws of `contract.rs`, stated once, and what each algorithm promises besides.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::concurrency::Concurrency;
use super::fixed_window::FixedWindow;
use super::gcra::Gcra;
use super::sliding_counter::SlidingCounter;
use super::strict_window::StrictWindow;
use super::token_bucket::TokenBucket;
use crate::limit::contract::{Rule, Tick};
use crate::limit::decision::Decision;
use crate::limit::quota::Quota;

/// How long after the call before, and at what cost.
pub(crate) type Call = (Tick, u64);

#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) permits: u64,
    pub(crate) period: Tick,
    pub(crate) burst: u64,
    pub(crate) calls: Vec<Call>,
}

impl Case {
    pub(crate) fn quota(&self) -> Quota {
        Quota::new(self.permits, Duration::from_micros(self.period))
    }
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let permits = prop_oneof![1_u64..8, 100_u64..160, 1_000_u64..2_000];
    let period = prop_oneof![1_u64..20, 100_u64..5_000];
    (permits, period, 1_u64..40).prop_flat_map(|(permits, period, burst)| {
        let gap = prop_oneof![2 => 0..=3_u64, 2 => 0..=period / 64, 3 => 0..=period / 8, 1 => 0..=period * 2];
        let cost = prop_oneof![4 => Just(1), 2 => 0..=permits.div_ceil(4), 1 => 0..=permits + 2];
        vec((gap, cost), 1..80).prop_map(move |calls| Case {
            permits,
            period,
            burst,
            calls,
        })
    })
}

fn micros(duration: Duration) -> Tick {
    Tick::try_from(duration.as_micros()).unwrap()
}

/// What would be decided, without deciding it.
fn would<R: Rule>(rule: &R, state: &R::State, now: Tick, cost: u64) -> Decision {
    rule.decide(&mut state.clone(), now, cost)
}

fn print<S: std::fmt::Debug>(state: &S) -> String {
    format!("{state:?}")
}

/// Runs the calls, holding every decision to the laws, and returns what was admitted.
pub(crate) fn obeys<R: Rule>(rule: &R, calls: &[Call]) -> Vec<(Tick, u64)> {
    let mut state = R::State::default();
    let mut admitted = Vec::new();
    let mut now = 1_000_000;
    for &(gap, cost) in calls {
        now += gap;
        let before = state.clone();
        let decision = rule.decide(&mut state, now, cost);

        assert_eq!(decision.limit, rule.limit());
        assert_eq!(decision.is_never(), cost > rule.limit());
        if !decision.is_allowed() || cost == 0 {
            assert_eq!(print(&state), print(&before), "charged for {decision:?}");
        }
        if decision.is_allowed() {
            admitted.push((now, cost));
            cheaper_and_later_pass_too(rule, &before, now, cost);
            a_refund_undoes(rule, &before, &state, now, cost);
        }
        if let Some(wait) = decision.retry_after() {
            first_instant(micros(wait), |wait| {
                would(rule, &state, now + wait, cost).is_allowed()
            });
        }
        tells_the_truth(rule, &state, now, decision);
        earlier_is_no_better(rule, &state, now);
        rests_when_it_says(rule, &state, now, decision);
    }
    admitted
}

/// `holds` from `wait` on, and not one tick sooner.
fn first_instant(wait: Tick, holds: impl Fn(Tick) -> bool) {
    assert!(wait > 0, "it holds already");
    assert!(!holds(wait - 1), "it holds before {wait}");
    assert!(holds(wait), "it does not hold at {wait}");
}

fn cheaper_and_later_pass_too<R: Rule>(rule: &R, before: &R::State, now: Tick, cost: u64) {
    for later in [0, 1, 7, rule.window() / 2, rule.window(), 3 * rule.window()] {
        for cost in [cost, cost / 2, cost.min(1)] {
            assert!(would(rule, before, now + later, cost).is_allowed());
        }
    }
}

/// At once, to the permit; and later never more than that.
fn a_refund_undoes<R: Rule>(rule: &R, before: &R::State, after: &R::State, now: Tick, cost: u64) {
    let mut refunded = after.clone();
    assert_eq!(rule.refund(&mut refunded, now, now, cost), cost);
    let left = |state: &R::State, at| would(rule, state, at, 0).remaining;
    assert_eq!(left(&refunded, now), left(before, now));
    for later in [1, 7, rule.window() / 3, rule.window() / 2, rule.window()] {
        assert!(left(&refunded, now + later) <= left(before, now + later));
    }
    // all of it, and not a second time
    while rule.refund(&mut refunded, now, now, rule.limit()) > 0 {}
    assert_eq!(left(&refunded, now), rule.limit());
    assert!(rule.at_rest(&refunded, now));
}

fn tells_the_truth<R: Rule>(rule: &R, state: &R::State, now: Tick, said: Decision) {
    let look = |now| would(rule, state, now, 0);
    assert_eq!(look(now).remaining, said.remaining);
    assert!(would(rule, state, now, said.remaining).is_allowed());
    assert!(!would(rule, state, now, said.remaining + 1).is_allowed());
    if said.remaining == rule.limit() {
        assert_eq!(said.more_after, Duration::ZERO);
    } else {
        assert!(said.more_after <= said.reset_after);
        first_instant(micros(said.more_after), |wait| {
            look(now + wait).remaining > said.remaining
        });
    }
    if let Some(wait) = said.retry_after() {
        assert!(wait >= said.more_after);
    }
}

fn earlier_is_no_better<R: Rule>(rule: &R, state: &R::State, now: Tick) {
    let left = would(rule, state, now, 0).remaining;
    for earlier in [now - 1, now / 2, 0] {
        assert!(would(rule, state, earlier, 0).remaining <= left);
    }
}

fn rests_when_it_says<R: Rule>(rule: &R, state: &R::State, now: Tick, said: Decision) {
    if said.reset_after == Duration::ZERO {
        assert!(rule.at_rest(state, now));
    } else {
        first_instant(micros(said.reset_after), |wait| {
            rule.at_rest(state, now + wait)
        });
    }
    let rest = now + micros(said.reset_after);
    let (mut rested, mut fresh) = (state.clone(), R::State::default());
    for (gap, cost) in [
        (0, 0),
        (0, 1),
        (1, 1),
        (rule.window() / 2, rule.limit()),
        (2, 1),
    ] {
        let at = rest + gap;
        assert_eq!(
            rule.decide(&mut rested, at, cost),
            rule.decide(&mut fresh, at, cost)
        );
    }
}

/// Runs the calls with a clock that jumps back and forth, and returns what was admitted, each at its instant on a clock
/// that stands still where this one goes back: what it leaps over has passed, and nothing passes twice.
pub(crate) fn admits_going_back<R: Rule>(
    rule: &R,
    period: Tick,
    calls: &[Call],
) -> Vec<(Tick, u64)> {
    let mut state = R::State::default();
    let mut admitted = Vec::new();
    let (mut now, mut passed, mut before) = (40 * period, 0, 40 * period);
    let back = [
        0,
        1,
        period / 3,
        0,
        period,
        2 * period,
        9 * period,
        9 * period,
    ];
    for (&(gap, cost), back) in calls.iter().zip(back.into_iter().cycle()) {
        now += gap;
        let at = now - back;
        passed += at.saturating_sub(before);
        before = at;
        if rule.decide(&mut state, at, cost).is_allowed() && cost > 0 {
            admitted.push((passed, cost));
        }
    }
    admitted
}

/// A clock that goes back, however far, neither lets more through nor keeps a key waiting for longer than a window, and
/// says for how long.
pub(crate) fn goes_back_and_is_told<R: Rule>(rule: &R, cost: u64) {
    let window = rule.window();
    let start = 20 * window;
    let cost = cost.clamp(1, rule.limit());
    for back in [
        1,
        window / 3,
        window - 1,
        window,
        window + 1,
        9 * window,
        start,
    ] {
        let mut state = R::State::default();
        assert!(rule.decide(&mut state, start, cost).is_allowed());
        let now = start - back;
        let look = would(rule, &state, now, 0);
        assert_eq!(look.remaining, rule.limit() - cost, "{back} back");
        assert!(micros(look.reset_after) <= window, "{back} back: {look:?}");
        let refused = rule.decide(&mut state, now, rule.limit());
        let wait = micros(refused.retry_after().unwrap());
        assert!(wait <= window, "{back} back: {refused:?}");
        first_instant(wait, |wait| {
            would(rule, &state, now + wait, rule.limit()).is_allowed()
        });
        rests_when_it_says(rule, &state, now, refused);
        // what is given back then, or later, is what was charged
        assert_eq!(rule.refund(&mut state, now, start, cost), cost);
        assert!(rule.at_rest(&state, now));
    }
}

/// Runs the calls and gives every third one back a while later, and returns what was not given back.
pub(crate) fn admits_and_refunds<R: Rule>(rule: &R, calls: &[Call]) -> Vec<(Tick, u64)> {
    let mut state = R::State::default();
    let mut admitted = Vec::<(Tick, u64)>::new();
    let mut now = 1_000_000;
    for (n, &(gap, cost)) in calls.iter().enumerate() {
        now += gap;
        if n % 3 == 2 && !admitted.is_empty() {
            let back = admitted.len() - 1 - (n * 7) % admitted.len().min(5);
            let (charged, cost) = admitted.remove(back);
            assert!(rule.refund(&mut state, now, charged, cost) <= cost);
        }
        if rule.decide(&mut state, now, cost).is_allowed() && cost > 0 {
            admitted.push((now, cost));
        }
    }
    admitted
}

/// The most that was admitted in any half-open `period`.
pub(crate) fn most_in(period: Tick, admitted: &[(Tick, u64)]) -> u64 {
    let from = |start: Tick| {
        let inside = admitted
            .iter()
            .filter(|(at, _)| (start..start + period).contains(at));
        inside.map(|(_, cost)| cost).sum()
    };
    admitted.iter().map(|(at, _)| from(*at)).max().unwrap_or(0)
}

pub(crate) fn fills_up_and_refills<R: Rule>(rule: &R) {
    let mut state = R::State::default();
    let all = rule.decide(&mut state, 5, rule.limit());
    assert!(all.is_allowed());
    assert_eq!(micros(all.reset_after), rule.window());
    let refused = rule.decide(&mut state, 5, rule.limit());
    assert_eq!(refused.retry_after(), Some(all.reset_after));
    let again = rule.decide(&mut state, 5 + rule.window(), rule.limit());
    assert_eq!(again, all);
}

/// All laws on one case: never more than `most` in any period, whatever the clock does and whatever is
/// given back.
fn keeps<R: Rule>(rule: &R, case: &Case, most: u64) {
    let admitted = obeys(rule, &case.calls);
    assert!(most_in(case.period, &admitted) <= most);
    let admitted = admits_going_back(rule, case.period, &case.calls);
    assert!(most_in(case.period, &admitted) <= most);
    let admitted = admits_and_refunds(rule, &case.calls);
    assert!(most_in(case.period, &admitted) <= most);
    fills_up_and_refills(rule);
    for &(_, cost) in &case.calls {
        goes_back_and_is_told(rule, cost);
    }
}

/// Is the call allowed, if exactly these were admitted and each counts for `period`?
fn log_allows(admitted: &[(Tick, u64)], permits: u64, period: Tick, now: Tick, cost: u64) -> bool {
    let live = admitted.iter().filter(|(at, _)| at + period > now);
    let used: u64 = live.map(|(_, cost)| cost).sum();
    used + cost <= permits
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn gcra_obeys(case in cases()) {
        let rule = Gcra::new(&case.quota().burst(case.burst)).unwrap();
        keeps(&rule, &case, case.burst + case.permits);
    }

    #[test]
    fn token_bucket_obeys(case in cases()) {
        let rule = TokenBucket::new(&case.quota().burst(case.burst)).unwrap();
        keeps(&rule, &case, case.burst + case.permits);
    }

    #[test]
    fn fixed_window_obeys(case in cases()) {
        let rule = FixedWindow::new(&case.quota()).unwrap();
        keeps(&rule, &case, 2 * case.permits);
    }

    #[test]
    fn sliding_counter_obeys(case in cases()) {
        let rule = SlidingCounter::new(&case.quota()).unwrap();
        keeps(&rule, &case, 2 * case.permits);
        let admitted = obeys(&rule, &case.calls);
        prop_assert!(case.permits == 1 || most_in(case.period, &admitted) < 2 * case.permits);
    }

    #[test]
    fn strict_window_obeys(case in cases()) {
        let rule = StrictWindow::new(&case.quota()).unwrap();
        keeps(&rule, &case, case.permits);
    }

    #[test]
    fn concurrency_obeys(case in cases()) {
        let rule = Concurrency::new(&case.quota()).unwrap();
        keeps(&rule, &case, case.permits);
    }

    /// The naive model: a list of who holds how much until when. Some give back, some renew, some die.
    #[test]
    fn concurrency_is_a_list_of_holders(case in cases(), fates in vec(0_u8..6, 80)) {
        let rule = Concurrency::new(&case.quota()).unwrap();
        let slot = if case.permits <= 128 { 0 } else { case.period.div_ceil(128) };
        let mut state = Default::default();
        let mut held = Vec::<(Tick, u64)>::new();
        let mut now = 1_000_000;
        for ((gap, cost), fate) in case.calls.into_iter().zip(fates) {
            now += gap;
            if let Some(at) = held.len().checked_sub(1 + usize::from(fate)) {
                let (charged, cost) = held.remove(at);
                let alive = charged + case.period > now;
                let back = rule.refund(&mut state, now, charged, cost);
                // a dead holder's permits are free at most one slot after it
                prop_assert_eq!(back == cost, alive || back > 0);
                if fate % 2 == 0 && back == cost {
                    prop_assert!(rule.decide(&mut state, now, cost).is_allowed());
                    held.push((now, cost));
                }
            }
            let exact = log_allows(&held, case.permits, case.period, now, cost);
            let late = log_allows(&held, case.permits, case.period + slot, now, cost);
            let allowed = rule.decide(&mut state, now, cost).is_allowed();
            prop_assert!(!allowed || exact, "over");
            prop_assert!(allowed || !late, "more than one slot late");
            if allowed && cost > 0 {
                held.push((now, cost));
            }
        }
    }

    /// The naive model: step by step, each instant of a history by itself.
    #[test]
    fn token_bucket_is_a_token_bucket(case in cases()) {
        let rule = TokenBucket::new(&case.quota().burst(case.burst)).unwrap();
        let mut state = Default::default();
        let (mut now, mut tokens, mut next) = (0, case.burst, None::<Tick>);
        for (gap, cost) in case.calls {
            now += gap;
            while let Some(step) = next && step <= now {
                tokens = case.burst.min(tokens + case.permits);
                next = (tokens < case.burst).then_some(step + case.period);
            }
            let fits = cost <= tokens;
            if fits && cost > 0 {
                tokens -= cost;
                next = next.or(Some(now + case.period));
            }
            prop_assert_eq!(rule.decide(&mut state, now, cost).is_allowed(), fits);
        }
    }

    /// The naive model, in rational numbers: each window is looked for in the whole history.
    #[test]
    fn sliding_counter_is_a_sliding_counter(case in cases()) {
        let rule = SlidingCounter::new(&case.quota()).unwrap();
        let mut state = Default::default();
        let (mut now, mut admitted) = (0, Vec::<(Tick, u64)>::new());
        for (gap, cost) in case.calls {
            now += gap;
            let (mut start, mut before, mut used) = (None, 0, 0);
            for &(at, cost) in admitted.iter().chain([&(now, 0)]) {
                match start {
                    Some(begun) if at < begun + case.period && (before, used) != (0, 0) => {}
                    Some(begun) if at < begun + 2 * case.period && used > 0 => {
                        (start, before, used) = (Some(begun + case.period), used, 0);
                    }
                    _ => (start, before, used) = (Some(at), 0, 0),
                }
                used += cost;
            }
            let left = u128::from(case.period - (now - start.unwrap()));
            let weighed = u128::from(before) * left;
            let counted = u128::from(used + cost) * u128::from(case.period) + weighed;
            let fits = counted <= u128::from(case.permits) * u128::from(case.period);
            if fits && cost > 0 {
                admitted.push((now, cost));
            }
            prop_assert_eq!(rule.decide(&mut state, now, cost).is_allowed(), fits);
        }
    }

    /// The naive model: the theoretical arrival time of ITU-T I.371, in fractions of 1/N ticks.
    #[test]
    fn gcra_is_gcra(case in cases()) {
        let rule = Gcra::new(&case.quota().burst(case.burst)).unwrap();
        let mut state = Default::default();
        let (permits, period) = (u128::from(case.permits), u128::from(case.period));
        let (mut now, mut arrival) = (0, 0_u128);
        for (gap, cost) in case.calls {
            now += gap;
            let at = u128::from(now) * permits;
            let after = arrival.max(at) + u128::from(cost) * period;
            let conforms = after <= at + u128::from(case.burst) * period;
            if conforms {
                arrival = after;
            }
            prop_assert_eq!(rule.decide(&mut state, now, cost).is_allowed(), conforms);
        }
    }

    /// The naive model: each window is looked for in the whole history.
    #[test]
    fn fixed_window_is_a_fixed_window(case in cases()) {
        let rule = FixedWindow::new(&case.quota()).unwrap();
        let mut state = Default::default();
        let (mut now, mut admitted) = (0, Vec::<(Tick, u64)>::new());
        for (gap, cost) in case.calls {
            now += gap;
            let mut start = None;
            let mut used = 0;
            for &(at, cost) in &admitted {
                if start.is_none_or(|start| at >= start + case.period) {
                    (start, used) = (Some(at), 0);
                }
                used += cost;
            }
            if start.is_none_or(|start| now >= start + case.period) {
                used = 0;
            }
            let fits = used + cost <= case.permits;
            if fits && cost > 0 {
                admitted.push((now, cost));
            }
            prop_assert_eq!(rule.decide(&mut state, now, cost).is_allowed(), fits);
        }
    }

    /// The naive model: a log of everything. Up to 128 permits it is the same; beyond, a permit
    /// comes back never early and at most one slot late.
    #[test]
    fn strict_window_is_a_log(case in cases()) {
        let rule = StrictWindow::new(&case.quota()).unwrap();
        let slot = if case.permits <= 128 { 0 } else { case.period.div_ceil(128) };
        let mut state = Default::default();
        let (mut now, mut admitted) = (0, Vec::new());
        for (gap, cost) in case.calls {
            now += gap;
            let allowed = rule.decide(&mut state, now, cost).is_allowed();
            let exact = log_allows(&admitted, case.permits, case.period, now, cost);
            let late = log_allows(&admitted, case.permits, case.period + slot, now, cost);
            prop_assert!(!allowed || exact, "over");
            prop_assert!(allowed || !late, "more than one slot late");
            if allowed {
                admitted.push((now, cost));
            }
        }
    }
}

/// Every algorithm at the edges of what can be built, where a sum or a product would overflow.
#[test]
fn no_number_is_too_large() {
    fn try_all<R: Rule>(rule: &R) {
        let most = u64::MAX;
        for start in [0, most / 1_000, most - 1, most] {
            let mut state = R::State::default();
            for now in [start, most, 0, start / 2] {
                for cost in [0, 1, rule.limit(), u64::from(u32::MAX), most] {
                    let decision = rule.decide(&mut state, now, cost);
                    assert!(decision.remaining <= decision.limit);
                    let mut state = state.clone();
                    assert!(rule.refund(&mut state, now, start, cost) <= rule.limit());
                    rule.at_rest(&state, now);
                }
            }
        }
        assert!(rule.window() > 0);
    }
    const LARGEST: u64 = 999_999_999_999_999;
    let longest = Duration::from_micros(1 << 52);
    for quota in [
        Quota::new(1, longest),
        Quota::new(LARGEST, longest),
        Quota::new(LARGEST, Duration::from_micros(1)),
        Quota::new(1, Duration::from_micros(1)),
    ] {
        try_all(&FixedWindow::new(&quota).unwrap());
        try_all(&StrictWindow::new(&quota).unwrap());
        try_all(&Concurrency::new(&quota).unwrap());
        try_all(&TokenBucket::new(&quota).unwrap());
        match SlidingCounter::new(&quota) {
            Ok(rule) => try_all(&rule),
            Err(why) => assert!(quota.permits() == LARGEST && why.is_config(), "{why}"),
        }
        try_all(&Gcra::new(&quota.burst(1)).unwrap());
    }
    try_all(&Gcra::new(&Quota::new(1, longest).burst(2)).unwrap());
    try_all(&Gcra::new(&Quota::new(1, Duration::from_micros(1)).burst(LARGEST)).unwrap());
}
