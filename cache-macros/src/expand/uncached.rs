//! The user's body.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::attributes;
use super::companion::own_name;
use super::generics::turbofish;
use super::local::at;
use super::parts;
use super::shape::Shape;

/// The user's body under the name `uncached`.
pub(super) fn uncached(shape: &Shape<'_>) -> TokenStream {
    let item = &shape.cached.function.item;
    let (vis, statements) = (&item.vis, &item.block.stmts);
    let lints = attributes::of_the_body(shape);
    // an argument that only an option uses is used
    let used = shape.in_options();
    let mut sig = item.sig.clone();
    sig.ident = shape.public("uncached");
    let doc = format!(
        "The body of `{}`: nothing is looked up, and nothing kept.",
        own_name(shape)
    );
    quote! {
        #[doc = #doc]
        #[allow(
            unreachable_pub, clippy::missing_errors_doc, clippy::missing_panics_doc,
            clippy::must_use_candidate, clippy::unnecessary_wraps
        )]
        #lints
        #vis #sig {
            #(let _ = &#used;)*
            #(#statements)*
        }
    }
}

/// A call of the body with all arguments, where what was kept before is `previous`.
pub(super) fn body_call(shape: &Shape<'_>, previous: &TokenStream) -> TokenStream {
    let (load, on) = (shape.public("uncached"), shape.on());
    let turbofish = turbofish(&shape.cached.function.item.sig.generics);
    let names = shape.names(&shape.all()).into_iter();
    let arguments = shape.with_previous(names.map(|name| quote!(#name)).collect(), previous);
    limited(shape, quote!(#on #load #turbofish (#(#arguments),*)))
}

/// `load`, a future, for as long as it may take.
pub(super) fn limited(shape: &Shape<'_>, load: TokenStream) -> TokenStream {
    let Some(timeout) = &shape.cached.timeout else {
        return load;
    };
    let (support, limit) = (shape.support(), parts::time(shape.cached, timeout));
    // an error that cannot say so is reported where it stands
    let returns = &shape.cached.function.returns;
    let late = quote_spanned!(at(returns.span())=> .late());
    quote!(#support::limited(#limit, #load, {
        use #support::probes::*;
        #support::Limits::<#returns>::ASKED #late
    }))
}
