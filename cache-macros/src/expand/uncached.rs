//! The user's body.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::companion::own_name;
use super::generics::turbofish;
use super::local::at;
use super::parts;
use super::shape::Shape;

/// The user's body under the name `uncached`.
pub(super) fn uncached(shape: &Shape<'_>) -> TokenStream {
    let item = &shape.cached.function.item;
    let (vis, statements) = (&item.vis, &item.block.stmts);
    let lints = shape.lints();
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
            dead_code, unreachable_pub, clippy::missing_errors_doc, clippy::missing_panics_doc,
            clippy::must_use_candidate
        )]
        #(#lints)*
        #vis #sig {
            #(let _ = &#used;)*
            #(#statements)*
        }
    }
}

/// A call of the body with all arguments.
pub(super) fn body_call(shape: &Shape<'_>) -> TokenStream {
    let (load, on) = (shape.public("uncached"), shape.on());
    let turbofish = turbofish(&shape.cached.function.item.sig.generics);
    let names = shape.names(&shape.all());
    limited(shape, quote!(#on #load #turbofish (#(#names),*)))
}

/// `load`, a future, for as long as it may take.
pub(super) fn limited(shape: &Shape<'_>, load: TokenStream) -> TokenStream {
    let Some(timeout) = &shape.cached.timeout else {
        return load;
    };
    let support = shape.support_at(at(timeout.span()));
    let limit = parts::time(shape.cached, timeout);
    quote_spanned!(at(timeout.span())=> #support::within(#limit, #load))
}
