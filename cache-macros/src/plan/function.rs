//! Facts about the function, and what can be cached at all.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{
    AttrStyle, Attribute, FnArg, GenericParam, ItemFn, Receiver, ReceiverKind, Safety, Type,
};

use crate::problems::Problems;

use super::params::Param;
use super::previous::Previous;
use super::returns::{Runs, returns};

/// The function, taken apart.
pub(crate) struct Function {
    pub(crate) item: ItemFn,
    /// Those that callers give.
    pub(crate) params: Vec<Param>,
    pub(crate) previous: Option<Previous>,
    /// The type of the answer.
    pub(crate) returns: Type,
    pub(crate) runs: Runs,
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
            .map(|(at, typed)| Param::new(at, typed, problems))
            .collect();
        let (runs, returns) = returns(&item.sig, problems);
        Self {
            item,
            params,
            previous: None,
            returns,
            runs,
        }
    }

    pub(crate) fn name(&self) -> &Ident {
        &self.item.sig.ident
    }

    pub(crate) fn is_async(&self) -> bool {
        self.runs != Runs::Blocking
    }

    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        self.item.sig.receiver()
    }

    /// The attribute `name`, by whatever path.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        let mut attrs = self.item.attrs.iter();
        attrs.find(|attr| {
            let last = attr.path().segments.last();
            last.is_some_and(|last| last.ident == name)
        })
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

    /// The argument called `name`, or the variable of that name in an argument that is taken apart.
    pub(super) fn bound(&self, name: &str) -> Option<&Ident> {
        self.params.iter().find_map(|param| param.bound(name))
    }

    /// The names a message can offer.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.params.iter().flat_map(|param| &param.binds);
        let names = names.map(|name| name.unraw().to_string());
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
