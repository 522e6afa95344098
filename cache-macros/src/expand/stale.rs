//! Where `#[invalidates]` finds what `#[cached]` made.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprMethodCall, ExprPath, PathArguments, Type};

use crate::plan::Home;

use super::local::at;
use super::place;
use super::shape::Shape;

/// The companion that names a call: what `#[invalidates(f(..))]` asks. It takes every argument of the key
/// by reference, so that whoever names a call keeps what it is named by.
pub(super) fn call_function(shape: &Shape<'_>) -> TokenStream {
    let support = shape.support();
    let function = &shape.cached.function;
    let name = match &shape.cached.home {
        Home::Siblings(name) => method_name(name),
        Home::Type(_) | Home::Hidden | Home::Body => format_ident!("__cached"),
    };
    let (vis, returns) = (&function.item.vis, &function.returns);
    let counted = shape.counted();
    let generics = shape.generics(&counted);
    let (generics, _, bounds) = generics.split_for_impl();
    let receiver = shape.borrowed_receiver();
    let inputs = counted.iter().map(|at| &function.params[*at]);
    let inputs = inputs.map(|param| {
        let (name, ty) = (&param.name, &param.ty);
        if is_reference(ty) {
            quote!(#name: #ty)
        } else {
            quote_spanned!(at(ty.span())=> #name: &#ty)
        }
    });
    let apart = shape.apart(&shape.in_expressions(false));
    let found = place::found_with(shape, Some(|param| is_reference(&param.ty)));
    quote! {
        #[doc(hidden)]
        #vis fn #name #generics (
            #receiver #(#inputs),*
        ) -> #support::Found<impl #support::Plan<Return = #returns>> #bounds {
            #apart
            #found
        }
    }
}

fn is_reference(ty: &Type) -> bool {
    match ty {
        Type::Paren(inner) => is_reference(&inner.elem),
        Type::Group(inner) => is_reference(&inner.elem),
        Type::Reference(_) => true,
        _ => false,
    }
}

fn method_name(method: &Ident) -> Ident {
    format_ident!("__cached_{}", method.unraw(), span = method.span())
}

/// An expression for what is kept for a call of the function at `path`.
pub(super) fn call(path: &ExprPath, arguments: &[Expr]) -> TokenStream {
    let companion = companion(path, method_name, "__cached");
    let arguments = arguments.iter().map(lent);
    let span = at(path.span());
    quote_spanned!(span=> #companion(#(#arguments),*))
}

/// The same for a call of a method.
pub(super) fn method_call(call: &ExprMethodCall) -> TokenStream {
    let (receiver, turbofish) = (&call.receiver, &call.turbofish);
    let method = Ident::new(
        &method_name(&call.method).to_string(),
        at(call.method.span()),
    );
    let arguments = call.args.iter().map(lent);
    quote!(#receiver.#method #turbofish (#(#arguments),*))
}

/// An expression for the cache of the function at `path`.
pub(super) fn cache(path: &ExprPath) -> TokenStream {
    let method = |method: &Ident| format_ident!("__{}_cache", method.unraw(), span = method.span());
    let mut path = path.clone();
    // all calls of a generic function have one cache
    if let Some(last) = path.path.segments.last_mut() {
        last.arguments = PathArguments::None;
    }
    let companion = companion(&path, method, "__cache");
    quote_spanned!(at(path.span())=> #companion())
}

/// What stands beside the function at `path`: in a type of its name, or beside it where it is a method.
fn companion(path: &ExprPath, method: impl Fn(&Ident) -> Ident, function: &str) -> TokenStream {
    let mut path = path.clone();
    let is_method = is_of_a_type(&path);
    let Some(last) = path.path.segments.last_mut() else {
        return path.to_token_stream();
    };
    let span = at(last.ident.span());
    if is_method {
        last.ident = Ident::new(&method(&last.ident).to_string(), span);
        return path.to_token_stream();
    }
    let arguments = std::mem::take(&mut last.arguments);
    let function = Ident::new(function, span);
    quote_spanned!(span=> #path::#function #arguments)
}

/// Whether the function at `path` is one of a type, by its looks: modules are written in small letters.
fn is_of_a_type(path: &ExprPath) -> bool {
    let segments = &path.path.segments;
    let owner = segments.iter().rev().nth(1);
    let big = |owner: &syn::PathSegment| {
        let name = owner.ident.unraw().to_string();
        name.starts_with(char::is_uppercase)
    };
    path.qself.is_some() || owner.is_some_and(big)
}

/// `argument`, lent to whoever writes the key.
fn lent(argument: &Expr) -> TokenStream {
    match argument {
        Expr::Reference(reference) if reference.mutability.is_none() => quote!(#argument),
        _ => {
            let span = at(argument.span());
            quote_spanned!(span=> &(#argument))
        }
    }
}
