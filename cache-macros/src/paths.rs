//! Where generated code finds the library.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Path;

/// The library as the user's crate names it. Generated code names nothing else, neither `std` nor
/// `core`, so that it means the same in whatever it stands.
#[derive(Default)]
pub(crate) struct Library(Option<Path>);

impl Library {
    /// The library at `path`.
    pub(crate) fn at(path: Path) -> Self {
        Self(Some(path))
    }

    /// The path of what generated code may call.
    pub(crate) fn support(&self) -> TokenStream {
        self.support_at(Span::call_site())
    }

    /// The same, reported at `span` when something is wrong with what is called.
    pub(crate) fn support_at(&self, span: Span) -> TokenStream {
        match &self.0 {
            None => quote_spanned!(span=> ::tower_redis::macro_support),
            Some(path) => {
                let path = path.to_token_stream().into_iter();
                let path: TokenStream = path.map(|token| shown_at(token, span)).collect();
                let inside = quote_spanned!(span=> ::macro_support);
                quote!(#path #inside)
            }
        }
    }
}

/// `token`, which means what it did, reported at `span`.
fn shown_at(mut token: TokenTree, span: Span) -> TokenTree {
    token.set_span(token.span().located_at(span));
    token
}
