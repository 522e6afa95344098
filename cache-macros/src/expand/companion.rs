//! One function beside the user's.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;

use crate::plan::Home;

use super::generics::turbofish;
use super::shape::Shape;

/// One companion: what it is called, takes, does and says about itself.
pub(super) struct Companion {
    pub(super) name: &'static str,
    pub(super) doc: String,
    pub(super) which: Vec<usize>,
    pub(super) takes_self: TakesSelf,
    /// Async where the function is.
    pub(super) waits: bool,
    pub(super) extra: Option<TokenStream>,
    pub(super) returns: TokenStream,
    pub(super) body: TokenStream,
}

/// How a companion of a method takes `self`.
pub(super) enum TakesSelf {
    /// Like the method: it runs its body.
    AsIs,
    ByReference,
    Not,
}

impl Companion {
    /// The function.
    pub(super) fn function(self, shape: &Shape<'_>) -> TokenStream {
        let vis = &shape.cached.function.item.vis;
        let asyncness = self.waits.then(|| shape.asyncness()).flatten();
        let name = shape.public(self.name);
        let generics = match self.takes_self {
            TakesSelf::AsIs => shape.cached.function.item.sig.generics.clone(),
            TakesSelf::ByReference | TakesSelf::Not => shape.generics(&self.which),
        };
        let (generics, _, bounds) = generics.split_for_impl();
        let receiver = match self.takes_self {
            TakesSelf::AsIs => shape.own_receiver(),
            TakesSelf::ByReference => shape.borrowed_receiver(),
            TakesSelf::Not => None,
        };
        let inputs = shape.inputs(&self.which);
        let comma = (!self.which.is_empty()).then(|| quote!(,));
        let Self {
            doc,
            extra,
            returns,
            body,
            ..
        } = self;
        let named = matches!(self.takes_self, TakesSelf::AsIs).then(|| named(shape));
        let looks = ["lookup", "peek", "key", "stats"].contains(&self.name);
        let must_use = looks.then(|| quote!(#[must_use]));
        quote! {
            #[doc = #doc]
            #must_use
            #vis #asyncness fn #name #generics (#receiver #inputs #comma #extra) -> #returns #bounds {
                #named
                #body
            }
        }
    }
}

/// Names the user's function: who runs its body by a companion uses it as well, and is not told that nobody does.
fn named(shape: &Shape<'_>) -> Option<TokenStream> {
    let sig = &shape.cached.function.item.sig;
    let (name, turbofish) = (&sig.ident, turbofish(&sig.generics));
    let path = match &shape.cached.home {
        Home::Siblings(_) => quote!(Self::#name),
        Home::Type(_) => quote!(#name),
        // there is no other than the function itself
        Home::Hidden | Home::Body => return None,
    };
    Some(quote! {
        #[allow(deprecated)]
        let _ = #path #turbofish;
    })
}

/// The name of the user's function.
pub(super) fn own_name(shape: &Shape<'_>) -> Ident {
    shape.cached.function.name().unraw()
}
