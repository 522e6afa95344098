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
    /// What it matches, as a glob pattern of Redis.
    pub(super) fn glob(&self) -> String {
        let Self::Text(text) = self else {
            return "*".to_owned();
        };
        let special = |c: char| matches!(c, '*' | '?' | '[' | ']' | '\\');
        let escaped = text
            .chars()
            .flat_map(|c| special(c).then_some('\\').into_iter().chain([c]));
        escaped.collect()
    }

    /// True when it is a placeholder of the argument `name`.
    pub(crate) fn names(&self, name: &Ident) -> bool {
        matches!(self, Self::Place { root, .. } if root == name)
    }
}
