//! `#[cached]`: options and function together.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::{Expr, ItemFn, LitStr};

use crate::problems::Problems;
use crate::syntax::Opt;

use super::choices::Choices;
use super::function::Function;
use super::key::{Key, key};
use super::load::{Load, load};
use super::tags::{Tag, tags};
use super::ttl::{Ttl, ttl};

/// A cached function, all decided.
pub(crate) struct Cached {
    pub(crate) function: Function,
    pub(crate) home: Home,
    pub(crate) name: Option<LitStr>,
    pub(crate) key: Key,
    pub(crate) ttl: Option<Ttl>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) capacity: Option<Expr>,
    /// Nothing of it travels to Redis.
    pub(crate) near_only: bool,
    pub(crate) load: Load,
}

/// Where what is generated beside the function lives.
pub(crate) enum Home {
    /// In a type of this name beside the function.
    Type(Ident),
    /// In methods beside the method, their names beginning with this.
    Siblings(Ident),
    /// In a type inside the function, out of sight.
    Hidden,
    /// Nowhere: everything is said inside the method, since an `impl` of a trait takes no others.
    Body,
}

/// Plans a cached function.
pub(crate) fn cached(options: Vec<Opt>, item: ItemFn, problems: &mut Problems) -> Cached {
    let choices = Choices::new(options, problems);
    let function = Function::new(item, problems);
    let key = key(&choices, &function, problems);
    let tags = tags(&choices.tags, &function, problems);
    let ttl = choices.ttl.and_then(|expression| ttl(expression, problems));
    let load = load(&function);
    let home = home(choices.companion, &function);
    Cached {
        home,
        name: choices.name,
        key,
        ttl,
        tags,
        capacity: choices.capacity,
        near_only: choices.near_only,
        load,
        function,
    }
}

fn home(companion: Option<Ident>, function: &Function) -> Home {
    let in_impl = function.receiver().is_some() || function.mentions_self_type();
    match companion {
        Some(name) if name.unraw() == "none" => {
            if in_impl {
                Home::Body
            } else {
                Home::Hidden
            }
        }
        name => {
            let name = name.unwrap_or_else(|| function.name().clone());
            if in_impl {
                Home::Siblings(name)
            } else {
                Home::Type(name)
            }
        }
    }
}
