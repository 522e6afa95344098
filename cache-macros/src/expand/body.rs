//! Everything inside the method, for an `impl` that takes no other methods.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::Runs;

use super::local::local;
use super::parts;
use super::place;
use super::shape::Shape;
use super::uncached::limited;

/// The body of the method.
pub(super) fn body(shape: &Shape<'_>) -> TokenStream {
    let function = &shape.cached.function;
    let support = shape.support();
    let statements = &function.item.block.stmts;
    let (call, terms) = (place::found(shape), parts::terms(shape.cached));
    let [found, hit, asked, load] = ["found", "hit", "terms", "load"].map(local);
    let awaited = shape.awaited();
    let patterns = function.params.iter().map(|param| {
        let (pat, name) = (&param.pat, &param.name);
        quote!(let #pat = #name;)
    });
    let shown = shape.shown();
    let previous = function.previous.as_ref().map(|previous| {
        let (pat, ty) = (&previous.param.pat, &previous.param.ty);
        quote!(#pat: #ty)
    });
    let given = previous.as_ref().map(|_| quote!(#shown.value()));
    let run_body = limited(shape, quote!(#load(#given)));
    let apart = shape.apart(&shape.storing());
    let returns = &function.returns;
    let changes = shape.changes();
    // the inner one owns the body that it runs
    let moving = awaited.as_ref().map(|_| quote!(async move));
    let (asyncness, gives, run) = match function.runs {
        Runs::Blocking => (quote!(), quote!(-> #returns), quote!(load_blocking)),
        Runs::Async => (quote!(async), quote!(-> #returns), quote!(load)),
        // the type of a future has no name to write
        Runs::Future => (quote!(), quote!(), quote!(load)),
        Runs::Boxed => {
            let output = &function.item.sig.output;
            (quote!(), quote!(#output), quote!(load))
        }
    };
    shape.answering(&quote! {
        #apart
        let #found = #call;
        if let #support::Some(#hit) = #found.hit() {
            return #hit;
        }
        let #asked = #terms;
        let #changes #load = #asyncness move |#previous| #gives {
            #(#patterns)*
            #(#statements)*
        };
        #found.#run(#asked, #moving |#shown| #run_body #awaited) #awaited .value
    })
}
