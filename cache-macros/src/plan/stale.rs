//! What becomes wrong.

use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{Expr, ExprCall, ExprLit, ExprMethodCall, ExprPath, Lit, LitStr};

use crate::problems::Problems;
use crate::syntax::{Entry, Piece, Template, template};

use super::arguments::parts;
use super::examples::example;
use super::function::Function;
use super::part::Part;

/// One thing that becomes wrong.
pub(crate) struct Stale {
    pub(crate) what: What,
    /// How the user wrote it, for the documentation of the function.
    pub(crate) said: String,
    /// It becomes stale, and is not removed.
    pub(crate) expires: bool,
}

impl Stale {
    fn new(what: What, said: String) -> Self {
        Self {
            what,
            said,
            expires: false,
        }
    }
}

pub(crate) enum What {
    /// The answer of a call of the function at this path.
    Call(ExprPath, Vec<Expr>),
    /// The answer of a call of a method.
    Method(Box<ExprMethodCall>),
    /// All answers of the function at this path.
    Clear(ExprPath),
    Tag(Vec<Part>),
    /// Keys that begin so.
    Prefix(Vec<Part>),
    /// Keys that match.
    Pattern(Vec<Part>),
}

/// The answer of a call.
pub(super) fn answer(path: ExprPath, call: ExprCall) -> Stale {
    let said = said(&call);
    let what = What::Call(path, call.args.into_iter().collect());
    Stale::new(what, said)
}

/// The answer of a call of a method.
pub(super) fn method(call: ExprMethodCall) -> Stale {
    let said = said(&call);
    let what = What::Method(Box::new(call));
    Stale::new(what, said)
}

/// What a list names.
pub(super) fn list(
    name: &str,
    call: ExprCall,
    function: &Function,
    problems: &mut Problems,
) -> Vec<Stale> {
    if call.args.is_empty() {
        let what = format!(
            "`{name}` is empty; write `{}`, or leave it out",
            example(name)
        );
        problems.at(call.paren_token.span.join(), what);
    }
    let each = call.args.into_iter();
    match name {
        "clear" => each
            .filter_map(|argument| cleared(argument, problems))
            .collect(),
        "expire" => each
            .flat_map(|argument| expired(argument, function, problems))
            .collect(),
        _ => each
            .filter_map(|argument| text(name, argument, function, problems))
            .collect(),
    }
}

fn expired(argument: Expr, function: &Function, problems: &mut Problems) -> Vec<Stale> {
    let found = argument.to_token_stream();
    let stale = match Entry::of(argument) {
        Entry::Method(call) => vec![method(call)],
        Entry::Call(path, call) => match listed(&path).as_deref() {
            Some("tags") => list("tags", call, function, problems),
            Some(name @ ("clear" | "prefix" | "pattern" | "expire")) => {
                let what = format!(
                    "`{name}` cannot be expired: calls and tags can, as in `{}`",
                    example("expire")
                );
                problems.on(&call, what);
                Vec::new()
            }
            _ => vec![answer(path, call)],
        },
        Entry::Word(_) | Entry::Is(..) | Entry::Other(_) => {
            let what = format!(
                "found `{found}`; `expire` takes calls and tags: `{}`",
                example("expire")
            );
            problems.on(&found, what);
            Vec::new()
        }
    };
    let expires = stale.into_iter().map(|stale| Stale {
        said: format!("expire {}", stale.said),
        expires: true,
        ..stale
    });
    expires.collect()
}

/// The name of a list, or of a function that is named without a path.
pub(super) fn listed(path: &ExprPath) -> Option<String> {
    path.path.get_ident().map(|name| name.unraw().to_string())
}

fn cleared(argument: Expr, problems: &mut Problems) -> Option<Stale> {
    match argument {
        Expr::Group(group) => cleared(*group.expr, problems),
        Expr::Path(path) => {
            let said = format!("all of {}", said(&path));
            let what = What::Clear(path);
            Some(Stale::new(what, said))
        }
        Expr::Call(call) => {
            let f = call.func.to_token_stream();
            let what = format!(
                "`clear` takes functions without arguments: write `clear({f})` for everything that is kept for it, \
                 or `{f}(..)` for one call"
            );
            problems.on(&call, what);
            None
        }
        other => {
            let found = other.to_token_stream();
            problems.on(
                &other,
                format!("found `{found}`; `clear` takes functions: `clear(list_users)`, `clear(Self::price)`"),
            );
            None
        }
    }
}

fn text(name: &str, argument: Expr, function: &Function, problems: &mut Problems) -> Option<Stale> {
    let text = literal(name, argument, problems)?;
    if text.value().is_empty() {
        let what = match name {
            "tags" => "a tag is empty; write something like \"users\"".to_owned(),
            _ => format!(
                "a {name} is empty, and would mean every key there is; write `{}`",
                example(name)
            ),
        };
        problems.at(text.span(), what);
        return None;
    }
    let said = format!("{name} {}", text.token());
    let template = problems.keep(template(text))?;
    let what = match name {
        "tags" => What::Tag(parts("a tag", &template, function, problems)),
        "prefix" => {
            wide("prefix", !texts(&template).is_empty(), &template, problems);
            What::Prefix(parts("a prefix", &template, function, problems))
        }
        _ => {
            wide("pattern", !is_wild(&texts(&template)), &template, problems);
            What::Pattern(parts("a pattern", &template, function, problems))
        }
    };
    Some(Stale::new(what, said))
}

fn literal(name: &str, argument: Expr, problems: &mut Problems) -> Option<LitStr> {
    match argument {
        Expr::Group(group) => literal(name, *group.expr, problems),
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        other => {
            let found = other.to_token_stream();
            let what = format!(
                "found `{found}`; `{name}` takes strings, with arguments in braces: `{}`",
                example(name)
            );
            problems.on(&other, what);
            None
        }
    }
}

/// What of it is there whatever the arguments are.
fn texts(template: &Template) -> String {
    let pieces = template.pieces.iter();
    pieces
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(&**text),
            Piece::Place(_) => None,
        })
        .collect()
}

fn wide(name: &str, says: bool, template: &Template, problems: &mut Problems) {
    if !says {
        problems.at(
            template.literal.span(),
            format!(
                "this {name} would mean every key there is; expected at least one character that stands for itself, \
                 as in `{}`",
                example(name)
            ),
        );
    }
}

/// Whether no character of `glob` stands for itself; the library refuses such patterns, too.
fn is_wild(glob: &str) -> bool {
    let mut rest = glob.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' | '?' => {}
            '[' => loop {
                match rest.next() {
                    Some('\\') => drop(rest.next()),
                    None | Some(']') => break,
                    Some(_) => {}
                }
            },
            _ => return false,
        }
    }
    true
}

fn said(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}
