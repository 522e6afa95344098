//! The attribute macros of `tower-redis`.
use proc_macro::TokenStream;
/// x
#[proc_macro_attribute]
pub fn cached(_: TokenStream, item: TokenStream) -> TokenStream { item }
