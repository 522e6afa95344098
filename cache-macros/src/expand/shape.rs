//! Signatures made after the user's.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, GenericParam, Meta, Receiver};

use crate::plan::{Cached, Home, Key, Part, Tag, Ttl};

/// How generated functions are called and what they take.
pub(super) struct Shape<'a> {
    pub(super) cached: &'a Cached,
}

impl<'a> Shape<'a> {
    /// The name of a companion.
    pub(super) fn public(&self, what: &str) -> Ident {
        match &self.cached.home {
            Home::Siblings(name) => {
                let name = format_ident!("{name}_{what}");
                Ident::new(
                    &name.unraw().to_string(),
                    self.cached.function.name().span(),
                )
            }
            _ => format_ident!("{what}"),
        }
    }

    /// The name of a function that is none of the user's business.
    pub(super) fn hidden(&self, what: &str) -> Ident {
        match &self.cached.home {
            Home::Siblings(name) => format_ident!("__{}_{what}", name.unraw()),
            _ => format_ident!("__{what}"),
        }
    }

    pub(super) fn receiver(&self) -> Option<&'a Receiver> {
        self.cached.function.receiver()
    }

    /// `Self::` or `self.`, to call what takes `self` where the user's function does.
    pub(super) fn on(&self) -> TokenStream {
        match self.receiver() {
            Some(receiver) => {
                let this = receiver.self_token;
                quote!(#this.)
            }
            None => quote!(Self::),
        }
    }

    /// `&self,`
    pub(super) fn borrowed_receiver(&self) -> Option<TokenStream> {
        self.receiver().map(|receiver| {
            let this = receiver.self_token;
            quote!(&#this,)
        })
    }

    /// The receiver as it is, without `mut`.
    pub(super) fn own_receiver(&self) -> Option<TokenStream> {
        self.receiver().map(|receiver| {
            let mut receiver = receiver.clone();
            receiver.attrs.clear();
            receiver.mutability = None;
            quote!(#receiver,)
        })
    }

    /// The arguments in `which`, by name and type.
    pub(super) fn inputs(&self, which: &[usize]) -> TokenStream {
        let params = which.iter().map(|at| &self.cached.function.params[*at]);
        let inputs = params.map(|param| {
            let (name, ty) = (&param.name, &param.ty);
            quote!(#name: #ty)
        });
        quote!(#(#inputs),*)
    }

    /// The names of the arguments in `which`.
    pub(super) fn names(&self, which: &[usize]) -> Vec<&'a Ident> {
        let params = which.iter().map(|at| &self.cached.function.params[*at]);
        params.map(|param| &param.name).collect()
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.cached.function.params.len()).collect()
    }

    /// The arguments the key is made of.
    pub(super) fn counted(&self) -> Vec<usize> {
        match &self.cached.key {
            Key::Own(counted) => counted.clone(),
            Key::Exact { parts, .. } => self.within(|name| in_parts(parts, name)),
        }
    }

    /// The arguments that storing a value needs: those of the key, the tags and the TTL.
    pub(super) fn storing(&self) -> Vec<usize> {
        let (counted, named) = (self.counted(), self.in_options());
        let mut all = self.all();
        all.retain(|at| counted.contains(at) || named.contains(at));
        all
    }

    /// The arguments that an option names.
    pub(super) fn in_options(&self) -> Vec<usize> {
        self.within(|name| {
            let in_key = match &self.cached.key {
                Key::Exact { parts, .. } => in_parts(parts, name),
                Key::Own(_) => false,
            };
            in_key || self.in_terms(name)
        })
    }

    fn in_terms(&self, name: &Ident) -> bool {
        let in_tags = |Tag(parts): &Tag| in_parts(parts, name);
        let in_ttl = match &self.cached.ttl {
            Some(Ttl::Given(expression)) => {
                crate::plan::mentions(quote!(#expression), &name.unraw().to_string())
            }
            Some(Ttl::Fixed(_)) | None => false,
        };
        in_ttl || self.cached.tags.iter().any(in_tags)
    }

    fn within(&self, belongs: impl Fn(&Ident) -> bool) -> Vec<usize> {
        let params = self.cached.function.params.iter().enumerate();
        params
            .filter(|(_, param)| belongs(&param.name))
            .map(|(at, _)| at)
            .collect()
    }

    pub(super) fn asyncness(&self) -> Option<TokenStream> {
        self.cached.function.is_async().then(|| quote!(async))
    }

    pub(super) fn awaited(&self) -> Option<TokenStream> {
        self.cached.function.is_async().then(|| quote!(.await))
    }

    /// The type arguments of the user's function, to hand them on.
    pub(super) fn turbofish(&self) -> Option<TokenStream> {
        self.turbofish_and(0)
    }

    /// [`turbofish`](Self::turbofish) with so many more that are inferred.
    pub(super) fn turbofish_and(&self, more: usize) -> Option<TokenStream> {
        let params = self.cached.function.item.sig.generics.params.iter();
        let names: Vec<_> = params
            .filter_map(|param| match param {
                GenericParam::Type(param) => Some(&param.ident),
                GenericParam::Const(param) => Some(&param.ident),
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        let inferred = std::iter::repeat_n(quote!(_), more);
        (!names.is_empty()).then(|| quote!(::<#(#names,)* #(#inferred),*>))
    }

    /// The attributes that what is generated beside the function has to carry too.
    pub(super) fn conditions(&self) -> Vec<&'a Attribute> {
        let attrs = self.cached.function.item.attrs.iter();
        attrs.filter(|attr| attr.path().is_ident("cfg")).collect()
    }

    /// The attributes that say which lints the body is held to.
    pub(super) fn lints(&self) -> Vec<&'a Attribute> {
        const LEVELS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];
        let attrs = self.cached.function.item.attrs.iter();
        attrs
            .filter(|attr| LEVELS.iter().any(|level| attr.path().is_ident(level)))
            .collect()
    }

    /// The user's attributes, for a function whose body is elsewhere: an expected lint is met there.
    pub(super) fn outer_attributes(&self) -> TokenStream {
        let attrs = self.cached.function.item.attrs.iter();
        attrs
            .map(|attr| match &attr.meta {
                Meta::List(list) if attr.path().is_ident("expect") => {
                    let lints = &list.tokens;
                    quote!(#[allow(#lints)])
                }
                _ => quote!(#attr),
            })
            .collect()
    }
}

fn in_parts(parts: &[Part], name: &Ident) -> bool {
    parts.iter().any(|part| part.names(name))
}
