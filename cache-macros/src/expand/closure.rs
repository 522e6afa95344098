//! The body of a function that does something around it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{ItemFn, ReturnType, Type};

use crate::plan::Runs;

/// The user's body as something to run once.
pub(super) fn closure(item: &ItemFn, runs: Runs) -> TokenStream {
    let statements = &item.block.stmts;
    let asyncness = (runs == Runs::Async).then(|| quote!(async));
    let output = match &item.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => {
            let mut ty = (**ty).clone();
            Unnamed.visit_type_mut(&mut ty);
            quote!(#ty)
        }
    };
    quote!(#asyncness move || -> #output { #(#statements)* })
}

/// A closure cannot say `impl Trait`, and need not.
struct Unnamed;

impl VisitMut for Unnamed {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if matches!(ty, Type::ImplTrait(_)) {
            *ty = Type::Verbatim(quote!(_));
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }
}
