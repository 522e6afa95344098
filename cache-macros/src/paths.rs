//! Where generated code finds the library.

use proc_macro2::TokenStream;
use quote::quote;

/// The path of what generated code may call.
pub(crate) fn support() -> TokenStream {
    quote!(::tower_redis::macro_support)
}
