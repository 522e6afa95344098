//! Where generated code seems to stand, and which variables of it code of the user's cannot see.

use proc_macro2::{Ident, Span};

/// Generated code that is reported at `span`.
pub(super) fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// The local variable `name`.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
