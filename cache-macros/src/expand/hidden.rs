//! What the companions share: the cache, the key of a call, the load with arguments it owns.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::parse_quote;
use syn::spanned::Spanned as _;

use crate::plan::{Home, Keeper, Load, Owning, Place};

use super::local::{at, local};
use super::parts;
use super::place;
use super::shape::Shape;
use super::uncached::limited;

/// The functions that are needed.
pub(super) fn hidden(shape: &Shape<'_>) -> Vec<TokenStream> {
    let mut hidden = Vec::new();
    // a function without companions asks for a cache of its own alone
    if place::is_plain(shape) || !matches!(shape.cached.home, Home::Hidden) {
        hidden.push(cache_function(shape));
    }
    if let Place::Own { toolkit, setup } = &shape.cached.place {
        if toolkit.is_some() {
            let (own, body) = (shape.hidden("own"), place::own_cache(shape, setup));
            let cache = cache_type(shape);
            hidden.push(quote!(fn #own() -> #cache #body));
        }
        hidden.push(key_function(shape));
    }
    hidden.extend(owned_functions(shape));
    hidden
}

/// The function that gives the cache: that of `#[invalidates(clear(..))]`, too.
fn cache_function(shape: &Shape<'_>) -> TokenStream {
    let (name, placing) = (shape.hidden("cache"), shape.placing());
    let vis = &shape.cached.function.item.vis;
    let (cache, inputs, apart) = (
        cache_type(shape),
        shape.inputs(&placing),
        shape.apart(&placing),
    );
    let generics = shape.generics(&placing);
    let (generics, _, bounds) = generics.split_for_impl();
    let receiver = shape.is_of_self().then(|| shape.borrowed_receiver());
    let body = match &shape.cached.place {
        Place::Own {
            toolkit: None,
            setup,
        } => place::own_cache(shape, setup),
        Place::Own { .. } | Place::Given(_) => {
            let cache = place::cache(shape);
            quote!({ #apart #cache })
        }
    };
    quote! {
        #[doc(hidden)]
        #[inline]
        #vis fn #name #generics (#receiver #inputs) -> #cache #bounds #body
    }
}

fn cache_type(shape: &Shape<'_>) -> TokenStream {
    let returns = &shape.cached.function.returns;
    let kept = shape.kept();
    // values that cannot be kept are reported at the return type
    let span = at(returns.span());
    let support = shape.support_at(span);
    quote_spanned!(span=> #support::Cached<impl #support::Plan<Return = #returns #kept>>)
}

/// The function that lends the key: most keys take no writing.
fn key_function(shape: &Shape<'_>) -> TokenStream {
    let (support, name, keyed) = (shape.support(), shape.hidden("key"), shape.keyed());
    let receiver = shape.borrowed_receiver();
    let (result, then) = (format_ident!("__R"), local("then"));
    let mut generics = shape.generics(&keyed);
    generics.params.push(parse_quote!(#result));
    let (generics, _, bounds) = generics.split_for_impl();
    let params = keyed.iter().map(|at| &shape.cached.function.params[*at]);
    let inputs = params.map(|param| {
        let (name, ty) = (&param.name, &param.ty);
        quote!(#name: &#ty,)
    });
    let (apart, key) = (
        shape.apart(&keyed),
        parts::key(shape.cached, &quote!(#then)),
    );
    quote! {
        #[inline]
        fn #name #generics (
            #receiver #(#inputs)*
            #then: impl #support::FnOnce(#support::Sought<'_>) -> #result
        ) -> #result #bounds {
            #apart
            #key
        }
    }
}

/// The load as a function of one tuple that owns everything, and what starts it in a task of its own.
fn owned_functions(shape: &Shape<'_>) -> Vec<TokenStream> {
    let Load::Detached(owning) = &shape.cached.load else {
        return Vec::new();
    };
    let support = shape.support();
    let load = shape.public("uncached");
    let [owned, start] = ["owned", "start"].map(|what| shape.hidden(what));
    let returns = &shape.cached.function.returns;
    let names = shape.names(&shape.all());
    let params = &shape.cached.function.params;
    let types = owning
        .iter()
        .zip(params)
        .map(|(owning, param)| match owning {
            Owning::Move => {
                let ty = &param.ty;
                quote!(#ty)
            }
            Owning::Lend(owner) => kept(&support, &owner.keeper),
            Owning::LendOption(owner) => {
                let kept = kept(&support, &owner.keeper);
                quote!(#support::Option<#kept>)
            }
        });
    let types = quote!((#(#types,)*));
    let lent = owning
        .iter()
        .zip(&names)
        .map(|(owning, name)| match owning {
            Owning::Move => quote!(#name),
            Owning::Lend(_) => quote!(&#name),
            Owning::LendOption(owner) => {
                let lend = format_ident!("{}", owner.lend);
                quote!(#name.#lend())
            }
        });
    let (miss, plan, shown) = (local("miss"), format_ident!("__P"), local("shown"));
    let lent = shape.with_previous(lent.collect(), &quote!(#shown));
    let load = limited(shape, quote!(Self::#load(#(#lent),*)));
    let bound = shape.kept();
    let (given, taken) = (quote!((#(#names,)*)), types.clone());
    let (pattern, ty, types) = match &shape.cached.function.previous {
        None => (given, taken, types),
        Some(previous) => {
            let previous = &previous.param.ty;
            let both = quote!((#taken, #previous));
            (
                quote!((#given, #shown)),
                both.clone(),
                quote!(#types, #both),
            )
        }
    };
    vec![
        quote! {
            async fn #owned(#pattern: #ty) -> #returns {
                #load.await
            }
        },
        quote! {
            fn #start<#plan: #support::Plan<Return = #returns #bound>>(
                #miss: #support::Miss<#plan, #types>,
            ) -> #support::Start<#plan, #types> {
                use #support::probes::*;
                (&&#support::How::of(Self::#owned)).how().start(#miss, Self::#owned)
            }
        },
    ]
}

fn kept(support: &TokenStream, keeper: &Keeper) -> TokenStream {
    match keeper {
        Keeper::Text => quote!(#support::String),
        Keeper::List(element) => quote!(#support::Vec<#element>),
        Keeper::Same(ty) => quote!(#ty),
    }
}

/// The arguments as a tuple that owns everything.
pub(super) fn owned(shape: &Shape<'_>, owning: &[Owning]) -> TokenStream {
    let params = &shape.cached.function.params;
    let owned = owning.iter().zip(params).map(|(owning, param)| {
        let span = at(param.ty.span());
        let mut name = param.name.clone();
        name.set_span(name.span().located_at(span));
        let support = shape.support_at(span);
        match owning {
            Owning::Move => quote!(#name),
            Owning::Lend(owner) => {
                let make = format_ident!("{}", owner.make, span = span);
                quote_spanned!(span=> #support::#make(#name))
            }
            Owning::LendOption(owner) => {
                let make = format_ident!("{}", owner.make, span = span);
                let lent = local("lent");
                quote_spanned!(span=> #name.map(|#lent| #support::#make(#lent)))
            }
        }
    });
    quote!((#(#owned,)*))
}
