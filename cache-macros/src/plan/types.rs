//! Looking into types by what is written.

use syn::{GenericArgument, PathArguments, PathSegment, Type, TypePath};

/// `ty` without parentheses around it, or what a `macro_rules` macro puts there.
pub(super) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => bare(&inner.elem),
        Type::Group(inner) => bare(&inner.elem),
        _ => ty,
    }
}

/// The type arguments of `segment`.
pub(super) fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// The one argument of `path`, when its last segment is `name`.
pub(super) fn argument<'a>(path: &'a TypePath, name: &str) -> Option<&'a Type> {
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(all) = &last.arguments else {
        return None;
    };
    (last.ident == name && all.args.len() == 1)
        .then(|| arguments(last).next())
        .flatten()
}
