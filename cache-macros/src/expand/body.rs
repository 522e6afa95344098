//! Everything inside the method, for an `impl` that takes no other methods.

use proc_macro2::TokenStream;
use quote::quote;

use super::hidden;
use super::local::local;
use super::parts;
use super::shape::Shape;

/// The body of the method.
pub(super) fn body(shape: &Shape<'_>) -> TokenStream {
    let function = &shape.cached.function;
    let returns = &function.returns;
    let statements = &function.item.block;
    let (cache, key) = (hidden::cache(shape), parts::key(shape.cached));
    let terms = parts::terms(shape.cached);
    let [found, hit, asked, load] = ["found", "hit", "terms", "load"].map(local);
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
        let #found = #cache.at(#key);
        if let ::core::option::Option::Some(#hit) = #found.hit() {
            return #hit.value;
        }
        let #asked = #terms;
        let #load = #asyncness move || -> #returns {
            #(#patterns)*
            #statements
        };
        #found.#run(&#asked, #load) #awaited .value
    }
}
