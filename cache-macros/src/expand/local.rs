//! Variables of generated code that code of the user's cannot see.

use proc_macro2::{Ident, Span};

/// The local variable `name`.
pub(super) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
