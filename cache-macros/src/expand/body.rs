//! Everything inside the method, for an `impl` that takes no other methods.

use proc_macro2::TokenStream;
use quote::quote;

use crate::paths::support;

use super::hidden;
use super::local::local;
use super::parts;
use super::shape::Shape;

/// The body of the method.
pub(super) fn body(shape: &Shape<'_>) -> TokenStream {
    let function = &shape.cached.function;
    let returns = &function.returns;
    let statements = &function.item.block;
    let support = support();
    let cache = hidden::cache(shape);
    let written = parts::key(shape.cached, &quote!(#support::KeyWriter::written));
    let terms = parts::terms(shape.cached);
    let [key, cached, found, hit, asked, load] =
        ["key", "cached", "found", "hit", "terms", "load"].map(local);
    let (asyncness, awaited) = (shape.asyncness(), shape.awaited());
    let patterns = function.params.iter().map(|param| {
        let (pat, name) = (&param.pat, &param.name);
        quote!(let #pat = #name;)
    });
    let run = if function.is_async() {
        quote!(load)
    } else {
        quote!(load_blocking)
    };
    quote! {
        let #key = #written;
        let #cached = #cache;
        if let ::core::option::Option::Some(#hit) = #cached.hit(#key.as_bytes()) {
            return #hit;
        }
        let #found = #cached.at(#key.as_bytes());
        let #asked = #terms;
        let #load = #asyncness move || -> #returns {
            #(#patterns)*
            #statements
        };
        #found.#run(&#asked, #load) #awaited .value
    }
}
