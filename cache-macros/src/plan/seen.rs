//! A function whose body stays where it is, as what is said of it sees it.

use quote::ToTokens as _;
use syn::visit::{self, Visit};
use syn::{FnArg, ItemFn, Pat, PatIdent, ReturnType, Type};

use super::function::{Function, mentions};
use super::params::Param;
use super::returns::Runs;

/// How the function gives its answer, by its looks.
pub(super) fn runs(item: &ItemFn) -> Runs {
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
    mentions(tokens, "Future")
}

/// The function as placeholders see it: each name that its arguments bind is one.
pub(super) fn seen(item: &ItemFn) -> Function {
    let mut params = Vec::new();
    for input in &item.sig.inputs {
        let FnArg::Typed(typed) = input else {
            continue;
        };
        let mut names = Names(Vec::new());
        names.visit_pat(&typed.pat);
        let whole = matches!(&*typed.pat, Pat::Ident(pat) if pat.subpat.is_none());
        params.extend(names.0.into_iter().map(|pat| Param {
            name: pat.ident.clone(),
            binds: vec![pat.ident.clone()],
            pat: Pat::Ident(pat),
            ty: if whole {
                (*typed.ty).clone()
            } else {
                Type::Verbatim(quote::quote!(_))
            },
        }));
    }
    Function {
        previous: None,
        params,
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
