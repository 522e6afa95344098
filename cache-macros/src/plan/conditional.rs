//! What was kept before, given to the body that replaces it.

use proc_macro2::Ident;
use syn::Type;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use crate::problems::{Problems, listed};

use super::function::Function;
use super::options::Setup;
use super::previous::Previous;
use super::types::{argument, bare};

/// The options by which something is there to be shown.
const SHOW: [&str; 6] = [
    "keep_for_revalidation",
    "stale_while_revalidate",
    "stale_if_error",
    "refresh_after",
    "refresh_by_chance",
    "soft_timeout",
];

/// Takes the argument called `name` out of those that callers give.
pub(super) fn take(name: &Ident, function: &mut Function, problems: &mut Problems) {
    let mut params = function.params.iter();
    let Some(at) = params.position(|param| param.is_named() && param.name == *name) else {
        let own = function.name().unraw();
        let names = function
            .params
            .iter()
            .map(|param| param.name.unraw().to_string());
        let names: Vec<_> = names.collect();
        let there = match &names[..] {
            [] => "which has none".to_owned(),
            names => format!("its arguments are {}", listed(names)),
        };
        let what = format!(
            "`{name}` is not an argument of `{own}`; {there}. Add one: `{name}: Option<T>`, where `T` is what is kept"
        );
        return problems.at(name.span(), what);
    };
    let param = function.params.remove(at);
    let kept = match bare(&param.ty) {
        Type::Path(path) => argument(path, "Option").cloned(),
        _ => None,
    };
    match kept {
        Some(kept) => function.previous = Some(Previous { param, at, kept }),
        None => problems.at(
            param.ty.span(),
            "what was kept is there or not: expected `Option<T>`, where `T` is what is kept of an answer",
        ),
    }
}

/// Whether there is ever something to show, and somebody to show it to.
pub(super) fn check(name: Option<&Ident>, setup: &Setup, problems: &mut Problems) {
    let said = |name: &str| setup.knobs.iter().find(|knob| knob.method == name);
    match (name, said("keep_for_revalidation")) {
        (None, Some(knob)) => problems.at(
            knob.method.span(),
            "`keep_for_revalidation` keeps what has ended for a body that looks at it, and this one does not; take it as \
             an argument that callers do not give, `previous = old` with `old: Option<T>`",
        ),
        (Some(name), _) if !SHOW.iter().any(|show| said(show).is_some()) => problems.at(
            name.span(),
            "what has ended is gone before the body could look at it; say for how long it is kept: \
             `keep_for_revalidation = \"1h\"`",
        ),
        _ => {}
    }
}
