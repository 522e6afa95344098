//! Where generated code finds the library.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// The path of what generated code may call.
pub(crate) fn support() -> TokenStream {
    support_at(Span::call_site())
}

/// The same, reported at `span` when something is wrong with what is called.
pub(crate) fn support_at(span: Span) -> TokenStream {
    quote_spanned!(span=> ::tower_redis::macro_support)
}
