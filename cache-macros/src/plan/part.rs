//! A template, once its placeholders have met the arguments.

use proc_macro2::{Ident, Span};

/// A part of a template.
pub(crate) enum Part {
    Text(String),
    Place {
        root: Ident,
        fields: Vec<String>,
        span: Span,
    },
}

impl Part {
    /// True when it is a placeholder of the argument `name`.
    pub(crate) fn names(&self, name: &Ident) -> bool {
        matches!(self, Self::Place { root, .. } if root == name)
    }
}
