//! What of the arguments tells two calls apart.

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit, LitStr};

use crate::problems::{Problems, listed};
use crate::syntax::{Piece, Template, template};

use super::arguments::{parts, span_of};
use super::forms::string;
use super::function::{Function, mentions};
use super::handles::no_key;
use super::options::Choices;
use super::part::Part;

/// Arguments in a tuple that can be written as one key.
const MOST: usize = 12;

/// The key of a call.
pub(crate) enum Key {
    /// These variables, in our own form.
    Own(Vec<Counted>),
    /// As the user spelled it, with the characters that end a placeholder.
    Exact {
        template: LitStr,
        parts: Vec<Part>,
        separators: Vec<u8>,
    },
    /// A value of the type that the given cache has for keys.
    Value(Box<Expr>),
}

/// A variable that is part of the key.
pub(crate) struct Counted {
    pub(crate) name: Ident,
    /// Where the type stands that has to be a key.
    pub(crate) span: Span,
}

impl Key {
    /// What every key of the function matches, as a glob pattern, when the key is one that other programs
    /// can know: when it begins with text of the user's.
    pub(crate) fn pattern(&self) -> Option<String> {
        let Self::Exact { parts, .. } = self else {
            return None;
        };
        let begins = matches!(parts.first(), Some(Part::Text(_)));
        begins.then(|| parts.iter().map(Part::glob).collect())
    }
}

pub(super) fn key(choices: &Choices, function: &Function, problems: &mut Problems) -> Key {
    match (&choices.key, &choices.cache) {
        (Some(key), Some(_)) => value(key, choices, function, problems),
        (Some(key), None) => {
            let text = string("key", key, "key = \"user:{id}\"", problems);
            match text.and_then(|text| problems.keep(template(text))) {
                Some(template) => exact(&template, choices, function, problems),
                None => Key::Own(Vec::new()),
            }
        }
        (None, _) => own(choices, function, problems),
    }
}

/// The key of a cache that was given is a value, since its keys have a type.
fn value(key: &Expr, choices: &Choices, function: &Function, problems: &mut Problems) -> Key {
    if let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = key
    {
        problems.at(
            text.span(),
            "the keys of a cache that is given have a type, and a template has none: write a value of \
             that type, like `key = (self.id, &name)`, or leave `key` out when the arguments are it",
        );
    }
    let names = |name: &str| mentions(key.to_token_stream(), name);
    let skips_self = skip(&choices.skip, function, names, problems);
    if let Some(receiver) = function.receiver()
        && !skips_self
        && !names("self")
        && !of_self(choices)
    {
        problems.on(
            receiver,
            "say what of `self` tells one call from another: name it in `key`, as in \
             `key = (self.id, ..)`, or add `skip(self)` when nothing does",
        );
    }
    untold(function, problems);
    Key::Value(Box::new(key.clone()))
}

/// True when the cache is one of `self`: what it holds is told apart by where it is.
fn of_self(choices: &Choices) -> bool {
    let mut given = choices.cache.iter();
    given.any(|cache| mentions(cache.to_token_stream(), "self"))
}

/// Checks the list of skipped arguments, of which the key `names` none; true when `self` is one of them.
pub(super) fn skip(
    skipped: &[Ident],
    function: &Function,
    names: impl Fn(&str) -> bool,
    problems: &mut Problems,
) -> bool {
    let own = function.name().unraw();
    for (at, name) in skipped.iter().enumerate() {
        let known = name.unraw().to_string();
        if skipped[..at].contains(name) {
            problems.at(name.span(), format!("`{name}` is skipped twice"));
        } else if name == "self" {
            if function.receiver().is_none() {
                problems.at(name.span(), format!("`{own}` has no `self` to skip"));
            }
        } else if function.bound(&known).is_none() {
            let names = listed(function.names());
            problems.at(
                name.span(),
                format!("`{name}` is not an argument of `{own}`; its arguments are {names}"),
            );
        }
        if names(&known) {
            problems.at(
                name.span(),
                format!(
                    "`skip({name})` says that `{name}` is not part of the key, and the key names it; \
                     remove one of the two"
                ),
            );
        }
    }
    skipped.iter().any(|name| name == "self")
}

fn own(choices: &Choices, function: &Function, problems: &mut Problems) -> Key {
    let skips_self = skip(&choices.skip, function, |_| false, problems);
    if let Some(receiver) = function.receiver()
        && !skips_self
        && !of_self(choices)
    {
        problems.on(
            receiver,
            "say what of `self` tells one call from another: `key = \"..{self.id}..\"` names it, \
             `skip(self)` says that nothing does",
        );
    }
    if let Some(generic) = function.first_generic() {
        problems.on(
            generic,
            "a generic function needs `key = \"..\"`: its arguments alone do not tell calls with \
             different types apart",
        );
    }
    let mut counted = Vec::new();
    for param in &function.params {
        let mut binds = param.binds.iter();
        if let Some(name) = binds.find(|name| !choices.skip.contains(name)) {
            no_key(name, &param.ty, problems);
        }
        // what no variable names, the body cannot use: it tells no calls apart
        let binds = param.binds.iter();
        counted.extend(
            binds
                .filter(|name| !choices.skip.contains(name))
                .map(|name| Counted {
                    name: name.clone(),
                    span: if param.is_named() {
                        param.ty.span()
                    } else {
                        name.span()
                    },
                }),
        );
    }
    if counted.len() > MOST {
        problems.at(
            counted[MOST].span,
            format!(
                "{} arguments are part of the key, at most {MOST} can be; leave some out with \
                 `skip(..)`, or say what counts with `key = \"..\"`",
                counted.len()
            ),
        );
    }
    Key::Own(counted)
}

/// Type parameters that no argument tells cannot be told by a key.
fn untold(function: &Function, problems: &mut Problems) {
    for name in function.untold_generics() {
        problems.at(
            name.span(),
            format!(
                "calls with another `{name}` would share what is kept: no argument's type tells \
                 `{name}`, so no key can; pass it as an argument instead, and name that in the key"
            ),
        );
    }
}

fn exact(
    template: &Template,
    choices: &Choices,
    function: &Function,
    problems: &mut Problems,
) -> Key {
    let named = |name: &str| template.places().any(|place| place.name == name);
    let skips_self = skip(&choices.skip, function, named, problems);
    untold(function, problems);
    let separators = separators(template, problems);
    let parts = parts("`key`", template, function, problems);
    if template.places().next().is_none() && leaves_out(choices, function) {
        problems.at(
            template.literal.span(),
            format!(
                "`key` names no argument, so all calls would share one answer; name what tells them \
                 apart, like \"{}:{{{}}}\", or say with `skip(..)` which arguments do not",
                template.literal.value(),
                function.names().first().map_or("id", String::as_str),
            ),
        );
    } else if let Some(receiver) = function.receiver()
        && !skips_self
        && !named("self")
    {
        problems.on(
            receiver,
            "say what of `self` tells one call from another: name it in the key as in `{self.id}`, \
             or add `skip(self)` when nothing does",
        );
    }
    Key::Exact {
        template: template.literal.clone(),
        parts,
        separators,
    }
}

/// True when some argument is neither in the key nor said to be left out.
fn leaves_out(choices: &Choices, function: &Function) -> bool {
    let skipped = |name: &Ident| choices.skip.contains(name);
    let mut names = function.params.iter().flat_map(|param| &param.binds);
    names.any(|name| !skipped(name))
}

/// The characters that end a placeholder where another one follows: they are escaped in values, so
/// that two placeholders can be told apart.
pub(super) fn separators(template: &Template, problems: &mut Problems) -> Vec<u8> {
    let mut separators = Vec::new();
    let mut refuse = |what: String| problems.at(span_of(template), what);
    for triple in template.pieces.windows(3) {
        if let [Piece::Place(before), Piece::Text(text), Piece::Place(after)] = triple {
            let (before, after) = (&before.name, &after.name);
            match text.chars().next() {
                Some(first) if usable(first) => {
                    let first = first as u8;
                    if !separators.contains(&first) {
                        separators.push(first);
                    }
                }
                first => refuse(format!(
                    "`{}` cannot stand between {{{before}}} and {{{after}}}, since values may hold \
                     it and two keys could be the same; begin the text between them with a \
                     character like `:` or `-`",
                    first.unwrap_or_default()
                )),
            }
        }
    }
    for pair in template.pieces.windows(2) {
        if let [Piece::Place(before), Piece::Place(after)] = pair {
            let (before, after) = (&before.name, &after.name);
            refuse(format!(
                "{{{before}}} and {{{after}}} stand side by side, so that `1`, `23` and `12`, `3` \
                 would share a key; write something between them, like `:`"
            ));
        }
    }
    separators
}

/// Whether `first` can end a placeholder: it is escaped in text, and no number, no absent value and
/// no escape is written with it.
fn usable(first: char) -> bool {
    first.is_ascii() && !first.is_ascii_digit() && !matches!(first, '~' | '%')
}
