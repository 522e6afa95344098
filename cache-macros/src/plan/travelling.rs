//! What lies in Redis has to be of a form that is read there, and to come back.

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Type, TypePath, TypeReference};

use crate::problems::Problems;

use super::function::Function;
use super::key::Key;
use super::knobs::Turn;
use super::options::Setup;
use super::types::{arguments, bare};

/// What cannot be is told where it is said.
pub(super) fn check(setup: &Setup, key: &Key, function: &Function, problems: &mut Problems) {
    if setup.near_only {
        return;
    }
    let msgpack = |turn: &Turn| matches!(turn, Turn::Constant("msgpack", _));
    if let Some(codec) = setup.knobs.iter().find(|knob| msgpack(&knob.turn))
        && key.pattern().is_some()
    {
        problems.at(
            codec.method.span(),
            "a template that begins with text is the key in Redis, under which lies plain JSON and nothing that says \
             how to read it; leave `codec` out, or begin `key` with a placeholder",
        );
    }
    let mut borrows = Borrows(None);
    borrows.visit_type(kept(&function.returns));
    if let Some((span, shown)) = borrows.0 {
        problems.at(
            span,
            format!(
                "`{shown}` can be written to Redis and not be read back; return something owned (`String` or `Arc<str>` \
                 for `&'static str`), or keep it in this process with `near_only`"
            ),
        );
    }
}

/// What is kept of an answer of type `ty`, by its looks.
fn kept(ty: &Type) -> &Type {
    let Type::Path(path) = bare(ty) else {
        return ty;
    };
    match path.path.segments.last() {
        Some(last) if last.ident == "Result" || last.ident == "Option" => {
            arguments(last).next().unwrap_or(ty)
        }
        _ => ty,
    }
}

/// Looks for references that live for ever; others are refused anyway.
struct Borrows(Option<(Span, String)>);

impl<'ast> Visit<'ast> for Borrows {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        let lifetime = reference.lifetime.as_ref();
        if lifetime.is_some_and(|lifetime| lifetime.ident == "static") {
            let shown = reference.to_token_stream().to_string();
            let shown = shown.replace("& ", "&");
            self.0.get_or_insert((reference.span(), shown));
        }
    }

    fn visit_type_path(&mut self, path: &'ast TypePath) {
        let last = path.path.segments.last();
        if last.is_none_or(|last| last.ident != "PhantomData") {
            visit::visit_type_path(self, path);
        }
    }

    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
}
