//! The script in Redis and the Rust of each algorithm decide alike: on random histories, with clocks that
//! jump, at the edges of what a double holds. And the script obeys the laws by itself.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tests::RedisServer;
use tests::resp::{Client, Reply};

use crate::limit::algorithm::laws::{
    admits_and_refunds, admits_going_back, cases, fills_up_and_refills, goes_back_and_is_told,
    most_in, obeys,
};
use crate::limit::algorithm::{
    Concurrency, FixedWindow, Gcra, SlidingCounter, StrictWindow, TokenBucket,
};
use crate::limit::basis::Basis;
use crate::limit::contract::{Judgement, Rule, Standing, Terms, Tick};
use crate::limit::decision::{Decision, Outcome};
use crate::limit::quota::Quota;

use super::redis::{REPLAY, told};

/// A server that knows the script.
struct Redis {
    client: Mutex<Client>,
    digest: String,
    _server: Mutex<RedisServer>,
}

impl Redis {
    fn start() -> Self {
        let server = RedisServer::start();
        let mut client = server.client();
        let digest = client.call(&["SCRIPT", "LOAD", REPLAY]).text();
        Self {
            client: Mutex::new(client),
            digest,
            _server: Mutex::new(server),
        }
    }

    /// The decisions about `history`, each about all of `rules`, and the states after it.
    fn replay(
        &self,
        rules: &[Terms],
        states: &[String],
        history: &[Step],
    ) -> (Vec<Said>, Vec<String>) {
        let mut command = vec!["EVALSHA".to_owned(), self.digest.clone()];
        command.push(states.len().to_string());
        command.extend_from_slice(states);
        command.push(rules.len().to_string());
        for (at, terms) in rules.iter().enumerate() {
            command.push(terms.rule.to_owned());
            command.extend(terms.numbers.map(|number| number.to_string()));
            command.push(u8::from(is_watching(at)).to_string());
        }
        for step in history {
            command.push(step.now.to_string());
            command.push(step.times.to_string());
            command.push(step.charged.map_or(String::new(), |at| at.to_string()));
            command.extend(step.costs.iter().map(u64::to_string));
        }
        let reply = self.client.lock().unwrap().call(&command);
        let Reply::Array(items) = &reply else {
            panic!("{reply:?}");
        };
        let (numbers, states) = items.split_at(history.len() * (1 + rules.len() * 5));
        let numbers: Vec<i64> = numbers.iter().map(Reply::int).collect();
        let limits: Vec<u64> = rules.iter().map(|terms| terms.numbers[0]).collect();
        let replies = numbers.chunks(1 + rules.len() * 5);
        let decisions = replies.map(|numbers| {
            let answer = told(numbers, &limits);
            let each = answer.each.iter().map(|(decision, _)| *decision);
            (answer.passed, each.collect())
        });
        (
            decisions.collect(),
            states.iter().map(Reply::text).collect(),
        )
    }
}

/// How many passed or were given back, and the decisions.
type Said = (u64, Vec<Decision>);

/// Of several policies the second one only watches.
fn is_watching(at: usize) -> bool {
    at == 1
}

/// Calls at one instant, one for each rule.
#[derive(Debug, Clone)]
struct Step {
    now: Tick,
    /// How often they are decided about.
    times: u64,
    /// When what is given back was charged; none when the calls are decided.
    charged: Option<Tick>,
    costs: Vec<u64>,
}

/// A rule and a state of it, in Rust.
trait Model: Debug {
    fn would(&self, now: Tick, cost: u64) -> Decision;
    fn decide(&mut self, now: Tick, cost: u64) -> Decision;
    fn refund(&mut self, now: Tick, charged: Tick, cost: u64) -> u64;
    fn terms(&self) -> Terms;
}

#[derive(Debug)]
struct One<R: Rule>(R, R::State);

impl<R: Rule> Model for One<R> {
    fn would(&self, now: Tick, cost: u64) -> Decision {
        self.0.decide(&mut self.1.clone(), now, cost)
    }

    fn decide(&mut self, now: Tick, cost: u64) -> Decision {
        self.0.decide(&mut self.1, now, cost)
    }

    fn refund(&mut self, now: Tick, charged: Tick, cost: u64) -> u64 {
        self.0.refund(&mut self.1, now, charged, cost)
    }

    fn terms(&self) -> Terms {
        self.0.terms()
    }
}

fn model<R: Rule>(rule: R) -> Box<dyn Model> {
    Box::new(One(rule, R::State::default()))
}

/// All or nothing, by the rules of `decide.lua` in words of the contract: one after the other.
fn together(models: &mut [Box<dyn Model>], step: &Step) -> Said {
    let calls = || step.costs.iter().copied();
    let shared = |decision| Decision {
        basis: Basis::Shared,
        ..decision
    };
    if let Some(charged) = step.charged {
        let each = models.iter_mut().zip(calls());
        let back = each.map(|(model, cost)| model.refund(step.now, charged, cost));
        let back = back.min().unwrap();
        let looks = models.iter().map(|model| shared(model.would(step.now, 0)));
        return (back, looks.collect());
    }
    // where the clock went back, who is not charged is moved all the same
    for model in models.iter_mut() {
        model.decide(step.now, 0);
    }
    let mut passed = 0;
    let mut fell: Vec<Option<Outcome>> = vec![None; models.len()];
    for _ in 0..step.times {
        let would: Vec<_> = models
            .iter()
            .zip(calls())
            .map(|(model, cost)| model.would(step.now, cost))
            .collect();
        let mut each = would.iter().enumerate();
        let all = each.all(|(at, would)| would.is_allowed() || is_watching(at));
        for (at, (model, cost)) in models.iter_mut().zip(calls()).enumerate() {
            match would[at].outcome {
                Outcome::Allowed if all => {
                    model.decide(step.now, cost);
                }
                Outcome::Allowed => {}
                refused => fell[at] = Some(refused),
            }
        }
        passed += u64::from(all);
    }
    let each = models.iter().zip(fell);
    let each = each.map(|(model, fell)| {
        let look = shared(model.would(step.now, 0));
        let outcome = fell.unwrap_or(look.outcome);
        Decision { outcome, ..look }
    });
    (passed, each.collect())
}

/// Counts of permits: few, about as many as make a log exact, many, and those a client can be told of.
fn permits() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 1_u64..8,
        3 => 100_u64..160,
        2 => 1_000_u64..2_000,
        1 => 1_u64..999_999_999_999_999,
    ]
}

fn periods() -> impl Strategy<Value = Tick> {
    prop_oneof![
        3 => 1_u64..20,
        3 => 100_u64..5_000,
        2 => 1_000_000_u64..100_000_000_000,
        1 => 1_u64..1 << 51,
    ]
}

/// How one step is placed after the one before it, and what it costs, both in parts of the rule's.
#[derive(Debug, Clone, Copy)]
struct Move {
    /// In 256ths of the period.
    ahead: i64,
    nudge: i64,
    /// In 64ths of the limit.
    cost: u64,
    one: bool,
    times: u64,
    /// What is given back was charged so long ago, in 64ths of the period; none when a call is decided.
    back: Option<u64>,
}

fn moves() -> impl Strategy<Value = Move> {
    let ahead = prop_oneof![
        8 => 0_i64..3,
        4 => 0_i64..40,
        1 => 200_i64..600,
        // the clock is set back, or leaps
        1 => -300_i64..0,
        1 => prop_oneof![-5_000_i64..-300, 600_i64..5_000],
    ];
    let back = prop_oneof![6 => Just(None), 1 => (0_u64..100).prop_map(Some)];
    // several at once, as those that waited for an answer
    let times = prop_oneof![4 => Just(1), 1 => 2_u64..6];
    let all = (ahead, -1_i64..3, 0_u64..70, any::<bool>(), times, back);
    all.prop_map(|(ahead, nudge, cost, one, times, back)| Move {
        ahead,
        nudge,
        cost,
        one,
        times,
        back,
    })
}

/// The last instant of a history, in the year 2112: what is after it by a period is still exact.
const LATEST: Tick = 1 << 52;

/// Where a history begins: at small instants and at those of today, in microseconds.
fn starts() -> impl Strategy<Value = Tick> {
    prop_oneof![
        Just(1_000_u64),
        1_700_000_000_000_000_u64..1_800_000_000_000_000
    ]
}

fn history(start: Tick, period: Tick, limits: &[u64], moves: &[Vec<Move>]) -> Vec<Step> {
    let mut now = start;
    let place = |moves: &Vec<Move>| {
        let leap = i128::from(period) * i128::from(moves[0].ahead) / 256;
        let leap = leap + i128::from(moves[0].nudge);
        now = Tick::try_from((i128::from(now) + leap).clamp(0, i128::from(LATEST))).unwrap();
        let cost = |(moves, limit): (&Move, &u64)| match moves.one {
            true => moves.cost.min(1),
            false => limit / 64 * moves.cost + (limit % 64 * moves.cost).div_ceil(64),
        };
        // what was charged at an instant of the history is met as well
        let ago = |back: u64| {
            now.saturating_sub(
                u64::try_from(u128::from(period) * u128::from(back / 8) / 8).unwrap(),
            )
        };
        Step {
            now,
            times: if moves.len() == 1 { moves[0].times } else { 1 },
            charged: moves[0].back.map(ago),
            costs: moves.iter().zip(limits).map(cost).collect(),
        }
    };
    moves.iter().map(place).collect()
}

/// Runs `moves` in both and compares every decision.
fn agree(
    redis: &Redis,
    mut models: Vec<Box<dyn Model>>,
    start: Tick,
    period: Tick,
    moves: &[Vec<Move>],
) -> Result<(), TestCaseError> {
    let terms: Vec<Terms> = models.iter().map(|model| model.terms()).collect();
    let limits: Vec<u64> = terms.iter().map(|terms| terms.numbers[0]).collect();
    let history = history(start, period, &limits, moves);
    let states = vec![String::new(); models.len()];
    // in two parts, so that a state is also given back from outside
    let (early, late) = history.split_at(history.len() / 2);
    let (mut decided, states) = redis.replay(&terms, &states, early);
    decided.extend(redis.replay(&terms, &states, late).0);
    prop_assert_eq!(decided.len(), history.len());
    for (step, decided) in history.iter().zip(decided) {
        prop_assert_eq!(
            decided,
            together(&mut models, step),
            "{:?} {:?}",
            step,
            terms
        );
    }
    Ok(())
}

/// How many histories, and of how many steps.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A few long histories, in which logs fill up, and many short ones: more than 100,000 of the seven tests together.
const LENGTHS: [(u32, std::ops::Range<usize>); 2] = [(128, 400..401), (14_400, 1..9)];

fn alone(steps: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Vec<Move>>> {
    vec(vec(moves(), 1..2), steps)
}

#[test]
fn gcra_is_the_same() {
    let redis = Redis::start();
    let bursts = prop_oneof![1_u64..40, permits()];
    for (cases, steps) in LENGTHS {
        proptest!(config(cases), |(n in permits(), period in periods(), burst in bursts.clone(), start in starts(), moves in alone(steps.clone()))| {
            let quota = Quota::new(n, Duration::from_micros(period));
            // not every burst can be counted exactly, and be paid back before instants end to be exact
            let exact = |burst| Gcra::new(&quota.burst(burst)).ok().filter(|rule| rule.window() <= LATEST);
            let rule = exact(burst).or_else(|| exact(1)).unwrap();
            agree(&redis, vec![model(rule)], start, period, &moves)?;
        });
    }
}

#[test]
fn a_token_bucket_is_the_same() {
    let redis = Redis::start();
    let bursts = prop_oneof![1_u64..40, permits()];
    for (cases, steps) in LENGTHS {
        proptest!(config(cases), |(n in permits(), period in periods(), burst in bursts.clone(), start in starts(), moves in alone(steps.clone()))| {
            let quota = Quota::new(n, Duration::from_micros(period));
            let exact = |burst| TokenBucket::new(&quota.burst(burst)).ok();
            let rule = exact(burst).or_else(|| exact(1)).unwrap();
            agree(&redis, vec![model(rule)], start, period, &moves)?;
        });
    }
}

#[test]
fn a_sliding_counter_is_the_same() {
    let redis = Redis::start();
    for (cases, steps) in LENGTHS {
        proptest!(config(cases), |(n in permits(), period in periods(), start in starts(), moves in alone(steps.clone()))| {
            let exact = |n| SlidingCounter::new(&Quota::new(n, Duration::from_micros(period))).ok();
            let rule = exact(n).or_else(|| exact(1)).unwrap();
            agree(&redis, vec![model(rule)], start, period, &moves)?;
        });
    }
}

#[test]
fn concurrency_is_the_same() {
    let redis = Redis::start();
    for (cases, steps) in LENGTHS {
        proptest!(config(cases), |(n in permits(), period in periods(), start in starts(), moves in alone(steps.clone()))| {
            let quota = Quota::new(n, Duration::from_micros(period));
            let rule = Concurrency::new(&quota).unwrap();
            agree(&redis, vec![model(rule)], start, period, &moves)?;
        });
    }
}

#[test]
fn a_fixed_window_is_the_same() {
    let redis = Redis::start();
    for (cases, steps) in LENGTHS {
        proptest!(config(cases), |(n in permits(), period in periods(), start in starts(), moves in alone(steps.clone()))| {
            let quota = Quota::new(n, Duration::from_micros(period));
            let rule = FixedWindow::new(&quota).unwrap();
            agree(&redis, vec![model(rule)], start, period, &moves)?;
        });
    }
}

#[test]
fn a_strict_window_is_the_same() {
    let redis = Redis::start();
    for (cases, steps) in LENGTHS {
        proptest!(config(cases), |(n in permits(), period in periods(), start in starts(), moves in alone(steps.clone()))| {
            let quota = Quota::new(n, Duration::from_micros(period));
            let rule = StrictWindow::new(&quota).unwrap();
            agree(&redis, vec![model(rule)], start, period, &moves)?;
        });
    }
}

#[test]
fn all_or_nothing_is_the_same() {
    let redis = Redis::start();
    for (cases, steps) in LENGTHS {
        proptest!(config(cases), |(n in 1_u64..300, period in 100_u64..5_000, start in starts(), moves in vec(vec(moves(), 3..4), steps.clone()))| {
            let quota = |n, period| Quota::new(n, Duration::from_micros(period));
            let models = vec![
                model(Gcra::new(&quota(n, period).burst(n.div_ceil(3))).unwrap()),
                model(StrictWindow::new(&quota(n.div_ceil(2), period)).unwrap()),
                model(FixedWindow::new(&quota(n, period * 2)).unwrap()),
            ];
            agree(&redis, models, start, period, &moves)?;
        });
    }
}

/// A rule that is decided by the script, one call a round trip.
struct Scripted<R> {
    rule: R,
    redis: Arc<Redis>,
}

impl<R: Debug> Debug for Scripted<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rule.fmt(f)
    }
}

impl<R: Rule> Scripted<R> {
    fn step(&self, state: &mut String, step: Step) -> (u64, Decision) {
        let (said, states) =
            self.redis
                .replay(&[self.rule.terms()], std::slice::from_ref(state), &[step]);
        *state = states[0].clone();
        (said[0].0, said[0].1[0])
    }
}

impl<R: Rule> Rule for Scripted<R> {
    type State = String;
    type Seen = ();

    fn judge(&self, _: &mut String, _: Tick, _: u64) -> Judgement<()> {
        unreachable!("it is decided, and told, in Redis")
    }

    fn standing(&self, (): (), _: Tick) -> Standing {
        unreachable!("it is told in Redis")
    }

    fn decide(&self, state: &mut String, now: Tick, cost: u64) -> Decision {
        let step = Step {
            now,
            times: 1,
            charged: None,
            costs: vec![cost],
        };
        self.step(state, step).1
    }

    fn refund(&self, state: &mut String, now: Tick, charged: Tick, cost: u64) -> u64 {
        let step = Step {
            now,
            times: 1,
            charged: Some(charged),
            costs: vec![cost],
        };
        self.step(state, step).0
    }

    // a key expires when its last decision says so
    fn at_rest(&self, state: &String, now: Tick) -> bool {
        self.decide(&mut state.clone(), now, 0)
            .reset_after
            .is_zero()
    }

    fn limit(&self) -> u64 {
        self.rule.limit()
    }

    fn window(&self) -> Tick {
        self.rule.window()
    }

    fn terms(&self) -> Terms {
        self.rule.terms()
    }
}

/// Holds the script to the laws of the contract, and to `most` permits in any period.
fn holds<R: Rule>(make: fn(&Quota, u64) -> R, most: fn(u64, u64) -> u64) {
    let redis = Arc::new(Redis::start());
    proptest!(config(12), |(case in cases())| {
        let mut calls = case.calls.clone();
        calls.truncate(40);
        let rule = Scripted {
            rule: make(&case.quota(), case.burst),
            redis: Arc::clone(&redis),
        };
        let admitted = obeys(&rule, &calls);
        prop_assert!(most_in(case.period, &admitted) <= most(case.permits, case.burst));
        let admitted = admits_going_back(&rule, case.period, &case.calls);
        prop_assert!(most_in(case.period, &admitted) <= most(case.permits, case.burst));
        let admitted = admits_and_refunds(&rule, &calls);
        prop_assert!(most_in(case.period, &admitted) <= most(case.permits, case.burst));
        fills_up_and_refills(&rule);
        goes_back_and_is_told(&rule, calls[0].1);
        goes_back_and_is_told(&rule, rule.limit());
    });
}

#[test]
fn the_script_obeys_for_gcra() {
    holds(
        |quota, burst| Gcra::new(&quota.burst(burst)).unwrap(),
        |permits, burst| permits + burst,
    );
}

#[test]
fn the_script_obeys_for_a_token_bucket() {
    holds(
        |quota, burst| TokenBucket::new(&quota.burst(burst)).unwrap(),
        |permits, burst| permits + burst,
    );
}

#[test]
fn the_script_obeys_for_a_sliding_counter() {
    holds(
        |quota, _| SlidingCounter::new(quota).unwrap(),
        |permits, _| 2 * permits,
    );
}

#[test]
fn the_script_obeys_for_concurrency() {
    holds(
        |quota, _| Concurrency::new(quota).unwrap(),
        |permits, _| permits,
    );
}

#[test]
fn the_script_obeys_for_a_fixed_window() {
    holds(
        |quota, _| FixedWindow::new(quota).unwrap(),
        |permits, _| 2 * permits,
    );
}

#[test]
fn the_script_obeys_for_a_strict_window() {
    holds(
        |quota, _| StrictWindow::new(quota).unwrap(),
        |permits, _| permits,
    );
}
