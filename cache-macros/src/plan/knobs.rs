//! What the engine of a cache can be told: each is a method of that name.

use proc_macro2::{Ident, Span};
use quote::{ToTokens as _, format_ident};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit, Token};

use crate::problems::Problems;
use crate::syntax::{Opt, Value};

use super::forms;
use super::lasting::Lasting;

/// One thing that is told.
pub(crate) struct Knob {
    /// The method of the library.
    pub(crate) method: Ident,
    pub(crate) turn: Turn,
}

/// What it is told.
pub(crate) enum Turn {
    /// Nothing else.
    On,
    Time(Lasting),
    /// A number, checked by the function of the library that is named.
    Number(Expr, &'static str),
    /// Something that is called with a value.
    Function(Expr),
    /// What a function of the library makes of this, or of nothing.
    Constant(&'static str, Option<Expr>),
    /// A whole number, checked by the function of the library that is named.
    Amount(Expr, &'static str),
    /// Bytes, and what tells those of a value.
    Weighed(Box<[Expr; 2]>),
}

/// `name = time`
pub(super) fn time(option: Opt, example: &str, problems: &mut Problems) -> Option<Knob> {
    let method = option.name.clone();
    let time = forms::time(option, example, problems)?;
    Some(Knob {
        method,
        turn: Turn::Time(time),
    })
}

/// `name`
pub(super) fn word(option: &Opt, problems: &mut Problems) -> Option<Knob> {
    forms::word(option, problems).then(|| Knob {
        method: option.name.clone(),
        turn: Turn::On,
    })
}

/// `name = 0.75`: `holds` says which numbers do, as the function `check` of the library says it in the compiler.
pub(super) fn number(
    option: Opt,
    example: &str,
    (check, holds): (&'static str, fn(f64) -> bool),
    expected: &str,
    problems: &mut Problems,
) -> Option<Knob> {
    let method = option.name.clone();
    let expression = forms::expression(option, example, problems)?;
    let mut wrong = |span: Span, found: String| {
        problems.at(
            span,
            format!("`{method}` is `{found}`; expected {expected}, as in `{example}`"),
        );
    };
    match &expression {
        Expr::Lit(ExprLit { lit, .. }) => {
            let number = match lit {
                Lit::Float(number) => number.base10_parse().ok(),
                Lit::Int(number) => number.base10_parse().ok(),
                _ => None,
            };
            if !number.is_some_and(holds) {
                wrong(lit.span(), lit.to_token_stream().to_string());
            }
        }
        Expr::Unary(_) => {
            let found = expression.to_token_stream().to_string().replace(' ', "");
            wrong(expression.span(), found);
        }
        _ => {}
    }
    let turn = Turn::Number(expression, check);
    Some(Knob { method, turn })
}

/// `name = |value| ..`, under another name in the library where it has one.
pub(super) fn function(
    option: Opt,
    method: &str,
    example: &str,
    problems: &mut Problems,
) -> Option<Knob> {
    let method = format_ident!("{method}", span = option.name.span());
    let function = forms::function(option, (example, "the value"), problems)?;
    let turn = Turn::Function(function);
    Some(Knob { method, turn })
}

/// `codec = "msgpack"`
pub(super) fn codec(option: Opt, problems: &mut Problems) -> Option<Knob> {
    let method = option.name.clone();
    let form = forms::text(option, "codec = \"msgpack\"", problems)?;
    let make = match form.value().as_str() {
        "json" => "json",
        "msgpack" => "msgpack",
        other => {
            problems.at(
                form.span(),
                format!("`codec` is \"{other}\"; expected \"json\" or \"msgpack\""),
            );
            return None;
        }
    };
    let turn = Turn::Constant(make, None);
    Some(Knob { method, turn })
}

/// `compression = "zstd"`, or a constant of the library's type.
pub(super) fn compression(option: Opt, problems: &mut Problems) -> Option<Knob> {
    let method = option.name.clone();
    let expression = forms::expression(option, "compression = \"lz4\"", problems)?;
    let turn = match &expression {
        Expr::Lit(ExprLit { lit, .. }) => {
            let text = match lit {
                Lit::Str(text) => text.value(),
                other => other.to_token_stream().to_string(),
            };
            let make = match &*text {
                "none" => "uncompressed",
                "lz4" => "lz4",
                "zstd" => "zstd",
                _ => {
                    let expected =
                        "expected \"none\", \"lz4\", \"zstd\", or a constant of type `Compression`";
                    problems.at(lit.span(), format!("`compression` is `{text}`; {expected}"));
                    return None;
                }
            };
            Turn::Constant(make, None)
        }
        _ => Turn::Constant("compression", Some(expression)),
    };
    Some(Knob { method, turn })
}

/// `name = 10`, checked by the function `check` of the library.
pub(super) fn amount(
    option: Opt,
    (example, least): (&str, &str),
    check: &'static str,
    problems: &mut Problems,
) -> Option<Knob> {
    let method = option.name.clone();
    let amount = forms::amount(option, example, least, problems)?;
    let turn = Turn::Amount(amount, check);
    Some(Knob { method, turn })
}

/// `capacity_bytes(64 << 20, |page| page.body.len())`
pub(super) fn weighed(option: &Opt, problems: &mut Problems) -> Option<Knob> {
    const EXAMPLE: &str = "capacity_bytes(64 << 20, |page| page.body.len())";
    let given = match &option.value {
        Value::List(_, tokens) => {
            let all = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone());
            problems.keep(all)?.into_iter().collect()
        }
        Value::Is(_) | Value::Nothing => Vec::new(),
    };
    let Ok(both) = <[Expr; 2]>::try_from(given) else {
        let takes = "takes the bytes that are held, and a function that tells those of a value";
        problems.at(
            option.name.span(),
            format!("`capacity_bytes` {takes}: `{EXAMPLE}`"),
        );
        return None;
    };
    Some(Knob {
        method: option.name.clone(),
        turn: Turn::Weighed(Box::new(both)),
    })
}

/// Whether the value of `option` is a closure.
pub(super) fn is_function(option: &Opt) -> bool {
    matches!(&option.value, Value::Is(Expr::Closure(_)))
}
