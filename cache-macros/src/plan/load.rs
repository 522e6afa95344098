//! Where the load runs, and what it has to own for that.

use syn::visit::{self, Visit};
use syn::{Lifetime, Type, TypePath, TypeReference};

use super::function::Function;
use super::types::{argument, bare};

/// How a value is loaded.
pub(crate) enum Load {
    /// On the thread of the caller.
    Blocking,
    /// Inside the future of the caller.
    Inline,
    /// In a task of its own, if the compiler finds that it can move there.
    Detached(Vec<Owning>),
}

/// How an argument gets into a task that outlives the call.
pub(crate) enum Owning {
    /// It is owned.
    Move,
    /// By this owner, lent again as `&owner`.
    Lend(Owner),
    /// By an `Option` of this owner.
    LendOption(Owner),
}

/// What owns the target of a reference.
pub(crate) enum Keeper {
    /// A `String`.
    Text,
    /// A `Vec` of this.
    List(Type),
    /// Another one of the same type.
    Same(Type),
}

/// Owns what a reference points to.
pub(crate) struct Owner {
    pub(crate) keeper: Keeper,
    /// The function of the library that makes it.
    pub(crate) make: &'static str,
    /// The method of an `Option` of it that lends it again.
    pub(crate) lend: &'static str,
}

pub(super) fn load(function: &Function) -> Load {
    if !function.is_async() {
        return Load::Blocking;
    }
    // Whether a type parameter lives long enough is nothing the compiler can be asked.
    if function.receiver().is_some() || function.first_generic().is_some() {
        return Load::Inline;
    }
    let params = function.params.iter();
    let owned: Option<_> = params.map(|param| owning(&param.ty)).collect();
    owned.map_or(Load::Inline, Load::Detached)
}

/// How `ty` can be owned, if by its looks it can.
pub(super) fn owning(ty: &Type) -> Option<Owning> {
    match bare(ty) {
        ty if is_owned(ty) => Some(Owning::Move),
        Type::Reference(reference) => owner(reference).map(Owning::Lend),
        Type::Path(path) => {
            let Type::Reference(reference) = bare(argument(path, "Option")?) else {
                return None;
            };
            owner(reference).map(Owning::LendOption)
        }
        _ => None,
    }
}

/// What can own what `reference` points to.
fn owner(reference: &TypeReference) -> Option<Owner> {
    if reference.mutability.is_some() {
        return None;
    }
    let (keeper, make, lend) = match bare(&reference.elem) {
        Type::Slice(slice) if is_owned(&slice.elem) => {
            (Keeper::List((*slice.elem).clone()), "slice", "as_deref")
        }
        Type::Path(path) if path.path.is_ident("str") => (Keeper::Text, "text", "as_deref"),
        ty @ Type::Path(path) if path.path.is_ident("String") => {
            (Keeper::Same(ty.clone()), "text", "as_ref")
        }
        ty @ Type::Path(path) if is_scalar(path) => (Keeper::Same(ty.clone()), "scalar", "as_ref"),
        ty @ Type::Path(path) if argument(path, "Vec").is_some_and(is_owned) => {
            (Keeper::Same(ty.clone()), "slice", "as_ref")
        }
        _ => return None,
    };
    Some(Owner { keeper, make, lend })
}

fn is_scalar(path: &TypePath) -> bool {
    const SCALARS: [&str; 14] = [
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
        "i128", "isize",
    ];
    SCALARS.iter().any(|scalar| path.path.is_ident(scalar))
}

/// True when nothing in `ty` is borrowed for less than the whole program.
fn is_owned(ty: &Type) -> bool {
    let mut looking = Borrows(false);
    looking.visit_type(ty);
    !looking.0
}

struct Borrows(bool);

impl<'ast> Visit<'ast> for Borrows {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        self.0 |= reference.lifetime.is_none();
        visit::visit_type_reference(self, reference);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        self.0 |= lifetime.ident != "static";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(ty: &str) -> &'static str {
        match owning(&syn::parse_str(ty).unwrap()) {
            None => "borrowed",
            Some(Owning::Move) => "moved",
            Some(Owning::Lend(_)) => "lent",
            Some(Owning::LendOption(owner)) => owner.lend,
        }
    }

    #[test]
    fn tells_by_its_looks_what_can_be_owned() {
        for (ty, expected) in [
            ("u64", "moved"),
            ("Vec<(u8, String)>", "moved"),
            ("Arc<dyn Store>", "moved"),
            ("&'static str", "moved"),
            ("&str", "lent"),
            ("&'a str", "lent"),
            ("(&str)", "lent"),
            ("&String", "lent"),
            ("&u64", "lent"),
            ("&[u64]", "lent"),
            ("&Vec<String>", "lent"),
            ("Option<&str>", "as_deref"),
            ("std::option::Option<&[u8]>", "as_deref"),
            ("Option<&u64>", "as_ref"),
            ("&mut String", "borrowed"),
            ("&Db", "borrowed"),
            ("&[&str]", "borrowed"),
            ("Vec<&str>", "borrowed"),
            ("Cow<'_, str>", "borrowed"),
            ("Option<&Db>", "borrowed"),
            ("&dyn Store", "borrowed"),
        ] {
            assert_eq!(how(ty), expected, "{ty}");
        }
    }
}
