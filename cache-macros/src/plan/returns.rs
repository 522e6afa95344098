//! What the function returns has to outlive the call.

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    GenericArgument, GenericParam, Ident, Lifetime, PathArguments, PathSegment, ReturnType,
    Signature, Token, Type, TypeParamBound, TypePath, TypeReference,
};

use crate::problems::Problems;

use super::types::{argument, arguments, bare};

/// How the function gives its answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// It returns it.
    Blocking,
    /// `async fn`
    Async,
    /// It returns a future: `-> impl Future<Output = T>`.
    Future,
    /// It returns a future in a box, as `#[async_trait]` writes it.
    Boxed,
}

/// How the function gives its answer, and of which type that is.
pub(super) fn returns(sig: &Signature, problems: &mut Problems) -> (Runs, Type) {
    let ty = match &sig.output {
        ReturnType::Default => {
            nothing(sig.ident.span(), sig, problems);
            return (Runs::Blocking, Type::Verbatim(quote::quote!(())));
        }
        ReturnType::Type(_, ty) => bare(ty),
    };
    let (runs, answer) = match (sig.asyncness.is_some(), future(ty)) {
        (true, _) => (Runs::Async, ty),
        (false, Some((runs, answer))) => (runs, answer),
        (false, None) => (Runs::Blocking, ty),
    };
    match bare(answer) {
        Type::Tuple(tuple) if tuple.elems.is_empty() => {
            nothing(tuple.paren_token.span.join(), sig, problems);
        }
        Type::Never(_) => problems.on(answer, format!("`{}` never returns", sig.ident)),
        Type::ImplTrait(_) => problems.on(
            answer,
            "a cached function names what it returns, since it is kept: found `impl Trait`, expected \
             a type, or a future that says its own: `impl Future<Output = T>`",
        ),
        Type::Path(path) if is_boxed_future(path) => problems.on(
            answer,
            "a boxed future cannot be kept, and what this one gives cannot be read here; write \
             `async fn`, or `Pin<Box<dyn Future<Output = T> + Send>>`",
        ),
        _ => check(answer, sig, problems),
    }
    (runs, answer.clone())
}

fn nothing(at: Span, sig: &Signature, problems: &mut Problems) {
    let what = "returns nothing, so there is nothing to keep; return a value";
    problems.at(at, format!("`{}` {what}", sig.ident));
}

/// What `ty` gives, when it is a future by its looks.
pub(super) fn future(ty: &Type) -> Option<(Runs, &Type)> {
    match ty {
        Type::ImplTrait(ty) => Some((Runs::Future, output(&ty.bounds)?)),
        Type::Path(path) => {
            let Some(pinned) = argument(path, "Pin").map(bare) else {
                let last = path.path.segments.last()?;
                let named = last.ident == "BoxFuture" || last.ident == "LocalBoxFuture";
                let answer = named.then(|| arguments(last).next()).flatten()?;
                return Some((Runs::Boxed, answer));
            };
            let Type::Path(pinned) = pinned else {
                return None;
            };
            match bare(argument(pinned, "Box")?) {
                Type::TraitObject(ty) => Some((Runs::Boxed, output(&ty.bounds)?)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `T` in `Future<Output = T>`.
fn output(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Option<&Type> {
    bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let last = bound.path.segments.last()?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return None;
        };
        let output = arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(&assoc.ty),
            _ => None,
        });
        (last.ident == "Future").then_some(output).flatten()
    })
}

fn is_boxed_future(path: &TypePath) -> bool {
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

/// Whether it is a type of the standard library that borrows and does not say so: `Cow<str>` for `Cow<'_, str>`.
fn hides_a_lifetime(segment: &PathSegment) -> bool {
    const BORROWING: [&str; 7] = [
        "Cow",
        "MappedMutexGuard",
        "MutexGuard",
        "Ref",
        "RefMut",
        "RwLockReadGuard",
        "RwLockWriteGuard",
    ];
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return false;
    };
    let says = |argument: &GenericArgument| matches!(argument, GenericArgument::Lifetime(_));
    BORROWING.iter().any(|name| segment.ident == name) && !arguments.args.iter().any(says)
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

    fn visit_type_path(&mut self, path: &'ast TypePath) {
        if let Some(last) = path.path.segments.last()
            && hides_a_lifetime(last)
        {
            self.borrowed.get_or_insert(last.ident.span());
        }
        visit::visit_type_path(self, path);
    }

    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {
        // lifetimes in there are those of its own calls
    }

    fn visit_ident(&mut self, ident: &'ast Ident) {
        self.names.push(ident.clone());
    }
}
