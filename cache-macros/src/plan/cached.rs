//! `#[cached]`: options and function together.

use proc_macro2::Ident;
use syn::{Expr, ItemFn, Visibility};

use crate::paths::Library;
use crate::problems::Problems;
use crate::syntax::Opt;

use super::behind;
use super::companion::Companion;
use super::conditional;
use super::function::Function;
use super::key::{Key, key};
use super::lasting::Lasting;
use super::load::{Load, load};
use super::options::{Choices, Setup};
use super::standing;
use super::tags::{Tag, tags};
use super::travelling;

/// A cached function, all decided.
pub(crate) struct Cached {
    pub(crate) library: Library,
    pub(crate) function: Function,
    pub(crate) home: Home,
    pub(crate) place: Place,
    pub(crate) key: Key,
    pub(crate) ttl: Option<Lasting>,
    /// How long a load may take.
    pub(crate) timeout: Option<Lasting>,
    pub(crate) tags: Vec<Tag>,
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

/// Which cache it is.
pub(crate) enum Place {
    /// One of its own, in the toolkit that is current or in this one.
    Own {
        toolkit: Option<Box<Expr>>,
        setup: Box<Setup>,
    },
    /// This one.
    Given(Box<Expr>),
}

/// Plans a cached function.
pub(crate) fn cached(options: Vec<Opt>, item: ItemFn, problems: &mut Problems) -> Cached {
    let choices = Choices::new(options, problems);
    let mut function = Function::new(item, problems);
    if let Some(name) = &choices.previous {
        conditional::take(name, &mut function, problems);
    }
    let key = key(&choices, &function, problems);
    let tags = tags(&choices.tags, &function, problems);
    let load = load(&function);
    behind::check(&choices.setup.knobs, &function, &load, problems);
    if choices.cache.is_none() {
        conditional::check(choices.previous.as_ref(), &choices.setup, problems);
    }
    if let Some(timeout) = choices.timeout.as_ref().filter(|_| !function.is_async()) {
        problems.at(
            timeout.span(),
            "`timeout` drops a load that takes too long, and a function that is not async cannot be dropped; \
             make it async, or remove `timeout`",
        );
    }
    if let Some(attr) = function.attribute("invalidates") {
        problems.on(
            attr,
            "a call that finds its answer runs no body, so it would invalidate nothing; put `#[invalidates]` on the \
             function that writes, and `#[cached]` on one that reads",
        );
    }
    if let Some(attr) = function.attribute("rate_limited") {
        problems.on(
            attr,
            "write `#[rate_limited]` above `#[cached]`: then every call counts, and what it lets through is looked up. \
             For a limit on the calls that run the body put it on a function that this one calls",
        );
    }
    if choices.cache.is_none() {
        travelling::check(&choices.setup, &key, &function, problems);
    }
    let place = match choices.cache {
        Some(cache) => Place::Given(Box::new(cache)),
        None => Place::Own {
            toolkit: choices.toolkit.map(Box::new),
            setup: Box::new(choices.setup),
        },
    };
    let home = home(choices.companion, &function);
    if let Home::Type(name) = &home {
        standing::check(&function.item, name, problems);
    }
    Cached {
        library: choices.library.map(Library::at).unwrap_or_default(),
        home,
        place,
        key,
        ttl: choices.ttl,
        timeout: choices.timeout,
        tags,
        load,
        function,
    }
}

fn home(companion: Option<Companion>, function: &Function) -> Home {
    let in_impl = function.receiver().is_some()
        || function.mentions_self_type()
        || matches!(companion, Some(Companion::Beside(_)));
    // a method of a trait has no visibility, and nothing else tells it from others
    let may_be_of_a_trait = in_impl && matches!(function.item.vis, Visibility::Inherited);
    match companion {
        Some(Companion::None) if in_impl => Home::Body,
        Some(Companion::None) => Home::Hidden,
        None if may_be_of_a_trait => Home::Body,
        Some(Companion::Beside(name) | Companion::Called(name)) if in_impl => Home::Siblings(name),
        Some(Companion::Beside(name) | Companion::Called(name)) => Home::Type(name),
        None if in_impl => Home::Siblings(function.name().clone()),
        None => Home::Type(function.name().clone()),
    }
}
