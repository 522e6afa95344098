//! Whose quota a call uses.

use syn::{Expr, ExprLit, Lit, LitStr};

use crate::plan::arguments::parts;
use crate::plan::function::{Function, mentions};
use crate::plan::handles::no_part;
use crate::plan::key::{separators, skip};
use crate::plan::part::Part;
use crate::problems::Problems;
use crate::syntax::{Template, template};
use quote::ToTokens as _;

use super::handlers::peer;
use super::options::Choices;

/// Who has a quota each.
pub(crate) enum Whose {
    /// All calls have one together.
    All,
    /// Calls with other values, with the characters that end a placeholder.
    Each {
        template: LitStr,
        parts: Vec<Part>,
        separators: Vec<u8>,
    },
    /// Calls with another value of this.
    Of(Box<Expr>),
    /// The clients that this argument tells, counted with `self`.
    Client(usize),
}

pub(super) fn whose(choices: &Choices, function: &Function, problems: &mut Problems) -> Whose {
    let (whose, named) = match &choices.key {
        None => match peer(&function.item) {
            Some(at) => (Whose::Client(at), false),
            None => (Whose::All, false),
        },
        Some(Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        })) => by_template(text, choices, function, problems),
        Some(Expr::Lit(literal)) => {
            problems.on(
                literal,
                "this is the same for all calls, so they would share one quota, as they do without `key`; expected \
                 what tells callers apart, like `key = \"login:{user}\"`, or a value of them",
            );
            (Whose::All, true)
        }
        Some(key) => {
            let names = |name: &str| mentions(key.to_token_stream(), name);
            skip(&choices.skip, function, names, problems);
            (Whose::Of(Box::new(key.clone())), names("self"))
        }
    };
    if choices.key.is_none() {
        skip(&choices.skip, function, |_| false, problems);
    }
    let skips_self = choices.skip.iter().any(|name| name == "self");
    let mut given = choices.limiter.iter();
    let of_self = given.any(|limiter| mentions(limiter.to_token_stream(), "self"));
    if let Some(receiver) = function.receiver()
        && !skips_self
        && !named
        && !of_self
    {
        problems.on(
            receiver,
            "say whether each object has a quota of its own: name what of `self` tells them apart, as in \
             `key = \"..{self.id}..\"`, or add `skip(self)` when all share one",
        );
    }
    whose
}

/// What the text says, and whether it names `self`.
fn by_template(
    text: &LitStr,
    choices: &Choices,
    function: &Function,
    problems: &mut Problems,
) -> (Whose, bool) {
    if text.value().is_empty() {
        problems.at(
            text.span(),
            "`key` is empty; write `key = \"login:{user}\"`, or leave it out",
        );
        return (Whose::All, true);
    }
    let Some(template) = problems.keep(template(text.clone())) else {
        return (Whose::All, true);
    };
    let named = |name: &str| template.places().any(|place| place.name == name);
    skip(&choices.skip, function, named, problems);
    if template.places().next().is_none() {
        names_nothing(&template, function, problems);
        return (Whose::All, true);
    }
    for place in template.places().filter(|place| place.fields.is_empty()) {
        let mut params = function.params.iter();
        if let Some(param) = params.find(|param| param.bound(&place.name).is_some()) {
            no_part(&place.name, &param.ty, place.span, problems);
        }
    }
    let separators = separators(&template, problems);
    let whose = Whose::Each {
        parts: parts("`key`", &template, function, problems),
        template: text.clone(),
        separators,
    };
    (whose, named("self"))
}

fn names_nothing(template: &Template, function: &Function, problems: &mut Problems) {
    let names = function.names();
    let text = template.literal.value();
    let what = match names.first() {
        Some(name) => format!(
            "`key` names no argument, so all calls would share one quota, as they do without it; name what tells \
             callers apart, like \"{text}:{{{name}}}\", or leave `key` out"
        ),
        None => format!(
            "`{}` has no arguments, so all its calls share one quota, with or without `key`; leave it out, or write \
             `name = \"{text}\"` for what the limit is called",
            function.name()
        ),
    };
    problems.at(template.literal.span(), what);
}
