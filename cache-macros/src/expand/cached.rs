//! `#[cached]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use crate::plan::{Cached, Home, Runs};

use super::attributes;
use super::body::body;
use super::companions::{companions, only_lookup};
use super::docs::paragraph;
use super::generics::turbofish;
use super::hidden::hidden;
use super::shape::Shape;
use super::uncached::uncached;

/// The function and what stands beside it.
pub(crate) fn cached(cached: &Cached) -> TokenStream {
    let shape = Shape { cached };
    match &cached.home {
        Home::Body => {
            let attrs = &cached.function.item.attrs;
            outer(&shape, &quote!(#(#attrs)*), &quote!(), &body(&shape))
        }
        Home::Hidden => {
            let home = format_ident!("__Cached");
            let ty = home_type(&shape, &home, &quote!(), &only_lookup(&shape));
            let attrs = attributes::outer(&shape);
            outer(&shape, &attrs, &ty, &call(&shape, &quote!(#home::)))
        }
        Home::Type(home) => {
            let vis = &cached.function.item.vis;
            let ty = home_type(&shape, home, &quote!(#vis), &companions(&shape));
            let attrs = attributes::outer(&shape);
            let function = outer(&shape, &attrs, &quote!(), &call(&shape, &quote!(#home::)));
            quote!(#function #ty)
        }
        Home::Siblings(_) => {
            let call = call(&shape, &shape.on());
            let function = outer(&shape, &attributes::outer(&shape), &quote!(), &call);
            let (lints, load) = (lints(), uncached(&shape));
            // among methods of the user's the compiler would tell of all of them or of none
            let lints = quote!(#lints #[allow(dead_code)]);
            let others = hidden(&shape).into_iter().chain(companions(&shape));
            quote! {
                #function
                #load
                #(#lints #others)*
            }
        }
    }
}

/// The user's function with another body.
fn outer(
    shape: &Shape<'_>,
    attrs: &TokenStream,
    items: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let item = &shape.cached.function.item;
    let (vis, name, output) = (&item.vis, &item.sig.ident, &item.sig.output);
    let (generics, _, bounds) = item.sig.generics.split_for_impl();
    let (asyncness, fn_token, receiver) = (
        &item.sig.asyncness,
        &item.sig.fn_token,
        shape.own_receiver(),
    );
    let inputs = shape.inputs(&shape.all());
    let paragraph = paragraph(shape.cached);
    let documented = item.attrs.iter().any(|attr| attr.path().is_ident("doc"));
    let blank = documented.then(|| quote!(#[doc = ""]));
    let future =
        (shape.cached.function.runs == Runs::Future).then(|| quote!(clippy::manual_async_fn));
    let mut block = TokenStream::new();
    let brace = item.block.brace_token;
    brace.surround(&mut block, |block| block.extend(quote!(#items #body)));
    // it hands on arguments that the body may not use
    quote! {
        #attrs
        #blank
        #[doc = #paragraph]
        #[allow(clippy::used_underscore_binding, #future)]
        #vis #asyncness #fn_token #name #generics (#receiver #inputs) #output #bounds #block
    }
}

/// The call that answers the user's function.
fn call(shape: &Shape<'_>, on: &TokenStream) -> TokenStream {
    let lookup = shape.public("lookup");
    let turbofish = turbofish(&shape.cached.function.item.sig.generics);
    let names = shape.names(&shape.all());
    let awaited = shape.awaited();
    shape.answering(&quote!(#on #lookup #turbofish (#(#names),*) #awaited .value))
}

/// The type that holds what is generated.
fn home_type(
    shape: &Shape<'_>,
    home: &Ident,
    vis: &TokenStream,
    companions: &[TokenStream],
) -> TokenStream {
    let (lints, hidden, uncached) = (lints(), hidden(shape), uncached(shape));
    let doc = format!(
        "The cache of the function `{}`.",
        shape.cached.function.name()
    );
    quote! {
        #[doc = #doc]
        #[allow(
            missing_copy_implementations,
            missing_debug_implementations,
            non_camel_case_types,
            unreachable_pub,
            clippy::exhaustive_enums
        )]
        #vis enum #home {}

        impl #home {
            #uncached
        }

        #lints
        impl #home {
            #(#hidden)*
            #(#companions)*
        }
    }
}

/// Generated code is not held to the user's lints.
fn lints() -> TokenStream {
    quote!(#[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)])
}
