//! The options of `#[cached]`, each at most once and with the right form.

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Ident, Lit, LitStr, Token};

use crate::problems::{Problems, listed, nearest};
use crate::syntax::{Opt, Template, Value, template};

const KNOWN: [&str; 8] = [
    "ttl",
    "key",
    "name",
    "skip",
    "tags",
    "capacity",
    "companion",
    "near_only",
];

/// What other libraries call it.
const ELSEWHERE: [(&str, &str); 13] = [
    ("convert", "key"),
    ("expire", "ttl"),
    ("expires", "ttl"),
    ("ignore", "skip"),
    ("in_memory", "near_only"),
    ("local", "near_only"),
    ("max_size", "capacity"),
    ("near", "near_only"),
    ("prefix", "name"),
    ("size", "capacity"),
    ("time", "ttl"),
    ("time_to_live", "ttl"),
    ("ttl_secs", "ttl"),
];

/// What was said, not yet looked at together with the function.
#[derive(Default)]
pub(super) struct Choices {
    pub(super) ttl: Option<Expr>,
    pub(super) key: Option<Template>,
    pub(super) name: Option<LitStr>,
    pub(super) skip: Vec<Ident>,
    pub(super) tags: Vec<Template>,
    pub(super) capacity: Option<Expr>,
    pub(super) companion: Option<Ident>,
    pub(super) near_only: bool,
}

impl Choices {
    pub(super) fn new(options: Vec<Opt>, problems: &mut Problems) -> Self {
        let mut choices = Self::default();
        let mut seen: Vec<Ident> = Vec::new();
        for option in options {
            if seen.contains(&option.name) {
                let name = &option.name;
                problems.at(
                    name.span(),
                    format!("`{name}` is given twice; remove one of the two"),
                );
                continue;
            }
            seen.push(option.name.clone());
            choices.take(option, problems);
        }
        choices
    }

    fn take(&mut self, option: Opt, problems: &mut Problems) {
        let name = option.name.unraw().to_string();
        match name.as_str() {
            "ttl" => self.ttl = expression(option, "ttl = 60", problems),
            "capacity" => self.capacity = capacity(option, problems),
            "key" => {
                let text = text(option, "key = \"user:{id}\"", problems);
                self.key = text.and_then(|text| problems.keep(template(text)));
            }
            "name" => self.name = text(option, "name = \"users\"", problems),
            "companion" => self.companion = companion(option, problems),
            "skip" => self.skip = names(&option, problems),
            "tags" => self.tags = templates(&option, problems),
            "near_only" => self.near_only = word(&option, problems),
            _ => unknown(&option.name, &name, problems),
        }
    }
}

fn unknown(at: &Ident, name: &str, problems: &mut Problems) {
    let elsewhere = ELSEWHERE.iter().find(|(theirs, _)| *theirs == name);
    let meant = elsewhere.map_or_else(|| nearest(name, &KNOWN), |(_, ours)| Some(*ours));
    let hint = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the options are {}", listed(KNOWN)),
    };
    problems.at(at.span(), format!("unknown option `{name}`; {hint}"));
}

fn expression(option: Opt, example: &str, problems: &mut Problems) -> Option<Expr> {
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

/// An option that is said by its name.
fn word(option: &Opt, problems: &mut Problems) -> bool {
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

/// A literal or a name that a `macro_rules` macro handed on comes wrapped.
fn bare(expression: Expr) -> Expr {
    match expression {
        Expr::Group(group) if matches!(*group.expr, Expr::Lit(_) | Expr::Path(_)) => *group.expr,
        other => other,
    }
}

fn text(option: Opt, example: &str, problems: &mut Problems) -> Option<LitStr> {
    let name = option.name.clone();
    let expression = expression(option, example, problems)?;
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = expression
    else {
        problems.on(
            &expression,
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
    Some(text)
}

fn capacity(option: Opt, problems: &mut Problems) -> Option<Expr> {
    let expression = expression(option, "capacity = 10_000", problems)?;
    let expected = "expected at least 1 entry, as an integer or a constant";
    match &expression {
        Expr::Lit(ExprLit {
            lit: Lit::Int(amount),
            ..
        }) if amount
            .base10_parse::<u128>()
            .is_ok_and(|amount| amount == 0) =>
        {
            problems.at(amount.span(), format!("`capacity` is zero; {expected}"));
        }
        Expr::Lit(ExprLit {
            lit: Lit::Int(_), ..
        }) => {}
        Expr::Lit(other) => {
            let found = other.to_token_stream();
            problems.on(other, format!("`capacity` is `{found}`; {expected}"));
        }
        _ => {}
    }
    Some(expression)
}

fn companion(option: Opt, problems: &mut Problems) -> Option<Ident> {
    let expression = expression(option, "companion = none", problems)?;
    let name = match &expression {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    if name.is_none() {
        problems.on(
            &expression,
            format!(
                "`companion` is `{}`; expected a name for what holds `invalidate` and the others, or \
                 `none`",
                expression.to_token_stream()
            ),
        );
    }
    name
}

fn list(option: &Opt, example: &str, problems: &mut Problems) -> Option<proc_macro2::TokenStream> {
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

fn names(option: &Opt, problems: &mut Problems) -> Vec<Ident> {
    let Some(tokens) = list(option, "skip(db)", problems) else {
        return Vec::new();
    };
    let parser = Punctuated::<Ident, Token![,]>::parse_separated_nonempty_with;
    let names = |input: syn::parse::ParseStream<'_>| {
        let names = parser(input, Ident::parse_any)?;
        input.parse::<Option<Token![,]>>()?;
        Ok(names)
    };
    let names = problems.keep(names.parse2(tokens));
    names.into_iter().flatten().collect()
}

fn templates(option: &Opt, problems: &mut Problems) -> Vec<Template> {
    let Some(tokens) = list(option, "tags(\"users\", \"org:{org}\")", problems) else {
        return Vec::new();
    };
    let texts = Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(tokens);
    let texts = problems.keep(texts).unwrap_or_default();
    let mut read = Vec::new();
    for text in texts {
        if text.value().is_empty() {
            empty_tag(text.span(), problems);
        } else {
            read.extend(problems.keep(template(text)));
        }
    }
    read
}

fn empty_tag(span: Span, problems: &mut Problems) {
    problems.at(span, "a tag is empty; write something like \"users\"");
}
