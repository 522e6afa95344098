//! The cache of a call, as an expression.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, LitStr};

use crate::plan::{Home, Key, Knob, Param, Place, Setup, Turn};

use super::generics::turbofish_and;
use super::local::{at, local};
use super::parts;
use super::shape::Shape;

/// An expression for the function's cache. The arguments are in scope.
pub(super) fn cache(shape: &Shape<'_>) -> TokenStream {
    let (cache, own) = (shape.hidden("cache"), shape.hidden("own"));
    match (&shape.cached.place, &shape.cached.home) {
        (Place::Given(cache), _) => given(shape, cache, "given", &quote!()),
        (
            Place::Own {
                toolkit: None,
                setup,
            },
            Home::Body,
        ) => own_cache(shape, setup),
        (Place::Own { toolkit: None, .. }, _) => quote!(Self::#cache()),
        (
            Place::Own {
                toolkit: Some(toolkit),
                setup,
            },
            home,
        ) => {
            let own = match home {
                Home::Body => own_cache(shape, setup),
                _ => quote!(Self::#own()),
            };
            let within = quote_spanned!(at(toolkit.span())=> .within(&#toolkit));
            quote!(#own #within)
        }
    }
}

/// An expression for one call: its cache and its key.
pub(super) fn found(shape: &Shape<'_>) -> TokenStream {
    found_with(shape, None)
}

/// The same, where some arguments are in scope as references to them, unless they `stay` what they are.
pub(super) fn found_with(shape: &Shape<'_>, stays: Option<fn(&Param) -> bool>) -> TokenStream {
    match (&shape.cached.place, &shape.cached.home) {
        (Place::Given(cache), _) => {
            let key = value(shape);
            given(shape, cache, "given_at", &quote!(, #key))
        }
        (Place::Own { .. }, Home::Body) => {
            let (support, cache) = (shape.support(), cache(shape));
            let sought = local("sought");
            let key = parts::key(shape.cached, &quote!(#support::KeyWriter::written));
            quote!(#key.sought(|#sought| #cache.at(#sought)))
        }
        (Place::Own { .. }, _) => lent(shape, "at", stays),
    }
}

/// An expression for the answer that is kept of one call, which tells it before anything is set up; only where
/// that costs nothing when there is none.
pub(super) fn hit(shape: &Shape<'_>) -> Option<TokenStream> {
    is_plain(shape).then(|| lent(shape, "hit", None))
}

/// Whether the cache is one of the function's own, in the toolkit that is current.
pub(super) fn is_plain(shape: &Shape<'_>) -> bool {
    matches!(shape.cached.place, Place::Own { toolkit: None, .. })
}

/// A call of `method` of the cache, which is lent the key.
fn lent(shape: &Shape<'_>, method: &str, stays: Option<fn(&Param) -> bool>) -> TokenStream {
    let (cache, key, on) = (cache(shape), shape.hidden("key"), shape.on());
    let keyed = shape.keyed();
    let turbofish = turbofish_and(&shape.generics(&keyed), 1);
    let arguments = keyed.iter().map(|at| &shape.cached.function.params[*at]);
    let arguments = arguments.map(|param| {
        let name = &param.name;
        match stays {
            Some(stays) if !stays(param) => quote!(#name),
            _ => quote!(&#name),
        }
    });
    let (method, sought) = (format_ident!("{method}"), local("sought"));
    quote!(#on #key #turbofish (#(#arguments,)* |#sought| #cache.#method(#sought)))
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
    let how = Ident::new(how, span);
    quote_spanned!(span=> #support::Cached::#how(#plan, &#cache #more))
}

/// An expression for what is kept of an answer.
fn plan(shape: &Shape<'_>) -> TokenStream {
    let (support, returns) = (shape.support(), &shape.cached.function.returns);
    if let Place::Own { setup, .. } = &shape.cached.place
        && setup.keeps_absence()
    {
        let plan = quote_spanned!(at(returns.span())=> .plan());
        return quote!({
            use #support::probes::*;
            #support::Absent::<#returns>::ASKED #plan
        });
    }
    // what cannot be kept is reported at the return type
    let plan = quote_spanned!(at(returns.span())=> .plan());
    quote!({
        use #support::probes::*;
        #support::Returns::<#returns>::ASKED #plan
    })
}

/// An expression for a cache of the function's own.
pub(super) fn own_cache(shape: &Shape<'_>, setup: &Setup) -> TokenStream {
    let (support, plan) = (shape.support(), plan(shape));
    let (settings, setup) = (settings(shape, setup), local("setup"));
    let held = quote!({
        use #support::probes::*;
        (&&&#support::Holds::of(#plan)).held()
    });
    quote!({
        static __SLOT: #support::Slot = #support::Slot::new();
        #support::Cached::new(&__SLOT, #held, #support::Code::around(|| {}), |#setup| #settings)
    })
}

/// What is special about the function's cache, from what every function has.
fn settings(shape: &Shape<'_>, setup: &Setup) -> TokenStream {
    let near_only = setup.near_only;
    let name = name(shape, setup.name.as_ref());
    let exact = shape
        .cached
        .key
        .pattern()
        .map(|pattern| quote!(.exact(#pattern)));
    let this = local("setup");
    let knobs = setup.knobs.iter().map(|knob| told(shape, setup, knob));
    let again = setup.error_again().map(|throttle| {
        let (span, plan) = (at(throttle.span()), plan(shape));
        let support = shape.support_at(span);
        let remembered = Ident::new("remembered", span);
        quote_spanned!(span=> #support::#remembered(#plan);)
    });
    let setup = quote!(#this #name #exact #(#knobs)*);
    let setup = again.map_or_else(|| setup.clone(), |again| quote!({ #again #setup }));
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

/// The call that tells it to the library.
fn told(shape: &Shape<'_>, setup: &Setup, knob: &Knob) -> TokenStream {
    let mut method = knob.method.clone();
    if setup.keeps_absence() && matches!(knob.turn, Turn::Function(_) | Turn::Weighed(_)) {
        method = format_ident!("{method}_present");
    }
    let span = at(method.span());
    method.set_span(span);
    match &knob.turn {
        Turn::On => quote_spanned!(span=> .#method()),
        Turn::Time(time) => {
            let time = parts::time(shape.cached, time);
            quote_spanned!(span=> .#method(#time))
        }
        Turn::Number(number, check) => {
            let (support, check) = (shape.support_at(span), format_ident!("{check}"));
            quote_spanned!(span=> .#method(const { #support::#check((#number) as f64) }))
        }
        Turn::Function(function) => quote_spanned!(span=> .#method(#function)),
        Turn::Constant(make, given) => {
            let (support, make) = (shape.support_at(span), format_ident!("{make}"));
            quote_spanned!(span=> .#method(const { #support::#make(#given) }))
        }
        Turn::Amount(amount, check) => {
            let span = at(amount.span());
            let (support, check) = (shape.support_at(span), format_ident!("{check}"));
            quote_spanned!(span=> .#method(const { #support::#check((#amount) as #support::i128) }))
        }
        Turn::Weighed(both) => {
            let [bytes, weigh] = &**both;
            let span = at(bytes.span());
            let support = shape.support_at(span);
            let bytes =
                quote_spanned!(span=> const { #support::bytes((#bytes) as #support::i128) });
            quote!(.#method(#bytes, #weigh))
        }
    }
}

fn name(shape: &Shape<'_>, given: Option<&LitStr>) -> TokenStream {
    let support = shape.support();
    let function = shape.cached.function.name().unraw().to_string();
    let given = given.map(|name| quote!(.name(#name)));
    // what stands between the code that asks and what is around the function
    let (what, own) = match shape.cached.home {
        Home::Body | Home::Siblings(_) => ("method", 1),
        Home::Type(_) => ("function", 2),
        Home::Hidden => ("function", 3),
    };
    let (what, own) = (format_ident!("{what}"), Literal::usize_unsuffixed(own));
    quote!(#given.#what(#function, #own, #support::option_env!("CARGO_BIN_NAME")))
}
