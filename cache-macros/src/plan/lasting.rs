//! Times, as options say them.

use std::time::Duration;

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit, UnOp};

use crate::problems::Problems;
use crate::syntax::duration;

/// A time.
pub(crate) enum Lasting {
    /// With how it was written.
    Fixed(Duration, Lit),
    /// Evaluated where it is needed.
    Given(Box<Expr>),
}

impl Lasting {
    /// Where it is written.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Fixed(_, literal) => literal.span(),
            Self::Given(expression) => expression.span(),
        }
    }
}

const EXPECTED: &str = "expected seconds (`60`), a duration (\"90s\", \"1h30m\", \"500ms\"), or an expression of type \
     `Duration`";

/// Whether what follows the digits says of which type they are, and is no unit.
fn is_of_integers(suffix: &str) -> bool {
    let bits = suffix.strip_prefix(['i', 'u']);
    suffix.is_empty()
        || bits.is_some_and(|bits| matches!(bits, "8" | "16" | "32" | "64" | "128" | "size"))
}

/// The time that `expression` says, as the option `name`.
pub(super) fn lasting(name: &str, expression: Expr, problems: &mut Problems) -> Option<Lasting> {
    let literal = match &expression {
        Expr::Lit(ExprLit { lit, .. }) => lit,
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let found = expression.to_token_stream().to_string().replace(' ', "");
            problems.on(&expression, format!("`{name}` is `{found}`; {EXPECTED}"));
            return None;
        }
        _ => return Some(Lasting::Given(Box::new(expression))),
    };
    let fixed = match literal {
        Lit::Int(seconds) if !is_of_integers(seconds.suffix()) => {
            let what = format!(
                "`{name}` is `{seconds}`: a time with a unit is a text; write `{name} = \"{seconds}\"`"
            );
            problems.at(literal.span(), what);
            return None;
        }
        Lit::Int(seconds) => match seconds.base10_parse() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) => {
                problems.at(
                    literal.span(),
                    format!("`{name}` is `{seconds}`; {EXPECTED}"),
                );
                return None;
            }
        },
        Lit::Str(text) => match duration(&text.value()) {
            Ok(fixed) => fixed,
            Err(why) => {
                let text = text.value();
                let what = format!(
                    "`{name}` is \"{text}\": {why}; expected numbers with the units d, h, m, s, ms, as \
                     in \"90s\" or \"1h30m\""
                );
                problems.at(literal.span(), what);
                return None;
            }
        },
        other => {
            let found = other.to_token_stream();
            problems.at(literal.span(), format!("`{name}` is `{found}`; {EXPECTED}"));
            return None;
        }
    };
    if fixed.is_zero() {
        problems.at(
            literal.span(),
            format!("`{name}` is zero; expected a longer time"),
        );
        return None;
    }
    Some(Lasting::Fixed(fixed, literal.clone()))
}
