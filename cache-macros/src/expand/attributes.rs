//! Where the attributes go of a function whose body is elsewhere.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::plan::Home;

use super::shape::Shape;

/// Those of the function itself: an expected lint is met by the body, but for `dead_code`.
pub(super) fn outer(shape: &Shape<'_>) -> TokenStream {
    let attrs = shape.cached.function.item.attrs.iter();
    attrs
        .map(|attr| {
            let Some(lints) = expected(attr) else {
                return quote!(#attr);
            };
            let (dead, others): (Vec<_>, Vec<_>) =
                lints.iter().partition(|lint| is_dead_code(lint));
            let reason = lints.iter().filter(|lint| lint.path().is_ident("reason"));
            let dead = (!dead.is_empty()).then(|| match shape.cached.home {
                // its companions may be used, which the compiler does not see
                Home::Siblings(_) => quote!(#[allow(dead_code)]),
                _ => quote!(#[expect(dead_code #(, #reason)*)]),
            });
            quote!(#dead #[allow(#(#others),*)])
        })
        .collect()
}

/// Those that say which lints the body is held to.
pub(super) fn of_the_body(shape: &Shape<'_>) -> TokenStream {
    const LEVELS: [&str; 4] = ["allow", "warn", "deny", "forbid"];
    let attrs = shape.cached.function.item.attrs.iter();
    attrs
        .map(|attr| match expected(attr) {
            Some(lints) => {
                let lints = lints.iter().filter(|lint| !is_dead_code(lint));
                quote!(#[expect(#(#lints),*)])
            }
            None if LEVELS.iter().any(|level| attr.path().is_ident(level)) => {
                attr.to_token_stream()
            }
            None => TokenStream::new(),
        })
        .collect()
}

/// What `attr` expects, and why.
fn expected(attr: &Attribute) -> Option<Punctuated<Meta, Token![,]>> {
    let Meta::List(list) = &attr.meta else {
        return None;
    };
    let lints = Punctuated::parse_terminated
        .parse2(list.tokens.clone())
        .ok();
    lints.filter(|_| attr.path().is_ident("expect"))
}

fn is_dead_code(lint: &Meta) -> bool {
    lint.path().is_ident("dead_code")
}
