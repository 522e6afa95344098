//! What the companions share: the cache, the key of a call, the user's body.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse_quote;
use syn::spanned::Spanned as _;

use crate::paths::{support, support_at};
use crate::plan::{Home, Load, Owner, Owning};

use super::local::{at, local};
use super::parts;
use super::shape::Shape;

/// An expression for the function's cache.
pub(super) fn cache(shape: &Shape<'_>) -> TokenStream {
    let support = support();
    let cached = shape.cached;
    let returns = &cached.function.returns;
    let function = cached.function.name().unraw().to_string();
    let name = match (&cached.name, &cached.home) {
        (Some(name), _) => quote!(::std::string::String::from(#name)),
        (None, Home::Siblings(_) | Home::Body) => quote!(#support::method_name::<Self>(#function)),
        (None, Home::Type(_) | Home::Hidden) => quote!(::std::string::String::from(
            ::core::concat!(::core::module_path!(), "::", #function)
        )),
    };
    let capacity = match &cached.capacity {
        Some(entries) => {
            let span = at(entries.span());
            let support = support_at(span);
            quote_spanned!(span=>
                ::core::option::Option::Some(const { #support::capacity((#entries) as i128) })
            )
        }
        None => quote!(::core::option::Option::None),
    };
    let of = matches!(&cached.home, Home::Siblings(_) | Home::Body).then(|| quote!(.of::<Self>()));
    let exact = cached.key.pattern().map(|pattern| quote!(.exact(#pattern)));
    let plan = local("plan");
    let new = quote!(#support::Cached::new(&SLOT, || #name, #capacity, #plan) #of #exact);
    let made = if cached.near_only {
        new
    } else {
        // what cannot travel is reported at the return type
        let span = at(returns.span());
        let (support, mut near) = (support_at(span), local("near"));
        near.set_span(near.span().located_at(span));
        let shared = quote_spanned!(span=> #support::shared(#near));
        quote!(let #near = #new; #shared)
    };
    quote!({
        use #support::{
            BoxedResult as _, ClonedResult as _, IoResult as _, OptionReturn as _, PlainReturn as _,
            UnsharedResult as _,
        };
        static SLOT: #support::Slot = #support::Slot::new();
        let #plan = (&&&&#support::Returns::<#returns>::NEW).plan();
        #made
    })
}

/// The function that gives the cache.
pub(super) fn cache_function(shape: &Shape<'_>) -> TokenStream {
    let name = shape.hidden("cache");
    let returns = &shape.cached.function.returns;
    let body = cache(shape);
    // values that cannot be kept are reported at the return type
    let span = at(returns.span());
    let support = support_at(span);
    let cache = quote_spanned!(span=> #support::Cached<impl #support::Plan<Return = #returns>>);
    let vis = &shape.cached.function.item.vis;
    // `#[invalidates(clear(..))]` calls it
    quote! {
        #[doc(hidden)]
        #[inline]
        #vis fn #name() -> #cache #body
    }
}

/// The function that lends the key: most keys take no writing.
pub(super) fn key_function(shape: &Shape<'_>) -> TokenStream {
    let support = support();
    let name = shape.hidden("key");
    let receiver = shape.borrowed_receiver();
    let (result, then) = (format_ident!("__R"), local("then"));
    let mut generics = shape.cached.function.item.sig.generics.clone();
    generics.params.push(parse_quote!(#result));
    let (generics, _, bounds) = generics.split_for_impl();
    let counted = shape.counted();
    let params = counted.iter().map(|at| &shape.cached.function.params[*at]);
    let inputs = params.map(|param| {
        let (name, ty) = (&param.name, &param.ty);
        quote!(#name: &#ty,)
    });
    let key = parts::key(shape.cached, &quote!(#then));
    quote! {
        #[inline]
        fn #name #generics (
            #receiver #(#inputs)*
            #then: impl #support::FnOnce(&[#support::u8]) -> #result
        ) -> #result #bounds {
            #key
        }
    }
}

/// The user's function under another name.
pub(super) fn load_function(shape: &Shape<'_>) -> TokenStream {
    let item = &shape.cached.function.item;
    let (vis, statements) = (&item.vis, &item.block.stmts);
    let lints = shape.lints();
    // an argument that only an option uses is used
    let used = shape.names(&shape.in_options());
    let mut sig = item.sig.clone();
    sig.ident = shape.hidden("load");
    quote! {
        #[doc(hidden)]
        #(#lints)*
        #vis #sig {
            #(let _ = &#used;)*
            #(#statements)*
        }
    }
}

/// The load as a function of one tuple that owns everything, and what starts it in a task of its own.
pub(super) fn owned_functions(shape: &Shape<'_>) -> Vec<TokenStream> {
    let Load::Detached(owning) = &shape.cached.load else {
        return Vec::new();
    };
    let support = support();
    let [cache, load, owned, detached] =
        ["cache", "load", "owned", "detached"].map(|what| shape.hidden(what));
    let returns = &shape.cached.function.returns;
    let names = shape.names(&shape.all());
    let params = &shape.cached.function.params;
    let types = owning
        .iter()
        .zip(params)
        .map(|(owning, param)| match owning {
            Owning::Move => {
                let ty = &param.ty;
                quote!(#ty)
            }
            Owning::Lend(Owner { ty, .. }) => quote!(#ty),
            Owning::LendOption(Owner { ty, .. }) => quote!(::core::option::Option<#ty>),
        });
    let types = quote!((#(#types,)*));
    let lent = owning
        .iter()
        .zip(&names)
        .map(|(owning, name)| match owning {
            Owning::Move => quote!(#name),
            Owning::Lend(_) => quote!(&#name),
            Owning::LendOption(owner) => {
                let lend = format_ident!("{}", owner.lend);
                quote!(#name.#lend())
            }
        });
    let miss = local("miss");
    vec![
        quote! {
            async fn #owned((#(#names,)*): #types) -> #returns {
                Self::#load(#(#lent),*).await
            }
        },
        quote! {
            fn #detached(
                #miss: #support::Miss<#types>,
            ) -> ::core::ops::ControlFlow<#support::Answer<#returns>, #support::Miss<#types>> {
                use #support::{DetachedHow as _, InlineHow as _};
                (&&#support::How::of(Self::#owned)).how().start(Self::#cache(), #miss, Self::#owned)
            }
        },
    ]
}

/// The arguments as a tuple that owns everything.
pub(super) fn owned(shape: &Shape<'_>, owning: &[Owning]) -> TokenStream {
    let params = &shape.cached.function.params;
    let owned = owning.iter().zip(params).map(|(owning, param)| {
        let span = at(param.ty.span());
        let mut name = param.name.clone();
        name.set_span(name.span().located_at(span));
        let support = support_at(span);
        match owning {
            Owning::Move => quote!(#name),
            Owning::Lend(owner) => {
                let make = format_ident!("{}", owner.make, span = span);
                quote_spanned!(span=> #support::#make(#name))
            }
            Owning::LendOption(owner) => {
                let make = format_ident!("{}", owner.make, span = span);
                let lent = local("lent");
                quote_spanned!(span=> #name.map(|#lent| #support::#make(#lent)))
            }
        }
    });
    quote!((#(#owned,)*))
}
