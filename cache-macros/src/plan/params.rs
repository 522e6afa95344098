//! Arguments, and what a pattern makes of them.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Pat, PatIdent, PatType, Type, TypeImplTrait};

use crate::problems::Problems;

/// One argument besides `self`.
pub(crate) struct Param {
    /// Its name, or a made-up one where the function takes it apart.
    pub(crate) name: Ident,
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
    /// The variables that the body sees of it.
    pub(crate) binds: Vec<Ident>,
}

impl Param {
    pub(super) fn new(at: usize, typed: &PatType, problems: &mut Problems) -> Self {
        for attr in &typed.attrs {
            if attr.path().is_ident("cfg") {
                problems.on(
                    attr,
                    "`#[cfg]` on an argument is not supported by `#[cached]`; put it on the function",
                );
            }
        }
        check_type(&typed.ty, problems);
        let name = match &*typed.pat {
            Pat::Ident(pat) if pat.subpat.is_none() => pat.ident.clone(),
            pat => format_ident!("arg{at}", span = Span::mixed_site().located_at(pat.span())),
        };
        let mut binds = Binds(Vec::new());
        binds.visit_pat(&typed.pat);
        Self {
            name,
            pat: (*typed.pat).clone(),
            ty: (*typed.ty).clone(),
            binds: binds.0,
        }
    }

    /// True when the argument has a name of the user's.
    pub(crate) fn is_named(&self) -> bool {
        matches!(&self.pat, Pat::Ident(pat) if pat.subpat.is_none())
    }

    /// The variable of it that is called `name`.
    pub(super) fn bound(&self, name: &str) -> Option<&Ident> {
        self.binds.iter().find(|bound| bound.unraw() == name)
    }

    /// The pattern that takes a reference to the argument apart.
    pub(crate) fn by_reference(&self) -> Pat {
        let mut pat = self.pat.clone();
        Plain.visit_pat_mut(&mut pat);
        pat
    }
}

struct Binds(Vec<Ident>);

impl<'ast> Visit<'ast> for Binds {
    fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
        // a name in capitals is a constant or a variant
        if !pat
            .ident
            .unraw()
            .to_string()
            .starts_with(char::is_uppercase)
        {
            self.0.push(pat.ident.clone());
        }
        visit::visit_pat_ident(self, pat);
    }
}

/// Every variable as a reference.
struct Plain;

impl VisitMut for Plain {
    fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
        pat.by_ref = None;
        pat.mutability = None;
        visit_mut::visit_pat_ident_mut(self, pat);
    }
}

fn check_type(ty: &Type, problems: &mut Problems) {
    if let Type::Reference(reference) = ty
        && reference.mutability.is_some()
    {
        problems.on(
            ty,
            "a function with a `&mut` argument cannot be cached: what it does to the argument would \
             happen only when nothing is found; return the change instead",
        );
    }
    Unnamed(problems).visit_type(ty);
}

/// Looks for types without a name, at any depth.
struct Unnamed<'a>(&'a mut Problems);

impl<'ast> Visit<'ast> for Unnamed<'_> {
    fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
        self.0.on(
            ty,
            "`impl Trait` arguments are not supported by `#[cached]`: name the type, or use a type \
             parameter together with `key = \"..\"`",
        );
    }
}
