//! How a call that has found nothing is loaded.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::plan::Load;

use super::hidden;
use super::shape::Shape;
use super::uncached::body_call;

/// An expression for the answer of the call `found`, of which `terms` are said.
pub(super) fn load(shape: &Shape<'_>, found: &Ident, terms: &Ident) -> TokenStream {
    let shown = shape.shown();
    let call = body_call(shape, &quote!(#shown.value()));
    match &shape.cached.load {
        Load::Blocking => quote!(#found.load_blocking(#terms, |#shown| #call)),
        Load::Inline => quote!(#found.load(#terms, |#shown| #call).await),
        Load::Detached(owning) => {
            let [start, load] = ["start", "owned"].map(|what| shape.hidden(what));
            let owned = hidden::owned(shape, owning);
            let miss = match &shape.cached.function.previous {
                Some(_) => quote!(miss_shown),
                None => quote!(miss),
            };
            quote!(Self::#start(#found.#miss(#terms, #owned)).or_here(Self::#load).await)
        }
    }
}
