//! `#[invalidates]`: what is said and the function together.

use quote::ToTokens as _;
use syn::visit::{self, Visit};
use syn::{AttrStyle, Expr, FnArg, ItemFn, Pat, PatIdent, ReturnType, Type};

use crate::paths::Library;
use crate::problems::Problems;
use crate::syntax::Entry;

use super::function::Function;
use super::params::Param;
use super::returns::Runs;
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

fn runs(item: &ItemFn) -> Runs {
    if item.sig.asyncness.is_some() {
        return Runs::Async;
    }
    let ReturnType::Type(_, ty) = &item.sig.output else {
        return Runs::Blocking;
    };
    match &**ty {
        Type::ImplTrait(ty) if says_future(ty.bounds.to_token_stream()) => Runs::Future,
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "BoxFuture" || last.ident == "LocalBoxFuture" => {
                Runs::Boxed
            }
            Some(last) if last.ident == "Pin" && says_future(last.arguments.to_token_stream()) => {
                Runs::Boxed
            }
            _ => Runs::Blocking,
        },
        _ => Runs::Blocking,
    }
}

fn says_future(tokens: proc_macro2::TokenStream) -> bool {
    super::function::mentions(tokens, "Future")
}

/// The function as placeholders see it: each name that its arguments bind is one.
fn seen(item: &ItemFn) -> Function {
    let mut names = Names(Vec::new());
    for input in &item.sig.inputs {
        if let FnArg::Typed(typed) = input {
            names.visit_pat(&typed.pat);
        }
    }
    let params = names.0.into_iter().map(|pat| Param {
        name: pat.ident.clone(),
        binds: vec![pat.ident.clone()],
        pat: Pat::Ident(pat),
        ty: Type::Verbatim(quote::quote!(_)),
    });
    Function {
        previous: None,
        params: params.collect(),
        returns: Type::Verbatim(quote::quote!(_)),
        runs: runs(item),
        item: item.clone(),
    }
}

struct Names(Vec<PatIdent>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
        let whole = PatIdent {
            subpat: None,
            ..pat.clone()
        };
        self.0.push(whole);
        visit::visit_pat_ident(self, pat);
    }
}
