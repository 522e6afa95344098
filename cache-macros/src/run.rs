//! From the tokens of an attribute to the tokens that replace it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

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
