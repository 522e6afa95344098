//! Where generated code finds the library.

use std::cell::RefCell;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Path;

thread_local! {
    /// The tokens of a path may not outlive the macro they were given to, so it is only here while code is written.
    static LIBRARY: RefCell<Option<Path>> = const { RefCell::new(None) };
}

/// Runs `expand`, whose code finds the library at `library`, if that is said.
pub(crate) fn within<T>(library: Option<&Path>, expand: impl FnOnce() -> T) -> T {
    LIBRARY.with(|known| *known.borrow_mut() = library.cloned());
    let expanded = expand();
    LIBRARY.with(|known| *known.borrow_mut() = None);
    expanded
}

/// The path of what generated code may call.
pub(crate) fn support() -> TokenStream {
    support_at(Span::call_site())
}

/// The same, reported at `span` when something is wrong with what is called.
pub(crate) fn support_at(span: Span) -> TokenStream {
    let library = LIBRARY.with(|known| known.borrow().as_ref().map(|path| path.to_token_stream()));
    let library = library.unwrap_or_else(|| quote_spanned!(span=> ::tower_redis));
    quote_spanned!(span=> #library::macro_support)
}
