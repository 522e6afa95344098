//! From the tokens of an attribute to the tokens that replace it.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, ItemFn, Meta, Stmt, parse_quote};

use crate::problems::{Problems, collect};
use crate::syntax::{invalidations, options};
use crate::{expand, plan};

/// `#[cached]`.
pub(crate) fn cached(attr: TokenStream, item: TokenStream) -> TokenStream {
    on_function(attr, item, options, plan::cached, expand::cached)
}

/// `#[invalidates]`.
pub(crate) fn invalidates(attr: TokenStream, item: TokenStream) -> TokenStream {
    on_function(attr, item, invalidations, plan::writer, expand::invalidates)
}

/// `#[rate_limited]`. A `#[cached]` below is expanded first: a call is counted whether its answer is found or not.
pub(crate) fn rate_limited(attr: TokenStream, item: TokenStream) -> TokenStream {
    let (item, rest) = match beside(item) {
        Ok(both) => both,
        Err(told) => return told,
    };
    let expand = |planned: &Option<plan::Rated>| planned.as_ref().map(expand::rated);
    let expand = |planned: &_| expand(planned).unwrap_or_default();
    let limited = on_function(attr, item, options, plan::rated, expand);
    quote!(#limited #rest)
}

/// `#[derive(CacheKey)]`. The type stays as it was whatever comes of it.
pub(crate) fn cache_key(input: TokenStream) -> TokenStream {
    let planned = collect(|problems| {
        let input = problems.keep(syn::parse2(input));
        plan::keyed(input?, problems)
    });
    match planned {
        Ok(planned) => planned.as_ref().map(expand::keyed).unwrap_or_default(),
        Err(errors) => errors.into_compile_error(),
    }
}

/// The function, its answers cached where it says so, and what that takes beside it; or what is wrong with that.
fn beside(item: TokenStream) -> Result<(TokenStream, TokenStream), TokenStream> {
    let Ok(mut function) = syn::parse2::<ItemFn>(item.clone()) else {
        return Ok((item, TokenStream::new()));
    };
    let named = |attr: &Attribute, name| {
        let last = attr.path().segments.last();
        last.is_some_and(|last| last.ident == name)
    };
    let attrs = function.attrs.iter();
    let Some(at) = attrs.clone().position(|attr| named(attr, "cached")) else {
        return Ok((item, TokenStream::new()));
    };
    let meta = function.attrs.remove(at).meta;
    let path = meta.path().clone();
    let options = match meta {
        Meta::List(list) => list.tokens,
        Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
    };
    // other limits of the function are none of its cache
    let limits = function
        .attrs
        .extract_if(.., |attr| named(attr, "rate_limited"));
    let limits: Vec<_> = limits.collect();
    let split = |input: ParseStream<'_>| Ok((input.parse::<ItemFn>()?, input.parse()?));
    let cached = cached(options, function.into_token_stream());
    // where it is no function it tells what is wrong
    let (mut function, rest) = split.parse2(cached.clone()).map_err(|_| cached)?;
    function.attrs.extend(limits);
    // whoever imported the attribute has used it
    let used = parse_quote!(#[allow(unused_imports)] use #path as _;);
    function.block.stmts.insert(0, Stmt::Item(used));
    Ok((function.into_token_stream(), rest))
}

/// Parses, plans and expands. Where that fails the user's function stays as it was, so that one slip
/// is not followed by an error at every use of the function.
fn on_function<O, T>(
    attr: TokenStream,
    item: TokenStream,
    options: impl FnOnce(TokenStream) -> syn::Result<Vec<O>>,
    plan: impl FnOnce(Vec<O>, ItemFn, &mut Problems) -> T,
    expand: impl FnOnce(&T) -> TokenStream,
) -> TokenStream {
    let planned = collect(|problems| {
        let options = problems.keep(options(attr));
        let function = problems.keep(function(item.clone()));
        Some(plan(options?, function?, problems))
    });
    match planned {
        Ok(Some(planned)) => expand(&planned),
        Ok(None) => item,
        Err(errors) => {
            let errors = errors.into_compile_error();
            quote!(#errors #item)
        }
    }
}

fn function(item: TokenStream) -> syn::Result<ItemFn> {
    syn::parse2(item).map_err(|error| {
        let what = format!("this attribute goes on a function with a body: {error}");
        syn::Error::new(error.span(), what)
    })
}
