//! Keys, tags and terms as expressions. The arguments are in scope, as values or as references.

use std::time::Duration;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::Index;
use syn::spanned::Spanned as _;

use crate::paths::Library;
use crate::plan::{Cached, Key, Lasting, Part};

use super::local::{at, local};

/// An expression that lends the bytes of the key of a call to `then`.
pub(super) fn key(cached: &Cached, then: &TokenStream) -> TokenStream {
    let support = cached.library.support();
    match &cached.key {
        Key::Own(counted) => {
            let parts = counted.iter().map(|counted| {
                // what cannot be a key is reported at the type
                let span = at(counted.span);
                let mut name = counted.name.clone();
                name.set_span(name.span().located_at(span));
                let support = cached.library.support_at(span);
                quote_spanned!(span=> #support::part(&#name))
            });
            quote!(#support::KeyWriter::seek(&(#(#parts,)*), #then))
        }
        // the key of a cache that was given is written there
        Key::Value(_) => quote!(#then(#support::Sought::of(&[]))),
        Key::Exact {
            parts, separators, ..
        } => {
            let key = local("key");
            let separators = Literal::byte_string(separators);
            let parts = written(&cached.library, &key, parts);
            quote!({
                let mut #key = #support::KeyWriter::exact(#separators);
                #parts
                #key.sought(#then)
            })
        }
    }
}

/// An expression for what a call says about what it loads.
pub(super) fn terms(cached: &Cached) -> TokenStream {
    let support = cached.library.support();
    let ttl = cached.ttl.as_ref().map(|ttl| {
        let span = at(ttl.span());
        let ttl = time(cached, ttl);
        quote_spanned!(span=> .ttl(#ttl))
    });
    let tags = cached.tags.iter().map(|tag| {
        let parts = written(&cached.library, &local("tag"), &tag.parts);
        let tag = local("tag");
        quote!(.tag(|#tag| { #parts }))
    });
    quote!(#support::Terms::new() #ttl #(#tags)*)
}

/// An expression for a time.
pub(super) fn time(cached: &Cached, time: &Lasting) -> TokenStream {
    match time {
        Lasting::Fixed(time, _) => fixed(&cached.library, *time),
        Lasting::Given(expression) => {
            let span = at(expression.span());
            let support = cached.library.support_at(span);
            quote_spanned!(span=> #support::time(#expression))
        }
    }
}

/// An expression for a time that is known.
pub(super) fn fixed(library: &Library, time: Duration) -> TokenStream {
    let support = library.support();
    let secs = Literal::u64_unsuffixed(time.as_secs());
    let nanos = Literal::u32_unsuffixed(time.subsec_nanos());
    quote!(#support::Duration::new(#secs, #nanos))
}

/// Statements that append `parts` to the writer `key`.
pub(super) fn written(library: &Library, key: &Ident, parts: &[Part]) -> TokenStream {
    let support = library.support();
    let has_places = parts.iter().any(|part| matches!(part, Part::Place { .. }));
    let traits = has_places.then(|| quote!(use #support::probes::*;));
    let reference = match parts {
        // a closure is handed a reference, a block holds the writer itself
        _ if key == "tag" => quote!(#key),
        _ => quote!(&mut #key),
    };
    let parts = parts.iter().map(|part| match part {
        Part::Text(text) => quote!(#key.literal(#text);),
        Part::Place { root, fields, span } => {
            let mut root = root.clone();
            root.set_span(root.span().located_at(*span));
            let fields = fields.iter().map(|field| match field.parse::<u32>() {
                Ok(index) => {
                    let index = Index { index, span: *span };
                    quote!(.#index)
                }
                Err(_) => {
                    // as a name: a keyword takes `r#`
                    let mut field: Ident = syn::parse_str(field)
                        .unwrap_or_else(|_| Ident::new_raw(field, root.span()));
                    field.set_span(root.span());
                    quote!(.#field)
                }
            });
            let span = at(*span);
            let support = library.support_at(span);
            quote_spanned!(span=> (&&&#support::Part(&#root #(#fields)*)).write(#reference);)
        }
    });
    quote!(#traits #(#parts)*)
}
