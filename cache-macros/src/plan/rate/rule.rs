//! How much, in how long: what could never work is refused here.

use std::time::Duration;

use proc_macro2::Span;
use syn::{Expr, ExprLit, Lit, LitStr};

use crate::plan::lasting::Lasting;
use crate::problems::Problems;

use super::ban::Ban;
use super::options::Choices;

/// Half of what is exact in a script of Redis, in microseconds.
const LONGEST: Duration = Duration::from_micros(1 << 52);

/// As long as a name may be that clients are told.
const LONGEST_NAME: usize = 64;

/// A limit of the function's own.
pub(crate) struct Rule {
    pub(crate) limit: Expr,
    pub(crate) per: Lasting,
    pub(crate) burst: Option<Expr>,
    pub(crate) algorithm: Option<&'static str>,
    pub(crate) on_unavailable: Option<&'static str>,
    pub(crate) shadow: bool,
    pub(crate) name: Option<LitStr>,
    pub(crate) leases: Option<Expr>,
    pub(crate) max_keys: Option<Expr>,
    pub(crate) ban: Option<Ban>,
}

pub(super) fn rule(choices: &mut Choices, problems: &mut Problems) -> Option<Rule> {
    for (one, other, example) in [
        ("limit", "per", "per = \"1m\""),
        ("per", "limit", "limit = 100"),
    ] {
        if let (Some(said), None) = (choices.said(one), choices.said(other)) {
            problems.at(
                said.span(),
                format!("`{one}` without `{other}` is no quota; add `{example}`"),
            );
        }
    }
    if choices.said("limit").is_none() && choices.said("per").is_none() {
        problems.at(
            Span::call_site(),
            "how often is not said; write `limit = 100, per = \"1m\"`, or `limiter = ..` for one that is made elsewhere",
        );
    }
    algorithm(choices, problems);
    cost(choices, problems);
    if let Some(name) = &choices.name {
        check_name(name, problems);
    }
    let ban = choices.ban.as_ref();
    let times = ban.map(|ban| [Some(&ban.within), ban.lasts.as_ref()]);
    let times = times.into_iter().flatten().flatten().chain(&choices.per);
    for time in times {
        period(time, problems);
    }
    Some(Rule {
        limit: choices.limit.take()?,
        per: choices.per.take()?,
        burst: choices.burst.take(),
        algorithm: choices.algorithm.take().map(|(_, name)| name),
        on_unavailable: choices.on_unavailable.take().map(|(_, name)| name),
        shadow: choices.shadow,
        name: choices.name.take(),
        leases: choices.leases.take(),
        max_keys: choices.max_keys.take(),
        ban: choices.ban.take(),
    })
}

/// The algorithm beside what it does not know.
fn algorithm(choices: &Choices, problems: &mut Problems) {
    let Some((said, algorithm)) = &choices.algorithm else {
        return;
    };
    if let Some(burst) = choices.said("burst")
        && !matches!(*algorithm, "Gcra" | "TokenBucket")
    {
        problems.at(
            burst.span(),
            format!(
                "`burst` beside `algorithm = \"{}\"`, which has none; remove it, or write \"gcra\" or \"token_bucket\"",
                said.value()
            ),
        );
    }
    if let Some(leases) = choices.said("leases")
        && *algorithm == "Concurrency"
    {
        problems.at(
            leases.span(),
            "`leases` beside `algorithm = \"concurrency\"`, whose permits are held by the calls that are under way; \
             remove it",
        );
    }
}

/// A call that costs more than there ever is.
fn cost(choices: &Choices, problems: &mut Problems) {
    let Some((cost, span)) = choices.cost.as_ref().and_then(number) else {
        return;
    };
    if u32::try_from(cost).is_err() {
        problems.at(
            span,
            format!("`cost` is {cost}; expected at most {}", u32::MAX),
        );
        return;
    }
    let (name, most) = match &choices.burst {
        Some(burst) => ("burst", Some(burst)),
        None => ("limit", choices.limit.as_ref()),
    };
    if let Some((most, _)) = most.and_then(number)
        && most > 0
        && cost > most
    {
        problems.at(
            span,
            format!(
                "a call that costs {cost} never passes where `{name}` is {most}; expected at most {most}, or a larger \
                 `{name}`"
            ),
        );
    }
}

fn number(expression: &Expr) -> Option<(u128, Span)> {
    let Expr::Lit(ExprLit {
        lit: Lit::Int(number),
        ..
    }) = expression
    else {
        return None;
    };
    Some((number.base10_parse().ok()?, number.span()))
}

fn period(time: &Lasting, problems: &mut Problems) {
    if let Lasting::Fixed(fixed, _) = time
        && *fixed > LONGEST
    {
        problems.at(
            time.span(),
            "a period of more than 142 years cannot be counted exactly; give a shorter one",
        );
    }
}

fn check_name(name: &LitStr, problems: &mut Problems) {
    let text = name.value();
    let found = if text.len() > LONGEST_NAME {
        "is too long"
    } else if !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        "has a character that is not printable ASCII"
    } else {
        return;
    };
    problems.at(
        name.span(),
        format!(
            "`name` {found}, and clients are told it; expected 1 to {LONGEST_NAME} printable ASCII characters, like \
             \"logins\""
        ),
    );
}
