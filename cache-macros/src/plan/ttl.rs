//! How long a value lives.

use std::time::Duration;

use quote::ToTokens as _;
use syn::{Expr, ExprLit, Lit, UnOp};

use crate::problems::Problems;
use crate::syntax::duration;

pub(crate) enum Ttl {
    /// With how it was written.
    Fixed(Duration, Lit),
    /// Evaluated when a load begins.
    Given(Box<Expr>),
}

const EXPECTED: &str = "expected seconds (`60`), a duration (\"90s\", \"1h30m\", \"500ms\"), or an expression of type \
     `Duration`";

pub(super) fn ttl(expression: Expr, problems: &mut Problems) -> Option<Ttl> {
    let literal = match &expression {
        Expr::Lit(ExprLit { lit, .. }) => lit,
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let found = expression.to_token_stream().to_string().replace(' ', "");
            problems.on(&expression, format!("`ttl` is `{found}`; {EXPECTED}"));
            return None;
        }
        _ => return Some(Ttl::Given(Box::new(expression))),
    };
    let fixed = match literal {
        Lit::Int(seconds) => match seconds.base10_parse() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => {
                problems.at(literal.span(), format!("`ttl` is `{seconds}`; {EXPECTED}"));
                return None;
            }
        },
        Lit::Str(text) => match duration(&text.value()) {
            Ok(fixed) => fixed,
            Err(why) => {
                let text = text.value();
                let what = format!(
                    "`ttl` is \"{text}\": {why}; expected numbers with the units d, h, m, s, ms, as \
                     in \"90s\" or \"1h30m\""
                );
                problems.at(literal.span(), what);
                return None;
            }
        },
        other => {
            let found = other.to_token_stream();
            problems.at(literal.span(), format!("`ttl` is `{found}`; {EXPECTED}"));
            return None;
        }
    };
    if fixed.is_zero() {
        problems.at(
            literal.span(),
            "`ttl` is zero, so nothing would be kept; give a longer time, or remove `#[cached]`",
        );
        return None;
    }
    Some(Ttl::Fixed(fixed, literal.clone()))
}
