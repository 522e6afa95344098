//! What is loaded behind its caller has to be able to go on there.

use syn::spanned::Spanned as _;

use crate::problems::Problems;

use super::function::Function;
use super::knobs::Knob;
use super::load::{Load, owning};

/// The options that have a load run behind its caller where it can.
const BEHIND: [&str; 3] = [
    "stale_while_revalidate",
    "refresh_after",
    "refresh_by_chance",
];

/// The options that leave something for a caller who does not wait any longer.
const INSTEAD: [&str; 2] = ["stale_if_error", "stale_while_revalidate"];

const HELP: &str = "take it by value, as an `Arc`, or as `&str`, `&[T]` or a reference to a number";

/// What stands in the way is told at the argument.
pub(super) fn check(knobs: &[Knob], function: &Function, load: &Load, problems: &mut Problems) {
    let said = |name: &str| knobs.iter().find(|knob| knob.method == name);
    if let Some(knob) = said("soft_timeout")
        && !INSTEAD.iter().any(|name| said(name).is_some())
    {
        problems.at(
            knob.method.span(),
            "`soft_timeout` is how long a caller waits who could have an answer that has ended, and none is kept; say \
             for how long one answers, `stale_if_error = \"1h\"`, or use `timeout`, after which the caller has an error",
        );
    }
    if let Some(knob) = said("fleet_flight").filter(|_| !function.is_async()) {
        problems.at(
            knob.method.span(),
            "`fleet_flight` has a caller wait for a load in another process, and a function that is not async would \
             block its thread; make it async, or remove `fleet_flight`",
        );
    }
    if let Load::Detached(_) = load {
        return;
    }
    let borrowed = function.params.iter();
    let borrowed = borrowed
        .map(|param| &param.ty)
        .find(|ty| owning(ty).is_none());
    if let Some(knob) = said("soft_timeout") {
        let needs = "`soft_timeout` leaves a load that goes on behind its caller, and that has to own its arguments";
        if !function.is_async() {
            let what = format!("{needs}; this function is not async");
            return problems.at(knob.method.span(), what);
        }
        if let Some(receiver) = function.receiver() {
            let help = "cache a free function that takes what it needs of `self` by value";
            return problems.on(receiver, format!("{needs}; {help}"));
        }
        let span = borrowed.map_or(knob.method.span(), |ty| ty.span());
        return problems.at(span, format!("{needs}; {HELP}"));
    }
    // of methods and of what is not async everybody knows that a caller has to load
    if !function.is_async() || function.receiver().is_some() {
        return;
    }
    if let (Some(name), Some(ty)) = (
        BEHIND.into_iter().find(|name| said(name).is_some()),
        borrowed,
    ) {
        let what = format!(
            "`{name}` loads behind the caller, and such a load has to own its arguments; {HELP}"
        );
        problems.at(ty.span(), what);
    }
}
