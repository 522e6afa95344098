//! Handlers of axum: the argument that tells who calls, and an answer without a name.

use syn::{FnArg, ItemFn, Type, TypeParamBound};

use crate::plan::types::bare;

/// Which argument tells the address of the client, counted with `self`.
pub(super) fn peer(item: &ItemFn) -> Option<usize> {
    item.sig.inputs.iter().position(|input| match input {
        FnArg::Receiver(_) => false,
        FnArg::Typed(typed) => match bare(&typed.ty) {
            Type::Path(path) => path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "ConnectInfo" || last.ident == "PeerAddr"),
            _ => false,
        },
    })
}

/// True for `impl IntoResponse`.
pub(super) fn is_response(ty: &Type) -> bool {
    let Type::ImplTrait(ty) = bare(ty) else {
        return false;
    };
    ty.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| last.ident == "IntoResponse")
        }
        _ => false,
    })
}
