//! What of the arguments tells two calls apart.

use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use crate::problems::{Problems, listed};
use crate::syntax::{Piece, Template};

use super::arguments::{parts, span_of};
use super::choices::Choices;
use super::function::Function;
use super::part::Part;

/// Arguments in a tuple that can be written as one key.
const MOST: usize = 12;

/// The key of a call.
pub(crate) enum Key {
    /// These arguments, in our own form.
    Own(Vec<usize>),
    /// As the user spelled it, with the characters that end a placeholder.
    Exact {
        parts: Vec<Part>,
        separators: Vec<u8>,
    },
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
    let skips_self = skip(choices, function, problems);
    match &choices.key {
        Some(template) => exact(template, skips_self, choices, function, problems),
        None => own(skips_self, choices, function, problems),
    }
}

/// Checks the list of skipped arguments; true when `self` is one of them.
fn skip(choices: &Choices, function: &Function, problems: &mut Problems) -> bool {
    let mut skips_self = false;
    for (at, name) in choices.skip.iter().enumerate() {
        if choices.skip[..at].contains(name) {
            problems.at(name.span(), format!("`{name}` is skipped twice"));
        } else if name == "self" {
            skips_self = true;
            if function.receiver().is_none() {
                let own = function.name().unraw();
                problems.at(name.span(), format!("`{own}` has no `self` to skip"));
            }
        } else if function.param(&name.unraw().to_string()).is_none() {
            let own = function.name().unraw();
            let names = listed(function.names());
            problems.at(
                name.span(),
                format!("`{name}` is not an argument of `{own}`; its arguments are {names}"),
            );
        } else if is_named(choices, &name.unraw().to_string()) {
            problems.at(
                name.span(),
                format!(
                    "`skip({name})` says that `{name}` is not part of the key, and the key names it; \
                     remove one of the two"
                ),
            );
        }
    }
    skips_self
}

/// True when the key is spelled out and has a placeholder of `name`.
fn is_named(choices: &Choices, name: &str) -> bool {
    let mut places = choices.key.iter().flat_map(Template::places);
    places.any(|place| place.name == name)
}

fn own(skips_self: bool, choices: &Choices, function: &Function, problems: &mut Problems) -> Key {
    if let Some(receiver) = function.receiver()
        && !skips_self
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
    for (at, param) in function.params.iter().enumerate() {
        if !param.is_named() {
            problems.on(
                &param.pat,
                "an argument that is part of the key needs a name; take it apart in the body, or say \
                 what counts with `key = \"..\"`",
            );
        } else if !choices.skip.contains(&param.name) {
            counted.push(at);
        }
    }
    if counted.len() > MOST {
        problems.at(
            function.params[counted[MOST]].ty.span(),
            format!(
                "{} arguments are part of the key, at most {MOST} can be; leave some out with \
                 `skip(..)`, or say what counts with `key = \"..\"`",
                counted.len()
            ),
        );
    }
    Key::Own(counted)
}

fn exact(
    template: &Template,
    skips_self: bool,
    choices: &Choices,
    function: &Function,
    problems: &mut Problems,
) -> Key {
    for name in function.untold_generics() {
        problems.at(
            name.span(),
            format!(
                "calls with another `{name}` would share what is kept: no argument's type tells \
                 `{name}`, so no key can; pass it as an argument instead, and name that in the key"
            ),
        );
    }
    let separators = separators(template, problems);
    let parts = parts("`key`", template, function, problems);
    let of_self = template.places().find(|place| place.name == "self");
    match (function.receiver(), of_self) {
        (Some(_), Some(place)) if skips_self => problems.at(
            place.span,
            "`skip(self)` says that nothing of `self` is part of the key, and the key names it; \
             remove one of the two",
        ),
        (Some(receiver), None) if !skips_self && choices.key.is_some() => problems.on(
            receiver,
            "say what of `self` tells one call from another: name it in the key as in `{self.id}`, \
             or add `skip(self)` when nothing does",
        ),
        _ => {}
    }
    Key::Exact { parts, separators }
}

/// The characters that end a placeholder where another one follows: they are escaped in values, so
/// that two placeholders can be told apart.
fn separators(template: &Template, problems: &mut Problems) -> Vec<u8> {
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
