//! A limit of a function's own as a policy of the library. What the options give is checked in the compiler, each at
//! its place.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Lit};

use crate::paths::Library;
use crate::plan::{Ban, Lasting, Rule};

use super::local::at;
use super::parts::fixed;

/// An expression for the policy of the function of this name.
pub(super) fn policy(library: &Library, rule: &Rule, function: &str) -> TokenStream {
    let support = library.support();
    let name = match &rule.name {
        Some(name) => quote!(#name),
        None => quote!(#support::policy_name(#support::Code::around(|| {}), #function)),
    };
    let permits = amount(library, &rule.limit, "permits");
    let period = period(library, &rule.per);
    let burst = rule.burst.as_ref().map(|burst| {
        let burst = amount(library, burst, "burst");
        quote!(.burst(#burst))
    });
    let algorithm = rule.algorithm.map(|algorithm| {
        let algorithm = word(algorithm);
        quote!(.algorithm(#support::Algorithm::#algorithm))
    });
    let on_unavailable = rule.on_unavailable.map(|who| {
        let who = word(who);
        quote!(.on_unavailable(#support::OnUnavailable::#who))
    });
    let shadow = rule.shadow.then(|| quote!(.shadow(true)));
    let leases = rule.leases.as_ref().map(|leases| {
        let leases = amount(library, leases, "leases");
        quote!(.leases(#leases))
    });
    let keys = rule.max_keys.as_ref().map(|keys| {
        let keys = amount(library, keys, "keys");
        quote!(.max_keys(#keys))
    });
    let ban = rule.ban.as_ref().map(|said| {
        let ban = ban(library, said);
        quote!(.ban(#ban))
    });
    quote! {
        #support::Policy::new(#name, #support::Quota::new(#permits, #period) #burst)
            #algorithm #on_unavailable #shadow #leases #keys #ban
    }
}

fn ban(library: &Library, ban: &Ban) -> TokenStream {
    let support = library.support();
    let after = amount(library, &ban.after, "denials");
    let within = period(library, &ban.within);
    let lasts = ban.lasts.as_ref().map(|lasts| {
        let lasts = period(library, lasts);
        quote!(.lasting(#lasts))
    });
    quote!(#support::Ban::after(#after, #within) #lasts)
}

fn word(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// `amount`, which the function `check` of the library refuses or takes.
fn amount(library: &Library, amount: &Expr, check: &str) -> TokenStream {
    let span = at(amount.span());
    let (support, check) = (library.support_at(span), format_ident!("{check}"));
    quote_spanned!(span=> const { #support::#check((#amount) as #support::i128) })
}

fn period(library: &Library, time: &Lasting) -> TokenStream {
    let span = at(time.span());
    let support = library.support_at(span);
    let time = match time {
        Lasting::Fixed(time, _) => fixed(library, *time),
        Lasting::Given(constant) => quote!(#constant),
    };
    quote_spanned!(span=> const { #support::period(#time) })
}

/// The quota in words, for the documentation of the function.
pub(super) fn said(rule: &Rule) -> String {
    let (limit, per) = (&rule.limit, &rule.per);
    let per = match per {
        Lasting::Fixed(_, Lit::Str(text)) => text.value(),
        Lasting::Fixed(time, _) => format!("{}s", time.as_secs()),
        Lasting::Given(given) => format!("`{}`", quote!(#given)),
    };
    let burst = rule.burst.as_ref();
    let burst = burst.map(|burst| format!(", {} at once", quote!(#burst)));
    format!("{} per {per}{}", quote!(#limit), burst.unwrap_or_default())
}
