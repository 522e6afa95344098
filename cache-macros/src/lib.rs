//! The attribute macros of `tower-redis`.

mod expand;
mod paths;
mod plan;
mod problems;
mod run;
mod syntax;

use proc_macro::TokenStream;

/// Caches what a function returns.
#[proc_macro_attribute]
pub fn cached(attr: TokenStream, item: TokenStream) -> TokenStream {
    run::cached(attr.into(), item.into()).into()
}
