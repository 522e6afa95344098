//! `#[invalidates]`: what is said and the function together.

use syn::{AttrStyle, Expr, ItemFn, ReturnType, Type};

use crate::paths::Library;
use crate::problems::Problems;
use crate::syntax::Entry;

use super::returns::Runs;
use super::seen::{runs, seen};
use super::stale::Stale;
use super::when::When;
use super::wishes::Wishes;

/// A function that invalidates, all decided.
pub(crate) struct Writer {
    pub(crate) item: ItemFn,
    pub(crate) runs: Runs,
    /// In the order in which it was said.
    pub(crate) stale: Vec<Stale>,
    pub(crate) when: When,
    pub(crate) toolkit: Option<Expr>,
    /// Where the library is.
    pub(crate) library: Library,
}

/// Plans a function that invalidates.
pub(crate) fn writer(entries: Vec<Entry>, mut item: ItemFn, problems: &mut Problems) -> Writer {
    for attr in &mut item.attrs {
        attr.style = AttrStyle::Outer;
    }
    if let Some(token) = &item.sig.constness {
        problems.on(
            token,
            "a `const fn` cannot invalidate anything: there are no caches in the compiler; remove `const`",
        );
    }
    if let ReturnType::Type(_, ty) = &item.sig.output
        && let Type::Never(_) = &**ty
    {
        let what = format!("`{}` never returns, so it never succeeds", item.sig.ident);
        problems.on(ty, what);
    }
    let runs = runs(&item);
    let seen = seen(&item);
    if let Some(attr) = seen.attribute("cached") {
        problems.on(
            attr,
            "a call that finds its answer runs no body, so it would invalidate nothing; put `#[invalidates]` on the \
             function that writes, and `#[cached]` on one that reads",
        );
    }
    let wishes = Wishes::new(entries, &seen, problems);
    Writer {
        item,
        runs,
        stale: wishes.stale,
        when: wishes.when,
        toolkit: wishes.toolkit,
        library: wishes.library.map(Library::at).unwrap_or_default(),
    }
}
