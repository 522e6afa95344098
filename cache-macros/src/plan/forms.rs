//! The forms that the value of an option can have.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Path, Token};

use crate::problems::{Problems, listed, nearest};
use crate::syntax::{Opt, Template, Value, template};

use super::lasting::{Lasting, lasting};

/// `name = expression`
pub(super) fn expression(option: Opt, example: &str, problems: &mut Problems) -> Option<Expr> {
    match option.value {
        Value::Is(expression) => Some(bare(expression)),
        Value::Nothing | Value::List(..) => {
            problems.at(
                option.name.span(),
                format!("`{}` needs a value: `{example}`", option.name),
            );
            None
        }
    }
}

/// A literal or a name that a `macro_rules` macro handed on comes wrapped.
fn bare(expression: Expr) -> Expr {
    match expression {
        Expr::Group(group) if matches!(*group.expr, Expr::Lit(_) | Expr::Path(_)) => *group.expr,
        other => other,
    }
}

/// An option that is said by its name.
pub(super) fn word(option: &Opt, problems: &mut Problems) -> bool {
    match &option.value {
        Value::Nothing => {}
        Value::Is(value) => problems.on(
            value,
            format!(
                "`{0}` takes no value; write `{0}`, or leave it out",
                option.name
            ),
        ),
        Value::List(paren, _) => problems.at(
            paren.span.join(),
            format!(
                "`{0}` takes no list; write `{0}`, or leave it out",
                option.name
            ),
        ),
    }
    true
}

/// `name = "text"`
pub(super) fn text(option: Opt, example: &str, problems: &mut Problems) -> Option<LitStr> {
    let name = option.name.clone();
    let expression = expression(option, example, problems)?;
    string(&name.to_string(), &expression, example, problems)
}

/// The string that `expression` is.
pub(super) fn string(
    name: &str,
    expression: &Expr,
    example: &str,
    problems: &mut Problems,
) -> Option<LitStr> {
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = expression
    else {
        problems.on(
            expression,
            format!(
                "`{name}` is read when the function is compiled; expected a string, like `{example}`"
            ),
        );
        return None;
    };
    if text.value().is_empty() {
        problems.at(
            text.span(),
            format!("`{name}` is empty; write `{example}`, or leave it out"),
        );
        return None;
    }
    Some(text.clone())
}

/// `name = 60`, `name = "1h30m"`, or a `Duration`
pub(super) fn time(option: Opt, example: &str, problems: &mut Problems) -> Option<Lasting> {
    let name = option.name.to_string();
    let expression = expression(option, example, problems)?;
    lasting(&name, expression, problems)
}

/// `name = 10`, or a constant: at least `least`.
pub(super) fn amount(
    option: Opt,
    example: &str,
    least: &str,
    problems: &mut Problems,
) -> Option<Expr> {
    let name = option.name.clone();
    let expression = expression(option, example, problems)?;
    let expected = format!("expected at least {least}, as an integer or a constant");
    match &expression {
        Expr::Lit(ExprLit {
            lit: Lit::Int(amount),
            ..
        }) if amount
            .base10_parse::<u128>()
            .is_ok_and(|amount| amount == 0) =>
        {
            problems.at(amount.span(), format!("`{name}` is zero; {expected}"));
        }
        Expr::Lit(ExprLit {
            lit: Lit::Int(_), ..
        }) => {}
        Expr::Lit(other) => {
            let found = other.to_token_stream();
            problems.on(other, format!("`{name}` is `{found}`; {expected}"));
        }
        _ => {}
    }
    Some(expression)
}

/// `name = "one"`, one of those that are known; with what the library calls it.
pub(super) fn choice(
    option: Opt,
    example: &str,
    known: &[(&str, &'static str)],
    problems: &mut Problems,
) -> Option<(LitStr, &'static str)> {
    let name = option.name.to_string();
    let text = text(option, example, problems)?;
    let found = text.value();
    if let Some((_, ours)) = known.iter().find(|(theirs, _)| *theirs == found) {
        return Some((text, ours));
    }
    let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
    let hint = match nearest(&found, &words) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => format!("expected one of {}", listed(words)),
    };
    problems.at(text.span(), format!("`{name}` is \"{found}\"; {hint}"));
    None
}

/// `name = |it| ..`, or a function of it.
pub(super) fn function(
    option: Opt,
    (example, of): (&str, &str),
    problems: &mut Problems,
) -> Option<Expr> {
    let function = expression(option, example, problems)?;
    if let Expr::Lit(literal) = &function {
        problems.on(
            literal,
            format!(
                "expected a closure or a function of {of}, as in `{example}`; found `{}`",
                literal.to_token_stream()
            ),
        );
    }
    Some(function)
}

/// `name = some::path`
pub(super) fn path(option: Opt, example: &str, problems: &mut Problems) -> Option<Path> {
    let name = option.name.clone();
    match expression(option, example, problems)? {
        Expr::Path(path) if path.qself.is_none() => Some(path.path),
        other => {
            problems.on(
                &other,
                format!(
                    "`{name}` is `{}`; expected a path, like `{example}`",
                    other.to_token_stream()
                ),
            );
            None
        }
    }
}

/// `name = argument`
pub(super) fn name(option: Opt, example: &str, problems: &mut Problems) -> Option<Ident> {
    let option_name = option.name.clone();
    let expression = expression(option, example, problems)?;
    let name = match &expression {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    if name.is_none() {
        let found = expression.to_token_stream();
        let what = format!(
            "`{option_name}` is `{found}`; expected the name of an argument, as in `{example}`"
        );
        problems.on(&expression, what);
    }
    name
}

fn list(option: &Opt, example: &str, problems: &mut Problems) -> Option<TokenStream> {
    match &option.value {
        Value::List(_, tokens) if !tokens.is_empty() => Some(tokens.clone()),
        Value::List(paren, _) => {
            problems.at(
                paren.span.join(),
                format!(
                    "`{}` is empty; write `{example}`, or leave it out",
                    option.name
                ),
            );
            None
        }
        Value::Nothing | Value::Is(_) => {
            problems.at(
                option.name.span(),
                format!("`{}` takes a list: `{example}`", option.name),
            );
            None
        }
    }
}

/// `name(a, b)`
pub(super) fn names(option: &Opt, example: &str, problems: &mut Problems) -> Vec<Ident> {
    let Some(tokens) = list(option, example, problems) else {
        return Vec::new();
    };
    let parser = Punctuated::<Ident, Token![,]>::parse_separated_nonempty_with;
    let names = |input: ParseStream<'_>| {
        let names = parser(input, Ident::parse_any)?;
        input.parse::<Option<Token![,]>>()?;
        Ok(names)
    };
    let names = problems.keep(names.parse2(tokens));
    names.into_iter().flatten().collect()
}

/// `name("a", "b:{c}")`
pub(super) fn templates(option: &Opt, example: &str, problems: &mut Problems) -> Vec<Template> {
    let Some(tokens) = list(option, example, problems) else {
        return Vec::new();
    };
    let texts = Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(tokens);
    let texts = problems.keep(texts).unwrap_or_default();
    let mut read = Vec::new();
    for text in texts {
        if text.value().is_empty() {
            problems.at(
                text.span(),
                "a tag is empty; write something like \"users\"",
            );
        } else {
            read.extend(problems.keep(template(text)));
        }
    }
    read
}
