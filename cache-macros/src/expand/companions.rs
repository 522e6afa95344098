//! What stands beside the function: `lookup` and the other companions.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use crate::paths::support;
use crate::plan::Load;

use super::hidden;
use super::local::local;
use super::parts;
use super::shape::Shape;
use super::stale;

/// One companion: what it is called, takes, does and says about itself.
struct Companion {
    name: &'static str,
    doc: String,
    which: Vec<usize>,
    takes_self: TakesSelf,
    extra: Option<TokenStream>,
    returns: TokenStream,
    body: TokenStream,
}

/// How a companion of a method takes `self`.
enum TakesSelf {
    /// Like the method: it runs its body.
    AsIs,
    ByReference,
    Not,
}

/// All of them.
pub(super) fn companions(shape: &Shape<'_>) -> Vec<TokenStream> {
    let all = [
        lookup(shape),
        peek(shape),
        put(shape),
        refresh(shape),
        invalidate(shape),
        clear(shape),
    ];
    all.into_iter()
        .map(|companion| companion.function(shape))
        .chain([stale::call_function(shape)])
        .collect()
}

/// Only what the function itself calls.
pub(super) fn only_lookup(shape: &Shape<'_>) -> Vec<TokenStream> {
    vec![lookup(shape).function(shape)]
}

impl Companion {
    fn function(self, shape: &Shape<'_>) -> TokenStream {
        let item = &shape.cached.function.item;
        let (vis, asyncness) = (&item.vis, shape.asyncness());
        let (generics, _, bounds) = item.sig.generics.split_for_impl();
        let name = shape.public(self.name);
        let receiver = match self.takes_self {
            TakesSelf::AsIs => shape.own_receiver(),
            TakesSelf::ByReference => shape.borrowed_receiver(),
            TakesSelf::Not => None,
        };
        let inputs = shape.inputs(&self.which);
        let comma = (!self.which.is_empty()).then(|| quote!(,));
        let Self {
            doc,
            extra,
            returns,
            body,
            ..
        } = self;
        let must_use = (self.name == "lookup" || self.name == "peek").then(|| quote!(#[must_use]));
        quote! {
            #[doc = #doc]
            #must_use
            #vis #asyncness fn #name #generics (#receiver #inputs #comma #extra) -> #returns #bounds {
                #body
            }
        }
    }
}

fn own_name(shape: &Shape<'_>) -> Ident {
    shape.cached.function.name().unraw()
}

/// An expression for one call: its cache and its key.
fn found(shape: &Shape<'_>) -> TokenStream {
    let (cache, key) = (shape.hidden("cache"), local("key"));
    lent(shape, &quote!(|#key| Self::#cache().at(#key)))
}

/// An expression that lends the key of one call.
fn lent(shape: &Shape<'_>, then: &TokenStream) -> TokenStream {
    let (key, on, turbofish) = (shape.hidden("key"), shape.on(), shape.turbofish_and(1));
    let names = shape.names(&shape.counted());
    quote!(#on #key #turbofish (#(&#names,)* #then))
}

/// A call of `method` that is awaited where the function is async, and blocks where it is not.
fn either(
    shape: &Shape<'_>,
    on: &TokenStream,
    method: &str,
    arguments: &TokenStream,
) -> TokenStream {
    let (method, awaited) = if shape.cached.function.is_async() {
        (format_ident!("{method}"), quote!(.await))
    } else {
        (format_ident!("{method}_blocking"), quote!())
    };
    quote!(#on.#method(#arguments) #awaited)
}

fn lookup(shape: &Shape<'_>) -> Companion {
    let support = support();
    let returns = &shape.cached.function.returns;
    let (cache, call, terms) = (
        shape.hidden("cache"),
        found(shape),
        parts::terms(shape.cached),
    );
    let [key, found, hit, asked] = ["key", "found", "hit", "terms"].map(local);
    let look = lent(shape, &quote!(|#key| Self::#cache().hit(#key)));
    let load = load(shape, &found, &asked);
    Companion {
        name: "lookup",
        doc: format!("What `{}` gives, and where it came from.", own_name(shape)),
        which: shape.all(),
        takes_self: TakesSelf::AsIs,
        extra: None,
        returns: quote!(#support::Lookup<#returns>),
        body: quote! {
            if let ::core::option::Option::Some(#hit) = #look {
                return #support::near(#hit);
            }
            let #found = #call;
            let #asked = #terms;
            #load
        },
    }
}

fn load(shape: &Shape<'_>, found: &Ident, terms: &Ident) -> TokenStream {
    let (load, on, turbofish) = (shape.hidden("load"), shape.on(), shape.turbofish());
    let names = shape.names(&shape.all());
    match &shape.cached.load {
        Load::Blocking => quote! {
            #found.load_blocking(&#terms, || #on #load #turbofish (#(#names),*))
        },
        Load::Inline => quote! {
            #found.load(&#terms, || #on #load #turbofish (#(#names),*)).await
        },
        Load::Detached(owning) => {
            let [cache, detached, owning_load] =
                ["cache", "detached", "owned"].map(|what| shape.hidden(what));
            let owned = hidden::owned(shape, owning);
            let [miss, answer] = ["miss", "answer"].map(local);
            quote! {
                match Self::#detached(#found.miss(#terms, #owned)) {
                    ::core::ops::ControlFlow::Break(#answer) => #answer.await,
                    ::core::ops::ControlFlow::Continue(#miss) => {
                        Self::#cache().load(#miss, Self::#owning_load).await
                    }
                }
            }
        }
    }
}

fn peek(shape: &Shape<'_>) -> Companion {
    let returns = &shape.cached.function.returns;
    let found = found(shape);
    Companion {
        name: "peek",
        doc: format!(
            "What is kept for a call of `{}` with these arguments, if anything is. Nothing is loaded.",
            own_name(shape)
        ),
        which: shape.counted(),
        takes_self: TakesSelf::ByReference,
        extra: None,
        returns: quote!(::core::option::Option<#returns>),
        body: either(shape, &found, "peek", &quote!()),
    }
}

fn put(shape: &Shape<'_>) -> Companion {
    let returns = &shape.cached.function.returns;
    let (found, terms, value) = (found(shape), parts::terms(shape.cached), local("value"));
    Companion {
        name: "put",
        doc: format!(
            "Keeps `value` for calls of `{}` with these arguments. A load under way does not \
             overwrite it. An `Err` or a `None` is not kept, and removes what was.",
            own_name(shape)
        ),
        which: shape.storing(),
        takes_self: TakesSelf::ByReference,
        extra: Some(quote!(#value: #returns)),
        returns: quote!(()),
        body: either(shape, &found, "put", &quote!(&#terms, #value)),
    }
}

fn refresh(shape: &Shape<'_>) -> Companion {
    let returns = &shape.cached.function.returns;
    let (found, terms) = (found(shape), parts::terms(shape.cached));
    let (load, on, turbofish) = (shape.hidden("load"), shape.on(), shape.turbofish());
    let names = shape.names(&shape.all());
    let [call, asked] = ["found", "terms"].map(local);
    let load = quote!(#on #load #turbofish (#(#names),*));
    let run = if shape.cached.function.is_async() {
        quote!(#call.refresh(&#asked, #load).await)
    } else {
        quote!(#call.refresh_blocking(&#asked, || #load))
    };
    Companion {
        name: "refresh",
        doc: format!(
            "Runs the body of `{}`, whatever is kept, and keeps what it gives. A load that began \
             before it does not overwrite it.",
            own_name(shape)
        ),
        which: shape.all(),
        takes_self: TakesSelf::AsIs,
        extra: None,
        returns: quote!(#returns),
        body: quote! {
            let #call = #found;
            let #asked = #terms;
            #run
        },
    }
}

fn invalidate(shape: &Shape<'_>) -> Companion {
    let support = support();
    let found = found(shape);
    Companion {
        name: "invalidate",
        doc: format!(
            "Removes what is kept for a call of `{}` with these arguments. What is being loaded for \
             it is not kept.",
            own_name(shape)
        ),
        which: shape.counted(),
        takes_self: TakesSelf::ByReference,
        extra: None,
        returns: quote!(#support::Invalidated),
        body: either(shape, &found, "invalidate", &quote!()),
    }
}

fn clear(shape: &Shape<'_>) -> Companion {
    let support = support();
    let cache = shape.hidden("cache");
    Companion {
        name: "clear",
        doc: format!("Removes everything that is kept for `{}`.", own_name(shape)),
        which: Vec::new(),
        takes_self: TakesSelf::Not,
        extra: None,
        returns: quote!(#support::Invalidated),
        body: either(shape, &quote!(Self::#cache()), "clear", &quote!()),
    }
}
