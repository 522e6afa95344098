//! Facts about the function, and what can be cached at all.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::visit::Visit;
use syn::{
    AttrStyle, FnArg, GenericParam, ItemFn, Pat, PatType, Receiver, ReceiverKind, Safety, Type,
    TypeImplTrait,
};

use crate::problems::Problems;

/// The function, taken apart.
pub(crate) struct Function {
    pub(crate) item: ItemFn,
    pub(crate) params: Vec<Param>,
    pub(crate) returns: Type,
}

/// One argument besides `self`.
pub(crate) struct Param {
    /// Its name, or a made-up one where the function takes it apart.
    pub(crate) name: Ident,
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
}

impl Param {
    /// True when the argument has a name of the user's.
    pub(crate) fn is_named(&self) -> bool {
        matches!(&self.pat, Pat::Ident(pat) if pat.subpat.is_none())
    }
}

impl Function {
    pub(crate) fn new(mut item: ItemFn, problems: &mut Problems) -> Self {
        for attr in &mut item.attrs {
            // one from inside the body would not be inside it any more
            attr.style = AttrStyle::Outer;
        }
        qualifiers(&item, problems);
        let receiver = item.sig.receiver();
        if let Some(receiver) = receiver {
            check_receiver(receiver, problems);
        }
        let typed = item.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => Some(typed),
        });
        let params = typed
            .enumerate()
            .map(|(at, typed)| param(at, typed, problems))
            .collect();
        let returns = super::returns::returns(&item.sig, problems);
        Self {
            item,
            params,
            returns,
        }
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.item.sig.ident
    }

    pub(crate) fn is_async(&self) -> bool {
        self.item.sig.asyncness.is_some()
    }

    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        self.item.sig.receiver()
    }

    /// True when it says `Self`, and so stands in an `impl` block.
    pub(crate) fn mentions_self_type(&self) -> bool {
        let item = &self.item;
        mentions(item.sig.to_token_stream(), "Self")
            || mentions(item.block.to_token_stream(), "Self")
    }

    /// The first parameter that is a type or a constant.
    pub(crate) fn first_generic(&self) -> Option<&GenericParam> {
        let mut params = self.item.sig.generics.params.iter();
        params.find(|param| !matches!(param, GenericParam::Lifetime(_)))
    }

    /// The parameters, types or constants, that no argument's type tells, nor that of what is returned,
    /// which is another mistake.
    pub(crate) fn untold_generics(&self) -> impl Iterator<Item = &Ident> {
        let params = self.item.sig.generics.params.iter();
        let names = params.filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
            GenericParam::Lifetime(_) => None,
        });
        names.filter(|name| {
            let name = name.unraw().to_string();
            let given = self.params.iter().map(|param| &param.ty);
            let mut types = given.chain([&self.returns]).map(ToTokens::to_token_stream);
            !types.any(|ty| mentions(ty, &name))
        })
    }

    /// The argument called `name`.
    pub(crate) fn param(&self, name: &str) -> Option<&Param> {
        let mut named = self.params.iter().filter(|param| param.is_named());
        named.find(|param| param.name.unraw() == name)
    }

    /// The names a message can offer.
    pub(crate) fn names(&self) -> Vec<String> {
        let named = self.params.iter().filter(|param| param.is_named());
        let names = named.map(|param| param.name.unraw().to_string());
        let receiver = self.receiver().map(|_| "self".to_owned());
        receiver.into_iter().chain(names).collect()
    }
}

/// True when `tokens` hold the identifier `name`, also inside what macros are given.
pub(crate) fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident.unraw() == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn qualifiers(item: &ItemFn, problems: &mut Problems) {
    let sig = &item.sig;
    if let Some(token) = &sig.constness {
        problems.on(
            token,
            "a `const fn` cannot be cached: its cache would have to exist in the compiler; \
             remove `const`",
        );
    }
    if let Safety::Unsafe(token) = &sig.safety {
        problems.on(
            token,
            "an `unsafe fn` cannot be cached: a caller would have to vouch for a call that may not \
             happen; cache a safe function that calls it",
        );
    }
    if let Some(abi) = &sig.abi {
        problems.on(
            abi,
            "an `extern` function cannot be cached; cache a Rust function that it calls",
        );
    }
    if let Some(variadic) = &sig.variadic {
        problems.on(variadic, "a function with `...` cannot be cached");
    }
    if let Some(token) = &item.modifiers.defaultness {
        problems.on(token, "a `default fn` cannot be cached; remove `default`");
    }
}

fn check_receiver(receiver: &Receiver, problems: &mut Problems) {
    let mutable = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
        ReceiverKind::Typed(_, ty) => {
            matches!(&**ty, Type::Reference(reference) if reference.mutability.is_some())
        }
        _ => false,
    };
    if mutable {
        problems.on(
            receiver,
            "a method with `&mut self` cannot be cached: what it does to `self` would happen only \
             when nothing is found; take `&self`",
        );
    }
}

fn param(at: usize, typed: &PatType, problems: &mut Problems) -> Param {
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
    Param {
        name,
        pat: (*typed.pat).clone(),
        ty: (*typed.ty).clone(),
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
