//! What `#[invalidates]` says, each thing with the right form, each option at most once.

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprCall, ExprLit, ExprPath, Lit, Path};

use crate::problems::{Problems, listed, nearest};
use crate::syntax::Entry;

use super::examples::example;
use super::function::Function;
use super::stale::{Stale, answer, list, listed as named, method};
use super::when::When;

/// Words and options, besides functions.
const OPTIONS: [&str; 4] = ["before", "after", "toolkit", "crate"];
const LISTS: [&str; 5] = ["tags", "prefix", "pattern", "clear", "expire"];

/// What other libraries call it.
const ELSEWHERE: [(&str, &str); 7] = [
    ("after_success", "after"),
    ("all_entries", "clear(f)"),
    ("before_invocation", "before"),
    ("cache", "toolkit"),
    ("key", "f(..)"),
    ("name", "f(..)"),
    ("tag", "tags(..)"),
];

/// Names of lists that are a letter or two away.
const ALMOST: [(&str, &str); 4] = [
    ("patterns", "pattern"),
    ("prefixes", "prefix"),
    ("tag", "tags"),
    ("tagged", "tags"),
];

const EXPECTED: &str = "expected what becomes wrong, as in `get_user(id)`, `tags(\"org:{org}\")`, `clear(list_users)`, \
     `prefix(\"users:\")` or `pattern(\"users:*\")`";

/// What was said.
pub(super) struct Wishes {
    pub(super) stale: Vec<Stale>,
    pub(super) when: When,
    pub(super) toolkit: Option<Expr>,
    pub(super) library: Option<Path>,
}

impl Wishes {
    pub(super) fn new(entries: Vec<Entry>, function: &Function, problems: &mut Problems) -> Self {
        let mut wishes = Self {
            stale: Vec::new(),
            when: When {
                before: false,
                after: false,
            },
            toolkit: None,
            library: None,
        };
        let mut seen: Vec<Ident> = Vec::new();
        let mut names_something = false;
        for entry in entries {
            if let Entry::Word(name) | Entry::Is(name, _) = &entry {
                if seen.contains(name) {
                    let what = format!("`{name}` is given twice; remove one of the two");
                    problems.at(name.span(), what);
                    continue;
                }
                seen.push(name.clone());
            }
            names_something |= match &entry {
                Entry::Is(name, _) | Entry::Word(name) => {
                    !OPTIONS.contains(&&*name.unraw().to_string())
                }
                Entry::Call(..) | Entry::Method(_) | Entry::Other(_) => true,
            };
            wishes.take(entry, function, problems);
        }
        if !names_something {
            problems.at(
                Span::call_site(),
                format!("nothing to invalidate is named; {EXPECTED}"),
            );
        }
        wishes.when.after |= !wishes.when.before;
        wishes
    }

    fn take(&mut self, entry: Entry, function: &Function, problems: &mut Problems) {
        match entry {
            Entry::Word(word) => self.word(&word, problems),
            Entry::Is(name, value) => self.is(&name, value, problems),
            Entry::Method(call) => self.stale.push(method(call)),
            Entry::Call(path, call) => {
                match named(&path).as_deref().filter(|name| LISTS.contains(name)) {
                    Some(name) => self.stale.extend(list(name, call, function, problems)),
                    None => match slip(&path, &call) {
                        Some(what) => problems.on(&path, what),
                        None => self.stale.push(answer(path, call)),
                    },
                }
            }
            Entry::Other(other) => {
                let found = other.to_token_stream();
                problems.on(&other, format!("found `{found}`; {EXPECTED}"));
            }
        }
    }

    fn word(&mut self, word: &Ident, problems: &mut Problems) {
        match &*word.unraw().to_string() {
            "before" => self.when.before = true,
            "after" => self.when.after = true,
            name if name == "toolkit" || name == "crate" => {
                problems.at(
                    word.span(),
                    format!("`{name}` needs a value: `{}`", example(name)),
                );
            }
            name if LISTS.contains(&name) => {
                problems.at(
                    word.span(),
                    format!("`{name}` takes a list: `{}`", example(name)),
                );
            }
            name => {
                let slip = meant(name).filter(|meant| meant.len() > 2);
                let what = slip.map_or_else(
                    || {
                        format!(
                            "`{name}` is no option; write `{name}(..)` with the arguments of the call that becomes \
                             wrong, or `clear({name})` for all of them"
                        )
                    },
                    |meant| format!("unknown option `{name}`; did you mean `{meant}`?"),
                );
                problems.at(word.span(), what);
            }
        }
    }

    fn is(&mut self, name: &Ident, value: Expr, problems: &mut Problems) {
        let text = name.unraw().to_string();
        match &*text {
            "toolkit" => self.toolkit = Some(value),
            "crate" => match value {
                Expr::Path(path) if path.qself.is_none() => self.library = Some(path.path),
                other => {
                    let found = other.to_token_stream();
                    let what = format!(
                        "`crate` is `{found}`; expected a path, like `{}`",
                        example("crate")
                    );
                    problems.on(&other, what);
                }
            },
            "before" | "after" => problems.at(
                value.span(),
                format!("`{name}` takes no value; write `{name}`, or leave it out"),
            ),
            list if LISTS.contains(&list) => problems.at(
                name.span(),
                format!("`{list}` takes a list: `{}`", example(list)),
            ),
            unknown => {
                let hint = match meant(unknown) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!(
                        "the options are {}, and what becomes wrong is a call, or one of {}",
                        listed(OPTIONS),
                        listed(LISTS)
                    ),
                };
                problems.at(name.span(), format!("unknown option `{unknown}`; {hint}"));
            }
        }
    }
}

/// What is wrong with a call of `path` that can hardly be meant as it is written.
fn slip(path: &ExprPath, call: &ExprCall) -> Option<String> {
    let mut segments = path.path.segments.iter().rev();
    let last = segments.next()?.ident.unraw().to_string();
    let Some(function) = segments.next() else {
        let (_, list) = ALMOST.iter().find(|(almost, _)| *almost == last)?;
        let is_list = !call.args.is_empty() && call.args.iter().all(is_text);
        let what = || {
            format!(
                "unknown list `{last}`; did you mean `{list}`? A function of that name is `self::{last}(..)`"
            )
        };
        return is_list.then(what);
    };
    let function = function.ident.unraw().to_string();
    let is_place = ["self", "super", "crate"].contains(&&*function);
    let is_function = !is_place && function.starts_with(char::is_lowercase);
    is_function.then(|| companion(&last, &function)).flatten()
}

fn is_text(argument: &Expr) -> bool {
    let literal = |argument: &ExprLit| matches!(argument.lit, Lit::Str(_));
    matches!(argument, Expr::Lit(argument) if literal(argument))
}

/// What is wrong with a call of the companion `name` of `function`, if there is one of that name.
fn companion(name: &str, function: &str) -> Option<String> {
    let instead = match name {
        "invalidate" => format!("{function}(..)"),
        "expire" => format!("expire({function}(..))"),
        "clear" => format!("clear({function})"),
        _ => return None,
    };
    Some(format!(
        "`{name}` is a companion; name the function, and what becomes wrong of it: `{instead}`"
    ))
}

fn meant(name: &str) -> Option<&'static str> {
    let elsewhere = ELSEWHERE.iter().find(|(theirs, _)| *theirs == name);
    match elsewhere {
        Some((_, ours)) => Some(ours),
        None => nearest(name, &OPTIONS).or_else(|| nearest(name, &LISTS)),
    }
}
