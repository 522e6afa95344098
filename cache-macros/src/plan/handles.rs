//! Arguments that cannot tell calls apart, known by the names of their types.
//!
//! Only names that say it beyond doubt are here: a type of the user's may be called `Client`. What is not
//! known by its name is found by the compiler, since it is no `CacheKey`.

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::{PathSegment, Type};

use crate::problems::Problems;

use super::types::{argument, arguments, bare};

/// Handles by their name alone.
const HANDLES: [&str; 12] = [
    "AnyPool",
    "ConnectInfo",
    "DatabaseConnection",
    "HeaderMap",
    "MultiplexedConnection",
    "MySqlPool",
    "OnceCell",
    "OnceLock",
    "PgPool",
    "SqlitePool",
    "Toolkit",
    "UnboundedSender",
];

/// Handles when they are told what they hold.
const HOLDERS: [&str; 13] = [
    "AtomicRefCell",
    "Cell",
    "DashMap",
    "Extension",
    "Mutex",
    "Pool",
    "Receiver",
    "RefCell",
    "RwLock",
    "Sender",
    "State",
    "UnboundedReceiver",
    "Weak",
];

/// What is a handle in this crate or module, but may be something else elsewhere.
const QUALIFIED: [(&str, &str); 5] = [
    ("reqwest", "Client"),
    ("redis", "Client"),
    ("mpsc", "Sender"),
    ("broadcast", "Sender"),
    ("watch", "Receiver"),
];

/// What a handle is often wrapped in.
const WRAPPERS: [&str; 5] = ["Arc", "Rc", "Box", "Option", "Data"];

/// Refuses the argument `name` as part of the key, when its type says that it cannot be.
pub(super) fn no_key(name: &Ident, ty: &Type, problems: &mut Problems) {
    match unusable(ty) {
        Some(Why::Float(float)) => problems.on(
            float,
            format!(
                "`{}` cannot be part of the key: numbers that are equal for a reader differ in their \
                 last bits; leave it out with `skip({name})`, take an integer, or write it as it prints \
                 with `key = \"..{{{name}}}..\"`",
                shown(float)
            ),
        ),
        Some(Why::Handle(handle)) => problems.on(
            handle,
            format!(
                "`{}` is a handle, and tells no calls apart; leave it out of the key with \
                 `skip({name})`",
                shown(handle)
            ),
        ),
        None => {}
    }
}

/// Refuses the argument `name` in a placeholder at `span`, for the same reasons.
pub(super) fn no_part(name: &str, ty: &Type, span: Span, problems: &mut Problems) {
    match unusable(ty) {
        Some(Why::Float(float)) => problems.at(
            span,
            format!(
                "{{{name}}} is a `{}`: numbers that are equal for a reader differ in their last bits, and each would \
                 have a quota of its own; take an integer, or name something else",
                shown(float)
            ),
        ),
        Some(Why::Handle(handle)) => problems.at(
            span,
            format!(
                "{{{name}}} is a handle, `{}`, and tells no callers apart; name something else",
                shown(handle)
            ),
        ),
        None => {}
    }
}

/// Refuses the type of a field as part of a key, for the same reasons.
pub(super) fn no_field(ty: &Type, problems: &mut Problems) {
    const SKIP: &str = "leave it out with `#[cache_key(skip)]`";
    match unusable(ty) {
        Some(Why::Float(float)) => problems.on(
            float,
            format!(
                "`{}` cannot be part of a key: numbers that are equal for a reader differ in their last bits; {SKIP}, \
                 or take an integer",
                shown(float)
            ),
        ),
        Some(Why::Handle(handle)) => problems.on(
            handle,
            format!(
                "`{}` is a handle, and tells no values apart; {SKIP}",
                shown(handle)
            ),
        ),
        None => {}
    }
}

fn shown(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    text.replace(" :: ", "::")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace("& ", "&")
}

enum Why<'a> {
    Float(&'a Type),
    Handle(&'a Type),
}

fn unusable(ty: &Type) -> Option<Why<'_>> {
    match bare(ty) {
        Type::Reference(reference) => unusable(&reference.elem),
        Type::Slice(slice) => unusable(&slice.elem),
        Type::Array(array) => unusable(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(unusable),
        ty @ (Type::TraitObject(_) | Type::FnPtr(_) | Type::Ptr(_)) => Some(Why::Handle(ty)),
        ty @ Type::Path(path) => {
            let last = path.path.segments.last()?;
            if path.path.is_ident("f32") || path.path.is_ident("f64") {
                return Some(Why::Float(ty));
            }
            if is_handle(last) || is_qualified(path.path.segments.iter()) {
                return Some(Why::Handle(ty));
            }
            let mut wrapped = WRAPPERS.iter().chain(&["Vec"]);
            wrapped.find_map(|wrapper| argument(path, wrapper).and_then(unusable))
        }
        _ => None,
    }
}

fn is_handle(last: &PathSegment) -> bool {
    let holds = arguments(last).next().is_some();
    HANDLES.iter().any(|name| last.ident == name)
        || holds && HOLDERS.iter().any(|name| last.ident == name)
}

fn is_qualified<'a>(segments: impl Iterator<Item = &'a PathSegment>) -> bool {
    let segments: Vec<_> = segments.map(|segment| &segment.ident).collect();
    segments.windows(2).any(|pair| {
        QUALIFIED
            .iter()
            .any(|(module, name)| pair[0] == module && pair[1] == name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(ty: &str) -> &'static str {
        match unusable(&syn::parse_str(ty).unwrap()) {
            None => "may be a key",
            Some(Why::Float(_)) => "float",
            Some(Why::Handle(_)) => "handle",
        }
    }

    #[test]
    fn tells_by_its_name_what_is_no_key() {
        for (ty, expected) in [
            ("f64", "float"),
            ("Option<&f32>", "float"),
            ("&[f32]", "float"),
            ("(u8, f64)", "float"),
            ("PgPool", "handle"),
            ("&sqlx::PgPool", "handle"),
            ("Pool<Postgres>", "handle"),
            ("Arc<Mutex<u64>>", "handle"),
            ("&reqwest::Client", "handle"),
            ("mpsc::Sender<u8>", "handle"),
            ("State<Db>", "handle"),
            ("Arc<dyn Store>", "handle"),
            ("fn(u8) -> u8", "handle"),
            ("&Client", "may be a key"),
            ("Sender", "may be a key"),
            ("State", "may be a key"),
            ("Arc<str>", "may be a key"),
            ("Vec<u64>", "may be a key"),
        ] {
            assert_eq!(why(ty), expected, "{ty}");
        }
    }
}
