//! The cache of a call, as an expression.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, LitStr};

use crate::plan::{Home, Key, Place, Setup};

use super::local::{at, local};
use super::parts;
use super::shape::Shape;

/// An expression for the function's cache. The arguments are in scope.
pub(super) fn cache(shape: &Shape<'_>) -> TokenStream {
    match &shape.cached.place {
        Place::Given(cache) => given(shape, cache, "given", &quote!()),
        Place::Own { toolkit, setup } => {
            let own = match shape.cached.home {
                Home::Body => own(shape, setup),
                _ => {
                    let cache = shape.hidden("cache");
                    quote!(Self::#cache())
                }
            };
            match toolkit {
                None => own,
                Some(toolkit) => {
                    let within = quote_spanned!(at(toolkit.span())=> .within(&#toolkit));
                    quote!(#own #within)
                }
            }
        }
    }
}

/// An expression for one call: its cache and its key.
pub(super) fn found(shape: &Shape<'_>) -> TokenStream {
    match &shape.cached.place {
        Place::Given(cache) => {
            let key = value(shape);
            given(shape, cache, "given_at", &quote!(, #key))
        }
        Place::Own { .. } => {
            let cache = cache(shape);
            let key = match shape.cached.home {
                Home::Body => parts::key(shape.cached),
                _ => {
                    let (key, on) = (shape.hidden("key"), shape.on());
                    let turbofish = super::generics::turbofish(&shape.generics(&shape.keyed()));
                    let names = shape.names(&shape.keyed());
                    quote!(#on #key #turbofish (#(&#names),*))
                }
            };
            quote!(#cache.at(#key))
        }
    }
}

/// The key of a cache that was given, as a reference to a value, reported where it comes from.
fn value(shape: &Shape<'_>) -> TokenStream {
    match &shape.cached.key {
        Key::Value(key) => quote_spanned!(at(key.span())=> &(#key)),
        Key::Own(counted) => {
            let names = counted.iter().map(|counted| {
                let span = at(counted.span);
                let mut name = counted.name.clone();
                name.set_span(name.span().located_at(span));
                (name, span)
            });
            let (names, spans): (Vec<_>, Vec<_>) = names.unzip();
            match (&names[..], &spans[..]) {
                ([name], [span]) => quote_spanned!(*span=> &#name),
                (names, _) => quote!(&(#(&#names),*)),
            }
        }
        // a template is refused beside a cache
        Key::Exact { .. } => quote!(&()),
    }
}

/// A call of `how` for the cache that was given.
fn given(shape: &Shape<'_>, cache: &Expr, how: &str, more: &TokenStream) -> TokenStream {
    let span = at(cache.span());
    let (support, plan) = (shape.support_at(span), plan(shape));
    let how = syn::Ident::new(how, span);
    quote_spanned!(span=> #support::Cached::#how(#plan, &#cache #more))
}

/// An expression for what is kept of an answer.
fn plan(shape: &Shape<'_>) -> TokenStream {
    let (support, returns) = (shape.support(), &shape.cached.function.returns);
    // what cannot be kept is reported at the return type
    let plan = quote_spanned!(at(returns.span())=> .plan());
    quote!({
        use #support::probes::*;
        #support::Returns::<#returns>::ASKED #plan
    })
}

/// An expression for a cache of the function's own.
pub(super) fn own(shape: &Shape<'_>, setup: &Setup) -> TokenStream {
    let (support, plan) = (shape.support(), plan(shape));
    let of =
        matches!(shape.cached.home, Home::Siblings(_) | Home::Body).then(|| quote!(.of::<Self>()));
    let (settings, setup) = (settings(shape, setup), local("setup"));
    quote!({
        static __SLOT: #support::Slot = #support::Slot::new();
        #support::Cached::new(&__SLOT, #plan, |#setup| #settings) #of
    })
}

/// What is special about the function's cache, from what every function has.
fn settings(shape: &Shape<'_>, setup: &Setup) -> TokenStream {
    let near_only = setup.near_only;
    let name = name(shape, setup.name.as_ref());
    let capacity = setup.capacity.as_ref().map(|entries| {
        let span = at(entries.span());
        let support = shape.support_at(span);
        quote_spanned!(span=> .capacity(
            const { #support::capacity((#entries) as #support::i128) }
        ))
    });
    let exact = shape
        .cached
        .key
        .pattern()
        .map(|pattern| quote!(.exact(#pattern)));
    let this = local("setup");
    let setup = quote!(#this #name #capacity #exact);
    if near_only {
        return setup;
    }
    // what cannot travel is reported at the return type
    let span = at(shape.cached.function.returns.span());
    let support = shape.support_at(span);
    let mut near = local("near");
    near.set_span(near.span().located_at(span));
    let shared = quote_spanned!(span=> #support::shared(#near));
    quote!({ let #near = #setup; #shared })
}

fn name(shape: &Shape<'_>, given: Option<&LitStr>) -> TokenStream {
    if let Some(name) = given {
        return quote!(.name(#name));
    }
    let support = shape.support();
    let function = shape.cached.function.name().unraw().to_string();
    match shape.cached.home {
        Home::Siblings(_) | Home::Body => quote!(.method::<Self>(#function)),
        Home::Type(_) | Home::Hidden => quote!(.function(#support::module_path!(), #function)),
    }
}
