//! What stands beside the function: `lookup` and the other companions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::companion::{Companion, TakesSelf, own_name};
use super::generics::turbofish;
use super::load::load;
use super::local::local;
use super::parts;
use super::place;
use super::shape::Shape;
use super::stale;
use super::uncached::body_call;

/// All of them, besides `uncached`.
pub(super) fn companions(shape: &Shape<'_>) -> Vec<TokenStream> {
    let all = [
        lookup(shape),
        peek(shape),
        put(shape),
        refresh(shape),
        invalidate(shape),
        expire(shape),
        clear(shape),
        key(shape),
        stats(shape),
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
    let support = shape.support();
    let returns = &shape.cached.function.returns;
    let (call, terms) = (place::found(shape), parts::terms(shape.cached));
    let apart = shape.apart(&shape.in_expressions(true));
    let [found, hit, asked] = ["found", "hit", "terms"].map(local);
    let load = load(shape, &found, &asked);
    let answered = quote!(return #support::near(#hit););
    let look = match place::hit(shape) {
        Some(look) => quote! {
            if let #support::Some(#hit) = #look {
                #answered
            }
            let #found = #call;
        },
        None => quote! {
            let #found = #call;
            if let #support::Some(#hit) = #found.hit() {
                #answered
            }
        },
    };
    Companion {
        name: "lookup",
        doc: format!("What `{}` gives, and where it came from.", own_name(shape)),
        which: shape.all(),
        takes_self: TakesSelf::AsIs,
        waits: true,
        extra: None,
        returns: quote!(#support::Lookup<#returns>),
        body: quote! {
            #apart
            #look
            let #asked = #terms;
            #load
        },
    }
}

fn peek(shape: &Shape<'_>) -> Companion {
    let (support, returns) = (shape.support(), &shape.cached.function.returns);
    let apart = shape.apart(&shape.in_expressions(false));
    let peek = either(shape, &place::found(shape), "peek", &quote!());
    Companion {
        name: "peek",
        doc: format!(
            "What is kept for a call of `{}` with these arguments, if anything is. Nothing is loaded.",
            own_name(shape)
        ),
        which: shape.counted(),
        takes_self: TakesSelf::ByReference,
        waits: true,
        extra: None,
        returns: quote!(#support::Option<#returns>),
        body: quote!(#apart #peek),
    }
}

fn put(shape: &Shape<'_>) -> Companion {
    let returns = &shape.cached.function.returns;
    let (terms, value) = (parts::terms(shape.cached), local("value"));
    let apart = shape.apart(&shape.in_expressions(true));
    let put = either(shape, &place::found(shape), "put", &quote!(&#terms, #value));
    Companion {
        name: "put",
        doc: format!(
            "Keeps `value` for calls of `{}` with these arguments. A load under way does not \
             overwrite it. An `Err` or a `None` is not kept, and removes what was.",
            own_name(shape)
        ),
        which: shape.storing(),
        takes_self: TakesSelf::ByReference,
        waits: true,
        extra: Some(quote!(#value: #returns)),
        returns: quote!(()),
        body: quote!(#apart #put),
    }
}

fn refresh(shape: &Shape<'_>) -> Companion {
    let returns = &shape.cached.function.returns;
    let (found, terms) = (place::found(shape), parts::terms(shape.cached));
    let apart = shape.apart(&shape.in_expressions(true));
    let [call, asked] = ["found", "terms"].map(local);
    let support = shape.support();
    let load = body_call(shape, &quote!(#support::Option::None));
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
        waits: true,
        extra: None,
        returns: quote!(#returns),
        body: quote! {
            #apart
            let #call = #found;
            let #asked = #terms;
            #run
        },
    }
}

fn invalidate(shape: &Shape<'_>) -> Companion {
    let support = shape.support();
    let apart = shape.apart(&shape.in_expressions(false));
    let invalidate = either(shape, &place::found(shape), "invalidate", &quote!());
    Companion {
        name: "invalidate",
        doc: format!(
            "Removes what is kept for a call of `{}` with these arguments. What is being loaded for \
             it is not kept.",
            own_name(shape)
        ),
        which: shape.counted(),
        takes_self: TakesSelf::ByReference,
        waits: true,
        extra: None,
        returns: quote!(#support::Invalidated),
        body: quote!(#apart #invalidate),
    }
}

fn expire(shape: &Shape<'_>) -> Companion {
    let support = shape.support();
    let apart = shape.apart(&shape.in_expressions(false));
    let expire = either(shape, &place::found(shape), "expire", &quote!());
    Companion {
        name: "expire",
        doc: format!(
            "Makes what is kept for a call of `{}` with these arguments stale: it is loaded anew, and may \
             answer until then as `stale_while_revalidate` and `stale_if_error` say. What is being loaded \
             for it is not kept.",
            own_name(shape)
        ),
        which: shape.counted(),
        takes_self: TakesSelf::ByReference,
        waits: true,
        extra: None,
        returns: quote!(#support::Invalidated),
        body: quote!(#apart #expire),
    }
}

fn clear(shape: &Shape<'_>) -> Companion {
    let support = shape.support();
    let clear = either(shape, &whole_cache(shape), "clear", &quote!());
    Companion {
        name: "clear",
        doc: format!("Removes everything that is kept for `{}`.", own_name(shape)),
        waits: true,
        returns: quote!(#support::Invalidated),
        ..whole(shape, &clear)
    }
}

fn stats(shape: &Shape<'_>) -> Companion {
    let (support, cache) = (shape.support(), whole_cache(shape));
    Companion {
        name: "stats",
        doc: format!("What the cache of `{}` has done so far.", own_name(shape)),
        returns: quote!(#support::CacheStats),
        ..whole(shape, &quote!(#cache.stats()))
    }
}

fn whole_cache(shape: &Shape<'_>) -> TokenStream {
    let (cache, placing) = (shape.hidden("cache"), shape.placing());
    let on = if shape.is_of_self() {
        shape.on()
    } else {
        quote!(Self::)
    };
    let turbofish = turbofish(&shape.generics(&placing));
    let names = shape.names(&placing);
    quote!(#on #cache #turbofish (#(#names),*))
}

/// A companion for the cache as a whole.
fn whole(shape: &Shape<'_>, body: &TokenStream) -> Companion {
    let placing = shape.placing();
    Companion {
        name: "",
        doc: String::new(),
        which: placing,
        takes_self: if shape.is_of_self() {
            TakesSelf::ByReference
        } else {
            TakesSelf::Not
        },
        waits: false,
        extra: None,
        returns: quote!(()),
        body: quote!(#body),
    }
}

fn key(shape: &Shape<'_>) -> Companion {
    let (support, found) = (shape.support(), place::found(shape));
    let apart = shape.apart(&shape.in_expressions(false));
    Companion {
        name: "key",
        doc: format!(
            "The key of a call of `{}` with these arguments, as it is written. {}",
            own_name(shape),
            if shape.cached.key.pattern().is_some() {
                "It is the key in Redis."
            } else {
                "In Redis it is the last part of the key."
            }
        ),
        which: shape.counted(),
        takes_self: TakesSelf::ByReference,
        waits: false,
        extra: None,
        returns: quote!(#support::String),
        body: quote!(#apart #found.text()),
    }
}
