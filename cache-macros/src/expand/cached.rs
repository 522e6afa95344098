//! `#[cached]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use crate::plan::{Cached, Home};

use super::body::body;
use super::companions::{companions, only_lookup};
use super::hidden::{cache_function, key_function, load_function, owned_functions};
use super::shape::Shape;

/// The function and what stands beside it.
pub(crate) fn cached(cached: &Cached) -> TokenStream {
    let shape = Shape { cached };
    match &cached.home {
        Home::Body => {
            let attrs = &cached.function.item.attrs;
            outer(&shape, &quote!(#(#attrs)*), &body(&shape))
        }
        Home::Hidden => {
            let home = format_ident!("__Cached");
            let ty = home_type(&shape, &home, &quote!(), &only_lookup(&shape));
            let call = call(&shape, &quote!(#home::));
            let attrs = shape.outer_attributes();
            outer(&shape, &attrs, &quote!(#ty #call))
        }
        Home::Type(home) => {
            let vis = &cached.function.item.vis;
            let ty = home_type(&shape, home, &quote!(#vis), &companions(&shape));
            let call = call(&shape, &quote!(#home::));
            let function = outer(&shape, &shape.outer_attributes(), &call);
            quote!(#function #ty)
        }
        Home::Siblings(_) => {
            let call = call(&shape, &shape.on());
            let function = outer(&shape, &shape.outer_attributes(), &call);
            let (lints, conditions) = (lints(), shape.conditions());
            let load = load_function(&shape);
            let others = [cache_function(&shape), key_function(&shape)]
                .into_iter()
                .chain(owned_functions(&shape))
                .chain(companions(&shape))
                .map(|function| quote!(#(#conditions)* #lints #function));
            quote! {
                #function
                #(#conditions)*
                #load
                #(#others)*
            }
        }
    }
}

/// The user's function with another body.
fn outer(shape: &Shape<'_>, attrs: &TokenStream, body: &TokenStream) -> TokenStream {
    let item = &shape.cached.function.item;
    let (vis, name, output) = (&item.vis, &item.sig.ident, &item.sig.output);
    let (generics, _, bounds) = item.sig.generics.split_for_impl();
    let (asyncness, receiver) = (shape.asyncness(), shape.own_receiver());
    let inputs = shape.inputs(&shape.all());
    // it hands on arguments that the body may not use
    quote! {
        #attrs
        #[allow(clippy::used_underscore_binding)]
        #vis #asyncness fn #name #generics (#receiver #inputs) #output #bounds {
            #body
        }
    }
}

/// The call that answers the user's function.
fn call(shape: &Shape<'_>, on: &TokenStream) -> TokenStream {
    let (lookup, turbofish) = (shape.public("lookup"), shape.turbofish());
    let names = shape.names(&shape.all());
    let awaited = shape.awaited();
    quote!(#on #lookup #turbofish (#(#names),*) #awaited .value)
}

/// The type that holds what is generated.
fn home_type(
    shape: &Shape<'_>,
    home: &Ident,
    vis: &TokenStream,
    companions: &[TokenStream],
) -> TokenStream {
    let (conditions, lints) = (shape.conditions(), lints());
    let (cache, key) = (cache_function(shape), key_function(shape));
    let (load, owned) = (load_function(shape), owned_functions(shape));
    let doc = format!(
        "The cache of the function `{}`.",
        shape.cached.function.name()
    );
    quote! {
        #(#conditions)*
        #[doc = #doc]
        #lints
        #vis enum #home {}

        #(#conditions)*
        impl #home {
            #load
        }

        #(#conditions)*
        #lints
        impl #home {
            #cache
            #key
            #(#owned)*
            #(#companions)*
        }
    }
}

/// Generated code is not held to the user's lints.
fn lints() -> TokenStream {
    quote!(#[allow(
        dead_code,
        missing_copy_implementations,
        missing_debug_implementations,
        non_camel_case_types,
        non_snake_case,
        unreachable_pub,
        clippy::all,
        clippy::nursery,
        clippy::pedantic
    )])
}
