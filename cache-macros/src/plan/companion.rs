//! `companion = name`: what the companions are called, and where they are.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Expr, ExprPath};

use crate::problems::Problems;
use crate::syntax::Opt;

use super::forms;

/// What was said of the companions.
pub(super) enum Companion {
    /// There are none.
    None,
    /// They are called this.
    Called(Ident),
    /// The same, beside a function that stands in an `impl`, whatever it looks like.
    Beside(Ident),
}

/// `companion = name`, `companion = Self::name` or `companion = none`
pub(super) fn companion(option: Opt, problems: &mut Problems) -> Option<Companion> {
    let expression = forms::expression(option, "companion = none", problems)?;
    let said = match &expression {
        Expr::Path(path) => said(path),
        _ => None,
    };
    if said.is_none() {
        problems.on(
            &expression,
            format!(
                "`companion` is `{}`; expected a name for what holds `invalidate` and the others, `Self::name` for an \
                 associated function that says neither `self` nor `Self`, or `none`",
                expression.to_token_stream()
            ),
        );
    }
    said
}

fn said(path: &ExprPath) -> Option<Companion> {
    if path.qself.is_some() {
        return None;
    }
    if let Some(name) = path.path.get_ident() {
        let none = name.unraw() == "none";
        return Some(if none {
            Companion::None
        } else {
            Companion::Called(name.clone())
        });
    }
    let mut segments = path.path.segments.iter();
    match (segments.next(), segments.next(), segments.next()) {
        (Some(owner), Some(name), None) if owner.ident == "Self" && name.arguments.is_none() => {
            Some(Companion::Beside(name.ident.clone()))
        }
        _ => None,
    }
}
