//! What the engine of a cache can be told: each is a method of that name.

use proc_macro2::{Ident, Span};
use quote::{ToTokens as _, format_ident};
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit};

use crate::problems::Problems;
use crate::syntax::{Opt, Value};

use super::forms;
use super::function::Function;
use super::lasting::Lasting;
use super::load::Load;

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
    let function = forms::expression(option, example, problems)?;
    if let Expr::Lit(literal) = &function {
        problems.on(
            literal,
            format!(
                "expected a closure or a function of the value, as in `{example}`; found `{}`",
                literal.to_token_stream()
            ),
        );
    }
    let turn = Turn::Function(function);
    Some(Knob { method, turn })
}

/// `codec = "msgpack"`
pub(super) fn codec(option: Opt, problems: &mut Problems) -> Option<Knob> {
    let span = option.name.span();
    let form = forms::text(option, "codec = \"msgpack\"", problems)?;
    let method = match form.value().as_str() {
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
    Some(Knob {
        method: format_ident!("{method}", span = span),
        turn: Turn::On,
    })
}

/// Whether the value of `option` is a closure.
pub(super) fn is_function(option: &Opt) -> bool {
    matches!(&option.value, Value::Is(Expr::Closure(_)))
}

/// A load that is left behind has to be able to go on: what stands in the way is told at the argument.
pub(super) fn check(knobs: &[Knob], function: &Function, load: &Load, problems: &mut Problems) {
    if let Load::Detached(_) = load {
        return;
    }
    let Some(knob) = knobs.iter().find(|knob| knob.method == "soft_timeout") else {
        return;
    };
    let needs = "`soft_timeout` leaves a load that goes on behind its caller, and that has to own its arguments";
    if !function.is_async() {
        let what = format!("{needs}; this function is not async");
        return problems.at(knob.method.span(), what);
    }
    if let Some(receiver) = function.receiver() {
        let help = "cache a free function that takes what it needs of `self` by value";
        return problems.on(receiver, format!("{needs}; {help}"));
    }
    let borrowed = function
        .params
        .iter()
        .find(|param| super::load::owning(&param.ty).is_none());
    let span = borrowed.map_or(knob.method.span(), |param| param.ty.span());
    let help = "take it by value, as an `Arc`, or as `&str`, `&[T]` or a reference to a number";
    problems.at(span, format!("{needs}; {help}"));
}
