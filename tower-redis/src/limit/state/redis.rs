//! State in Redis, shared by all processes that have a policy of this name, algorithm and quota.
//!
//! One call of one script decides for one policy or for several together, each with its subject. It takes
//! the time from the server, so no two processes disagree about it, and writes only if all policies
//! allow. A state is written with the instant at which its key is at rest as its expiry, in the same
//! command: nothing stays for ever, and nothing is forgotten early.
//!
//! The script is put together from one file for each algorithm, which stands beside its Rust, and
//! `decide.lua`, which is all or nothing. What reads keys and clock is `check.lua`; the tests run the same
//! files with `replay.lua` in its place, which takes the instants from a random history. A check of one policy of
//! GCRA, the most frequent of all calls, has a script of its own that does no more than it must.

use std::time::Duration;

use redis::Value;
use smallvec::SmallVec;

use crate::error::{Error, ErrorKind};
use crate::limit::algorithm::algorithms;
use crate::limit::basis::Basis;
use crate::limit::contract::Tick;
use crate::limit::decision::{Decision, Outcome};
use crate::wire::{Lane, Op, Script};

use super::place::Far;

macro_rules! script {
    ({ $last:literal } $($name:ident $lua:literal,)*) => {
        concat!(
            "local rules = {}\n",
            $(include_str!($lua),)*
            include_str!("decide.lua"),
            include_str!($last),
        )
    };
}

static CHECK: Script = Script::new(algorithms!(script "check.lua"));

/// As `CHECK` decides about one policy of [`ALONE_FOR`].
static ALONE: Script = Script::new(concat!(
    include_str!("../algorithm/gcra_alone.lua"),
    include_str!("check_alone.lua"),
));
/// GCRA, as the script calls it.
const ALONE_FOR: &str = "g";

/// What `CHECK` and `ALONE` decide by, with a history of instants and costs in place of clock and keys.
#[cfg(test)]
pub(super) const REPLAY: &str = concat!(
    include_str!("../algorithm/gcra_alone.lua"),
    algorithms!(script "replay.lua")
);

/// One policy there, and what it is asked about.
pub(crate) struct Stake<'a> {
    pub(crate) far: &'a Far,
    pub(crate) subject: &'a [u8],
    pub(crate) cost: u64,
    pub(crate) part: Part,
}

/// Which part a policy has in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// It lets pass what it has permits for, and is charged for it.
    Decides,
    /// It keeps nothing from passing.
    Watches,
    /// It lets all pass or none, and is not charged.
    Bars,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask {
    /// Whether the same call passes, so many times.
    Decide(u64),
    /// Whether a call would pass.
    Look,
    /// To give back what was charged at this instant of the server.
    Refund(Tick),
    /// To charge now what was charged then.
    Renew(Tick),
    /// To forget the subject. What was charged before is not given back any more, for so many milliseconds.
    Forget(u64),
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// How many calls passed, or how many permits were given back.
    pub(crate) passed: u64,
    /// For each policy, and the instant that counts as that of the answer.
    pub(crate) each: SmallVec<[(Decision, Tick); 1]>,
}

/// Asks the policies of `stakes`, all of them or none: their decisions, in their order.
///
/// # Errors
///
/// *Unavailable* and *refused*: nothing was charged. *Timeout* and *corrupt*: nobody knows.
pub(crate) fn ask(
    stakes: &[Stake<'_>],
    what: Ask,
) -> impl Future<Output = Result<Answer, Error>> + Send + use<> {
    let keys = stakes.iter().map(|stake| stake.far.key(stake.subject));
    let mut keys: SmallVec<[Vec<u8>; 2]> = keys.collect();
    if matches!(what, Ask::Refund(_) | Ask::Renew(_) | Ask::Forget(_)) {
        let first = stakes.first();
        keys.extend(first.map(|stake| stake.far.key_of_reset(stake.subject)));
    }
    let keys: SmallVec<[&[u8]; 2]> = keys.iter().map(Vec::as_slice).collect();
    let op = match (stakes, what) {
        ([one], Ask::Decide(times))
            if one.far.terms.rule == ALONE_FOR && one.part == Part::Decides =>
        {
            let op = Op::script(&ALONE, &keys).arg(times).arg(one.cost);
            op.arg(&one.far.terms.numbers)
        }
        (stakes, what) => whole(stakes, &keys, what),
    };
    let limits = stakes.iter().map(|stake| stake.far.terms.numbers[0]);
    let limits: SmallVec<[u64; 2]> = limits.collect();
    let wire = stakes.first().map(|stake| stake.far.wire().clone());
    async move {
        match wire {
            Some(wire) => read(&wire.one(Lane::Control, op).await?, &limits),
            None => Err(unreadable()),
        }
    }
}

/// The call of the script that knows everything.
fn whole(stakes: &[Stake<'_>], keys: &[&[u8]], what: Ask) -> Op {
    let (word, number) = match what {
        Ask::Decide(times) => ("decide", times),
        Ask::Look => ("look", 1),
        Ask::Refund(charged) => ("refund", charged),
        Ask::Renew(charged) => ("renew", charged),
        Ask::Forget(millis) => ("forget", millis),
    };
    let mut op = Op::script(&CHECK, keys).arg(word).arg(number);
    for Stake {
        far, cost, part, ..
    } in stakes
    {
        op = op.arg(far.terms.rule).arg(&far.terms.numbers).arg(*cost);
        op = op.arg(match part {
            Part::Decides => 0_u8,
            Part::Watches => 1,
            Part::Bars => 2,
        });
    }
    op
}

/// What is answered to one policy by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct One {
    /// How many calls passed, or how many permits were given back.
    pub(crate) passed: u64,
    pub(crate) decision: Decision,
    /// The instant of the server.
    pub(crate) at: Tick,
}

/// What a reply tells of policies with these limits.
fn read(reply: &Value, limits: &[u64]) -> Result<Answer, Error> {
    let Value::Array(numbers) = reply else {
        return Err(unreadable());
    };
    let Some((passed, numbers)) = numbers.split_first() else {
        return Err(unreadable());
    };
    if numbers.len() != limits.len() * 5 {
        return Err(unreadable());
    }
    let each = numbers.as_chunks().0.iter().zip(limits);
    let each = each.map(|(numbers, limit)| decision(numbers, *limit).ok_or_else(unreadable));
    Ok(Answer {
        passed: number(passed).ok_or_else(unreadable)?,
        each: each.collect::<Result<_, _>>()?,
    })
}

/// What a reply tells of so many subjects, of each by itself; `None` of one that was not decided about.
pub(super) fn read_each(reply: &Value, count: usize, limit: u64) -> Option<Vec<Option<One>>> {
    let Value::Array(numbers) = reply else {
        return None;
    };
    let (each, rest) = numbers.as_chunks();
    if each.len() != count || !rest.is_empty() {
        return None;
    }
    let one = |[passed, numbers @ ..]: &[Value; 6]| {
        if *passed == Value::Int(-1) {
            return Some(None);
        }
        let (decision, at) = decision(numbers, limit)?;
        let passed = number(passed)?;
        Some(Some(One {
            passed,
            decision,
            at,
        }))
    };
    each.iter().map(one).collect()
}

/// As [`read`], of numbers.
#[cfg(test)]
pub(super) fn told(numbers: &[i64], limits: &[u64]) -> Answer {
    let numbers = numbers.iter().copied().map(Value::Int).collect();
    read(&Value::Array(numbers), limits).unwrap()
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

/// What the five numbers of one policy say, in the order of `decide.lua`.
fn decision(numbers: &[Value; 5], limit: u64) -> Option<(Decision, Tick)> {
    let [wait, remaining, more, reset, at] = numbers;
    let outcome = match wait {
        Value::Int(0) => Outcome::Allowed,
        Value::Int(-1) => Outcome::Never,
        wait => Outcome::Denied {
            retry_after: Duration::from_micros(number(wait)?),
        },
    };
    let decision = Decision {
        outcome,
        basis: Basis::Shared,
        shadow_denied: false,
        limit,
        remaining: number(remaining)?,
        more_after: Duration::from_micros(number(more)?),
        reset_after: Duration::from_micros(number(reset)?),
    };
    Some((decision, number(at)?))
}

pub(crate) fn unreadable() -> Error {
    Error::new(
        ErrorKind::Corrupt,
        "the script that decides about limits answered something else than decisions",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(numbers: &[i64], count: usize) -> Option<Vec<Option<One>>> {
        let numbers = numbers.iter().copied().map(Value::Int).collect();
        read_each(&Value::Array(numbers), count, 5)
    }

    #[test]
    fn each_has_its_six_numbers() {
        let both = each(&[2, 0, 3, 10, 20, 7, -1, 0, 0, 0, 0, 0], 2).unwrap();
        let one = both[0].unwrap();
        assert_eq!((one.passed, one.decision.remaining, one.at), (2, 3, 7));
        assert!(both[1].is_none());
    }

    #[test]
    fn anything_else_cannot_be_read() {
        assert!(each(&[2, 0, 3, 10, 20, 7], 2).is_none());
        assert!(each(&[2, 0, 3, 10, 20, 7, 1], 1).is_none());
        assert!(each(&[-2, 0, 3, 10, 20, 7], 1).is_none());
        assert!(each(&[2, 0, -3, 10, 20, 7], 1).is_none());
        assert!(read_each(&Value::Nil, 0, 5).is_none());
    }
}
