//! Signatures made after the user's.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{Generics, Receiver};

use crate::plan::{Cached, Home, Key, Lasting, Part, Place, Runs, mentions};

use super::generics::told_by;
use super::local::local;

/// How generated functions are called and what they take.
pub(super) struct Shape<'a> {
    pub(super) cached: &'a Cached,
}

impl<'a> Shape<'a> {
    /// The path of what generated code calls.
    pub(super) fn support(&self) -> TokenStream {
        self.cached.library.support()
    }

    /// The same, reported at `span`.
    pub(super) fn support_at(&self, span: Span) -> TokenStream {
        self.cached.library.support_at(span)
    }

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

    /// The receiver as it is, without `mut` where the body is elsewhere.
    pub(super) fn own_receiver(&self) -> Option<TokenStream> {
        self.receiver().map(|receiver| {
            let mut receiver = receiver.clone();
            receiver.attrs.clear();
            if !matches!(self.cached.home, Home::Body) {
                receiver.mutability = None;
            }
            quote!(#receiver,)
        })
    }

    /// `mut`, where the body changes a `self` of its own.
    pub(super) fn changes(&self) -> Option<TokenStream> {
        let mutability = self.receiver()?.mutability.as_ref();
        mutability.map(|token| quote!(#token))
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

    /// `arguments`, with `previous` where the function takes what was kept before.
    pub(super) fn with_previous(
        &self,
        mut arguments: Vec<TokenStream>,
        previous: &TokenStream,
    ) -> Vec<TokenStream> {
        if let Some(taken) = &self.cached.function.previous {
            arguments.insert(taken.at, previous.clone());
        }
        arguments
    }

    /// The bound on what is kept, where the function names its type.
    pub(super) fn kept(&self) -> Option<TokenStream> {
        let previous = self.cached.function.previous.as_ref()?;
        let kept = &previous.kept;
        Some(quote!(, Value = #kept))
    }

    /// What a load calls what it is shown, where it looks at it.
    pub(super) fn shown(&self) -> TokenStream {
        match &self.cached.function.previous {
            Some(_) => local("shown").to_token_stream(),
            None => quote!(_),
        }
    }

    /// Statements that make the variables of the arguments in `which` that are taken apart, as references.
    pub(super) fn apart(&self, which: &[usize]) -> TokenStream {
        let params = which.iter().map(|at| &self.cached.function.params[*at]);
        let apart = params.filter(|param| !param.is_named()).map(|param| {
            let (pat, name) = (param.by_reference(), &param.name);
            quote!(#[allow(unused_variables)] let #pat = &#name;)
        });
        apart.collect()
    }

    /// The generic parameters that arguments in `which` tell.
    pub(super) fn generics(&self, which: &[usize]) -> Generics {
        told_by(&self.cached.function.item.sig.generics, self.inputs(which))
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.cached.function.params.len()).collect()
    }

    /// The arguments that tell the entry of a call: those of the key and of the cache.
    pub(super) fn counted(&self) -> Vec<usize> {
        self.within(|name| self.in_key(name) || self.in_place(name))
    }

    /// The arguments that the key is made of.
    pub(super) fn keyed(&self) -> Vec<usize> {
        self.within(|name| self.in_key(name))
    }

    /// The arguments that tell the cache.
    pub(super) fn placing(&self) -> Vec<usize> {
        self.within(|name| self.in_place(name))
    }

    /// The arguments that storing a value needs: those of the key, the tags and the TTL.
    pub(super) fn storing(&self) -> Vec<usize> {
        self.within(|name| self.in_key(name) || self.in_place(name) || self.in_terms(name))
    }

    /// The arguments that an expression in the companions names, besides the key that is written elsewhere.
    pub(super) fn in_expressions(&self, terms: bool) -> Vec<usize> {
        let given = matches!(self.cached.place, Place::Given(_));
        self.within(|name| {
            self.in_place(name) || given && self.in_key(name) || terms && self.in_terms(name)
        })
    }

    /// The variables that an option names.
    pub(super) fn in_options(&self) -> Vec<&'a Ident> {
        let own = matches!(self.cached.key, Key::Own(_));
        let params = self.cached.function.params.iter();
        let names = params.flat_map(|param| &param.binds);
        names
            .filter(|name| !own && self.in_key(name) || self.in_place(name) || self.in_terms(name))
            .collect()
    }

    fn in_key(&self, name: &Ident) -> bool {
        match &self.cached.key {
            Key::Own(counted) => counted.iter().any(|counted| counted.name == *name),
            Key::Exact { parts, .. } => in_parts(parts, name),
            Key::Value(key) => mentions(key.to_token_stream(), &name.unraw().to_string()),
        }
    }

    fn in_place(&self, name: &Ident) -> bool {
        let name = name.unraw().to_string();
        self.place().is_some_and(|place| mentions(place, &name))
    }

    /// True when the cache is told by `self`.
    pub(super) fn is_of_self(&self) -> bool {
        self.place().is_some_and(|place| mentions(place, "self"))
    }

    fn place(&self) -> Option<TokenStream> {
        match &self.cached.place {
            Place::Given(cache) => Some(cache.to_token_stream()),
            Place::Own { toolkit, .. } => toolkit.as_ref().map(|toolkit| toolkit.to_token_stream()),
        }
    }

    fn in_terms(&self, name: &Ident) -> bool {
        let in_ttl = match &self.cached.ttl {
            Some(Lasting::Given(expression)) => {
                mentions(quote!(#expression), &name.unraw().to_string())
            }
            Some(Lasting::Fixed(..)) | None => false,
        };
        let mut tags = self.cached.tags.iter();
        in_ttl || tags.any(|tag| in_parts(&tag.parts, name))
    }

    fn within(&self, belongs: impl Fn(&Ident) -> bool) -> Vec<usize> {
        let params = self.cached.function.params.iter().enumerate();
        params
            .filter(|(_, param)| param.binds.iter().any(&belongs))
            .map(|(at, _)| at)
            .collect()
    }

    /// `async`, for what stands beside a function that is.
    pub(super) fn asyncness(&self) -> Option<TokenStream> {
        self.cached.function.is_async().then(|| quote!(async))
    }

    pub(super) fn awaited(&self) -> Option<TokenStream> {
        self.cached.function.is_async().then(|| quote!(.await))
    }

    /// `body`, made of statements that may await, as that of the user's function.
    pub(super) fn answering(&self, body: &TokenStream) -> TokenStream {
        match self.cached.function.runs {
            Runs::Blocking | Runs::Async => body.clone(),
            Runs::Future => quote!(async move { #body }),
            Runs::Boxed => {
                let support = self.support();
                quote!(#support::Box::pin(async move { #body }))
            }
        }
    }
}

fn in_parts(parts: &[Part], name: &Ident) -> bool {
    parts.iter().any(|part| part.names(name))
}
