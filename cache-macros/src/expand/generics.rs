//! The type parameters of a companion: those that what it takes tells.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, Ident, WhereClause};

/// Those of `generics` that `inputs` name, and those that these depend on.
pub(super) fn told_by(generics: &Generics, inputs: TokenStream) -> Generics {
    let mut kept = HashSet::new();
    gather(inputs, &mut kept);
    let own: HashSet<_> = generics.params.iter().map(name).collect();
    let predicates = generics.where_clause.iter();
    let predicates = predicates.flat_map(|clause| &clause.predicates);
    let params = generics.params.iter();
    let groups: Vec<HashSet<String>> = params
        .map(ToTokens::to_token_stream)
        .chain(predicates.map(ToTokens::to_token_stream))
        .map(|tokens| {
            let mut names = HashSet::new();
            gather(tokens, &mut names);
            names.intersection(&own).cloned().collect()
        })
        .collect();
    // a bound of what is kept keeps what it names
    loop {
        let before = kept.len();
        for group in &groups {
            if !group.is_disjoint(&kept) {
                kept.extend(group.iter().cloned());
            }
        }
        if kept.len() == before {
            break;
        }
    }
    let params = generics.params.iter();
    let params = params.filter(|param| kept.contains(&name(param)));
    let clause = generics.where_clause.as_ref().map(|clause| {
        let predicates = clause.predicates.iter().filter(|predicate| {
            let mut names = HashSet::new();
            gather(predicate.to_token_stream(), &mut names);
            names.intersection(&own).all(|name| kept.contains(name))
        });
        WhereClause {
            where_token: clause.where_token,
            predicates: predicates.cloned().collect(),
        }
    });
    Generics {
        params: params.cloned().collect(),
        where_clause: clause,
        ..generics.clone()
    }
}

/// The type arguments that hand `generics` on.
pub(super) fn turbofish(generics: &Generics) -> Option<TokenStream> {
    turbofish_and(generics, 0)
}

/// [`turbofish`] with so many more that are inferred.
pub(super) fn turbofish_and(generics: &Generics, more: usize) -> Option<TokenStream> {
    let names: Vec<_> = generics.params.iter().filter_map(argument).collect();
    let inferred = std::iter::repeat_n(quote!(_), more);
    (!names.is_empty()).then(|| quote!(::<#(#names,)* #(#inferred),*>))
}

fn argument(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(param) => Some(&param.ident),
        GenericParam::Const(param) => Some(&param.ident),
        GenericParam::Lifetime(_) => None,
    }
}

fn name(param: &GenericParam) -> String {
    match param {
        GenericParam::Lifetime(param) => format!("'{}", param.lifetime.ident),
        GenericParam::Type(param) => param.ident.to_string(),
        GenericParam::Const(param) => param.ident.to_string(),
    }
}

/// The identifiers in `tokens`, those of lifetimes with their quote.
fn gather(tokens: TokenStream, names: &mut HashSet<String>) {
    let mut quoted = false;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if quoted => {
                names.insert(format!("'{ident}"));
            }
            TokenTree::Ident(ident) => {
                names.insert(ident.to_string());
            }
            TokenTree::Group(group) => gather(group.stream(), names),
            TokenTree::Punct(punct) => {
                quoted = punct.as_char() == '\'';
                continue;
            }
            TokenTree::Literal(_) => {}
        }
        quoted = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_the_arguments_tell() {
        let function: syn::ItemFn = syn::parse_quote! {
            fn f<'a, 'b: 'a, S: Into<T>, T, U, const N: usize>(s: &'a S, n: [u8; N])
            where
                U: From<u8>,
                T: Copy,
                Self: Sized,
            {}
        };
        for (inputs, params, predicates) in [
            (quote!(&S), "S T", 2),
            (quote!(&'a [u8; N]), "'a 'b N", 1),
            (quote!(u8), "", 1),
            (quote!(T), "S T", 2),
            (quote!(U), "U", 2),
        ] {
            let told = told_by(&function.sig.generics, inputs.clone());
            let names: Vec<_> = told.params.iter().map(name).collect();
            assert_eq!(names.join(" "), params, "{inputs}");
            let clause = told
                .where_clause
                .map_or(0, |clause| clause.predicates.len());
            assert_eq!(clause, predicates, "{inputs}");
        }
    }
}
