//! What the function returns has to outlive the call.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{GenericParam, Ident, Lifetime, ReturnType, Signature, Type, TypeReference};

use crate::problems::Problems;

pub(super) fn returns(sig: &Signature, problems: &mut Problems) -> Type {
    let nothing = "returns nothing, so there is nothing to keep; return a value";
    let ty = match &sig.output {
        ReturnType::Default => {
            problems.at(sig.ident.span(), format!("`{}` {nothing}", sig.ident));
            return Type::Verbatim(quote::quote!(()));
        }
        ReturnType::Type(_, ty) => &**ty,
    };
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            problems.on(ty, format!("`{}` {nothing}", sig.ident));
        }
        Type::Never(_) => problems.on(ty, format!("`{}` never returns", sig.ident)),
        Type::ImplTrait(_) => problems.on(
            ty,
            "a cached function names what it returns, since it is kept: found `impl Trait`, expected \
             a type; write `async fn` where this is a future",
        ),
        Type::Path(path) if is_boxed_future(path) => problems.on(
            ty,
            "a boxed future cannot be kept; write `async fn`, or put `#[cached]` on a function that \
             this one calls",
        ),
        _ => check(ty, sig, problems),
    }
    ty.clone()
}

fn is_boxed_future(path: &syn::TypePath) -> bool {
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident == "Pin" || last.ident == "BoxFuture")
}

fn check(ty: &Type, sig: &Signature, problems: &mut Problems) {
    let mut found = Found::default();
    found.visit_type(ty);
    if let Some(span) = found.borrowed {
        problems.at(
            span,
            "a cached value outlives the call, so it cannot borrow from it: return something owned \
             (`String` for `&str`, `Vec<T>` for `&[T]`, `Arc<T>` for `&T`)",
        );
    }
    let generic = sig.generics.params.iter().find_map(|param| match param {
        GenericParam::Type(param) => found.names.iter().find(|name| **name == param.ident),
        GenericParam::Const(param) => found.names.iter().find(|name| **name == param.ident),
        GenericParam::Lifetime(_) => None,
    });
    if let Some(name) = generic {
        problems.at(
            name.span(),
            format!(
                "the type that is kept depends on the parameter `{name}`, and a function has one \
                 cache for values of one type; return a type without `{name}`"
            ),
        );
    }
}

#[derive(Default)]
struct Found {
    borrowed: Option<Span>,
    names: Vec<Ident>,
}

impl<'ast> Visit<'ast> for Found {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if reference.lifetime.is_none() {
            self.borrowed.get_or_insert(reference.and_token.span);
        }
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident != "static" {
            self.borrowed.get_or_insert(lifetime.span());
        }
    }

    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {
        // lifetimes in there are those of its own calls
    }

    fn visit_ident(&mut self, ident: &'ast Ident) {
        self.names.push(ident.clone());
    }
}
