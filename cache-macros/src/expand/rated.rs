//! `#[rate_limited]`.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{FnArg, Ident, ItemFn, Pat};

use crate::plan::{Gives, Limit, Rated, Runs, Whose};

use super::closure::closure;
use super::local::{at, local};
use super::parts::written;
use super::rule::{policy, said};

/// The function, with what is asked before its body.
pub(crate) fn rated(rated: &Rated) -> TokenStream {
    let mut item = rated.item.clone();
    let client = match rated.whose {
        Whose::Client(at) => Some(named(&mut item, at)),
        Whose::All | Whose::Each { .. } | Whose::Of(_) => None,
    };
    let (peer, apart) = client.unzip();
    let apart = apart.flatten();
    let (attrs, vis, sig) = (&item.attrs, &item.vis, &item.sig);
    let documented = attrs.iter().any(|attr| attr.path().is_ident("doc"));
    let blank = documented.then(|| quote!(#[doc = ""]));
    let doc = doc(rated);
    // what stands around the user's future is no reason to tell the user to write it otherwise
    let future = (rated.runs == Runs::Future).then(|| quote!(#[allow(clippy::manual_async_fn)]));
    let body = body(rated, peer.as_ref());
    let mut block = TokenStream::new();
    let brace = item.block.brace_token;
    brace.surround(&mut block, |block| block.extend(quote!(#apart #body)));
    quote! {
        #(#attrs)*
        #blank
        #[doc = #doc]
        #future
        #vis #sig #block
    }
}

/// The name of an argument of `item`, and what takes it apart where the function did.
fn named(item: &mut ItemFn, which: usize) -> (Ident, Option<TokenStream>) {
    let peer = local("peer");
    let Some(FnArg::Typed(typed)) = item.sig.inputs.iter_mut().nth(which) else {
        return (peer, None);
    };
    match &*typed.pat {
        Pat::Ident(pat) if pat.subpat.is_none() => (pat.ident.clone(), None),
        pat => {
            let apart = pat.clone();
            *typed.pat = Pat::Verbatim(quote!(#peer));
            let apart = quote!(let #apart = #peer;);
            (peer, Some(apart))
        }
    }
}

fn doc(rated: &Rated) -> String {
    let whose = match &rated.whose {
        Whose::All => "for all calls together".to_owned(),
        Whose::Each { template, .. } => format!("for each `{}`", template.value()),
        Whose::Of(key) => format!("for each `{}`", quote!(#key)),
        Whose::Client(_) => "for each client address".to_owned(),
    };
    let much = match &rated.limit {
        Limit::Own { rule, .. } => format!(": {}", said(rule)),
        Limit::Given(limiter) => format!(" by `{}`", quote!(#limiter)),
    };
    format!("Rate limited{much}, {whose}.").replace('\n', " ")
}

fn body(rated: &Rated, peer: Option<&Ident>) -> TokenStream {
    let support = rated.library.support();
    let [limit, key, asking, admitted, refused] =
        ["limit", "key", "asking", "_admitted", "refused"].map(local);
    let blocking = rated.runs == Runs::Blocking;
    let (admit, awaited) = if blocking {
        (quote!(admit_blocking), None)
    } else {
        (quote!(admit), Some(quote!(.await)))
    };
    let (place, whose, cost) = (place(rated), whose(rated, peer), cost(rated));
    let refuse = refuse(rated, &refused);
    // the key is let go of before anybody waits
    let asks = quote! {
        let #asking = {
            let #limit = #place;
            let #key = #whose;
            #limit.#admit(&#key, #cost)
        };
    };
    let enter = quote! {
        let #admitted = match #asking #awaited {
            #support::Ok(#admitted) => #admitted,
            #support::Err(#refused) => return #refuse,
        };
    };
    let statements = &rated.item.block.stmts;
    match rated.runs {
        Runs::Blocking | Runs::Async if matches!(rated.gives, Gives::Response) => {
            let run = if blocking {
                quote!(#support::call(move || { #(#statements)* }))
            } else {
                quote!(async move { #(#statements)* }.await)
            };
            quote!(#asks #enter #support::respond(#run))
        }
        Runs::Blocking | Runs::Async => quote!(#asks #enter #(#statements)*),
        Runs::Future | Runs::Boxed => {
            let run = closure(&rated.item, rated.runs);
            let run = quote!(#support::call(#run).await);
            let run = match rated.gives {
                Gives::Response => quote!(#support::respond(#run)),
                Gives::Value(_) | Gives::ResultOr(_) => run,
            };
            let around = quote!(async move { #asks #enter #run });
            if rated.runs == Runs::Boxed {
                quote!(#support::Box::pin(#around))
            } else {
                around
            }
        }
    }
}

/// An expression for who decides.
fn place(rated: &Rated) -> TokenStream {
    let support = rated.library.support();
    match &rated.limit {
        Limit::Given(limiter) => {
            let span = at(limiter.span());
            let support = rated.library.support_at(span);
            quote_spanned!(span=> #support::Rated::given(&(#limiter)))
        }
        Limit::Own { toolkit, rule } => {
            let function = rated.item.sig.ident.unraw().to_string();
            let policy = policy(&rated.library, rule, &function);
            let found = match toolkit {
                None => quote!(#support::Rated::own(&__SLOT, || #policy)),
                Some(toolkit) => {
                    let span = at(toolkit.span());
                    let support = rated.library.support_at(span);
                    quote_spanned!(span=> #support::Rated::own_in(&(#toolkit), &__SLOT, || #policy))
                }
            };
            quote!({
                static __SLOT: #support::Slot = #support::Slot::new();
                #found
            })
        }
    }
}

/// An expression for the key of a call, as it was written.
fn whose(rated: &Rated, peer: Option<&Ident>) -> TokenStream {
    let support = rated.library.support();
    match &rated.whose {
        Whose::All => quote!(#support::KeyWriter::new()),
        Whose::Each {
            parts, separators, ..
        } => {
            let key = local("written");
            let separators = Literal::byte_string(separators);
            let parts = written(&rated.library, &key, parts);
            quote!({
                let mut #key = #support::KeyWriter::exact(#separators);
                #parts
                #key
            })
        }
        Whose::Of(key) => {
            let span = at(key.span());
            let support = rated.library.support_at(span);
            quote_spanned!(span=> #support::KeyWriter::of(&(#key)))
        }
        Whose::Client(which) => {
            let ty = match rated.item.sig.inputs.iter().nth(*which) {
                Some(FnArg::Typed(typed)) => typed.ty.span(),
                _ => rated.item.sig.ident.span(),
            };
            // what tells no address is reported at its type
            let span = at(ty);
            let support = rated.library.support_at(span);
            let peer = peer.map(|peer| {
                let mut peer = peer.clone();
                peer.set_span(peer.span().located_at(span));
                peer
            });
            quote_spanned!(span=> #support::client(&#peer))
        }
    }
}

fn cost(rated: &Rated) -> TokenStream {
    match &rated.cost {
        None => quote!(1),
        Some(cost) => quote!(#cost),
    }
}

/// An expression for what the function gives whose call was refused.
fn refuse(rated: &Rated, refused: &Ident) -> TokenStream {
    if let Some(say) = &rated.on_limited {
        let span = at(say.span());
        let support = rated.library.support_at(span);
        let said = quote_spanned!(span=> #support::on_limited(#refused, #say));
        return match &rated.gives {
            Gives::Response => {
                let support = rated.library.support();
                quote!(#support::respond(#said))
            }
            Gives::Value(_) | Gives::ResultOr(_) => said,
        };
    }
    let probe = |ty: &TokenStream, span| {
        let support = rated.library.support_at(span);
        // what cannot say so is reported where it stands
        let refuse = quote_spanned!(span=> .refuse(#refused));
        quote!({
            use #support::probes::*;
            (&&&#support::Refusal::<#ty>::of()) #refuse
        })
    };
    match &rated.gives {
        Gives::Value(ty) => probe(&quote!(#ty), at(ty.span())),
        Gives::ResultOr(error) => {
            let support = rated.library.support();
            let none = quote!(#support::Result<#support::Infallible, #error>);
            let refused = probe(&none, at(error.span()));
            quote!(#support::failed(#refused))
        }
        Gives::Response => {
            let support = rated.library.support();
            quote!(#support::respond(#refused))
        }
    }
}
