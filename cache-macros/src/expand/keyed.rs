//! `#[derive(CacheKey)]`: how a type writes itself.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Member, parse_quote};

use crate::plan::{Counts, Form, Keyed, Variant, mentions};

use super::local::{at, local};

/// The implementations.
pub(crate) fn keyed(keyed: &Keyed) -> TokenStream {
    let support = keyed.library.support();
    let name = &keyed.input.ident;
    let mut generics = keyed.input.generics.clone();
    let counts = keyed.form.counts();
    for parameter in generics.type_params_mut() {
        let name = parameter.ident.unraw().to_string();
        let is_part = |counts: &&Counts| mentions(counts.ty.to_token_stream(), &name);
        if counts.iter().any(is_part) {
            parameter.bounds.push(parse_quote!(#support::CacheKey));
        }
    }
    let (generics, types, bounds) = generics.split_for_impl();
    let key = local("key");
    let write = write(keyed, &quote!(#key));
    let ready = match &keyed.form {
        Form::Newtype(only) => {
            let ready = of_newtype(only, "ready", &quote!(), keyed);
            Some(quote! {
                #[inline]
                fn ready(&self) -> #support::Ready<'_> {
                    #ready
                }
            })
        }
        Form::Struct(_) | Form::Enum(_) => None,
    };
    quote! {
        #[automatically_derived]
        impl #generics #support::CacheKey for #name #types #bounds {
            #[inline]
            fn write(&self, #key: &mut #support::KeyWriter) {
                #write
            }
            #ready
        }

        #[automatically_derived]
        impl #generics #support::KeyFor<#name #types> for #name #types #bounds {}
    }
}

fn write(keyed: &Keyed, key: &TokenStream) -> TokenStream {
    let support = keyed.library.support();
    match &keyed.form {
        Form::Newtype(only) => of_newtype(only, "write", &quote!(, #key), keyed),
        Form::Struct(counts) => {
            let parts = counts.iter().map(|counts| {
                let field = of_self(counts);
                part(counts, &field, keyed)
            });
            quote!(#support::CacheKey::write(&(#(#parts,)*), #key))
        }
        Form::Enum(variants) if variants.is_empty() => quote!(match *self {}),
        Form::Enum(variants) => {
            let arms = variants.iter().map(|variant| arm(variant, key, keyed));
            quote!(match self { #(#arms)* })
        }
    }
}

fn arm(variant: &Variant, key: &TokenStream, keyed: &Keyed) -> TokenStream {
    let support = keyed.library.support();
    let name = &variant.name;
    let text = name.unraw().to_string();
    let members = variant.counts.iter().map(|counts| &counts.member);
    let bound = members.clone().map(|member| match member {
        Member::Named(name) => local(&format!("part_{}", name.unraw())),
        Member::Unnamed(index) => local(&format!("part_{}", index.index)),
    });
    let bound: Vec<_> = bound.collect();
    let parts = variant.counts.iter().zip(&bound);
    let parts = parts.map(|(counts, bound)| {
        let mut bound = bound.clone();
        bound.set_span(bound.span().located_at(counts.ty.span()));
        part(counts, &quote!(#bound), keyed)
    });
    let written = match &bound[..] {
        [] => quote!(#text),
        _ => quote!(&(#text, #(#parts),*)),
    };
    quote! {
        Self::#name { #(#members: #bound,)* .. } => #support::CacheKey::write(#written, #key),
    }
}

/// `field` as a part of a key, reported at its type when it is none.
fn part(counts: &Counts, field: &TokenStream, keyed: &Keyed) -> TokenStream {
    let span = at(counts.ty.span());
    let support = keyed.library.support_at(span);
    quote_spanned!(span=> #support::part(#field))
}

/// What the only field does, reported at its type when it is no key.
fn of_newtype(only: &Counts, method: &str, more: &TokenStream, keyed: &Keyed) -> TokenStream {
    let span = at(only.ty.span());
    let support = keyed.library.support_at(span);
    let (field, method) = (of_self(only), format_ident!("{method}", span = span));
    quote_spanned!(span=> #support::CacheKey::#method(#field #more))
}

fn of_self(counts: &Counts) -> TokenStream {
    let span = at(counts.ty.span());
    let mut member = counts.member.clone();
    match &mut member {
        Member::Named(name) => name.set_span(name.span().located_at(span)),
        Member::Unnamed(index) => index.span = span,
    }
    quote_spanned!(span=> &self.#member)
}
