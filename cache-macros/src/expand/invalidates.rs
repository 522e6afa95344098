//! `#[invalidates]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::paths::Library;
use crate::plan::{Part, Runs, Stale, What, When, Writer};

use super::closure::closure;
use super::local::{at, local};
use super::parts::written;
use super::stale;

/// The function, with what it does around its body.
pub(crate) fn invalidates(writer: &Writer) -> TokenStream {
    let item = &writer.item;
    let (attrs, vis, sig) = (&item.attrs, &item.vis, &item.sig);
    let doc = doc(writer);
    let body = body(writer);
    quote! {
        #(#attrs)*
        #[doc = ""]
        #[doc = #doc]
        #vis #sig {
            #body
        }
    }
}

fn doc(writer: &Writer) -> String {
    let said = writer
        .stale
        .iter()
        .map(|stale| format!("`{}`", stale.said.replace('`', "'")));
    let said: Vec<_> = said.collect();
    let when = match writer.when {
        When {
            before: true,
            after: true,
        } => "before and after",
        When { before: true, .. } => "before",
        When { .. } => "after it succeeds",
    };
    format!("Invalidates, {when}: {}.", said.join(", "))
}

fn body(writer: &Writer) -> TokenStream {
    let support = writer.library.support();
    let [within, call] = ["within", "writer"].map(local);
    let toolkit = match &writer.toolkit {
        Some(toolkit) => {
            let span = at(toolkit.span());
            let support = writer.library.support_at(span);
            quote_spanned!(span=> #support::Within::of(&(#toolkit)))
        }
        None => quote!(#support::Within::current()),
    };
    let stale = writer
        .stale
        .iter()
        .map(|stale| one(&writer.library, stale, &quote!(#within)));
    let rendered = quote! {
        let #within = #toolkit;
        let #call = #support::Writer::new([#(#stale),*]);
    };
    let around = around(writer);
    match writer.runs {
        Runs::Blocking | Runs::Async => quote!(#rendered #around),
        Runs::Future | Runs::Boxed => {
            let (future, closure) = (local("future"), closure(&writer.item, writer.runs));
            let around = quote!(async move { #around });
            let around = if writer.runs == Runs::Boxed {
                quote!(#support::Box::pin(#around))
            } else {
                around
            };
            quote! {
                #rendered
                let #future = #support::call(#closure);
                #around
            }
        }
    }
}

/// What is done around the body, where it runs.
fn around(writer: &Writer) -> TokenStream {
    let support = writer.library.support();
    let [call, writing, output] = ["writer", "writing", "output"].map(local);
    let blocking = writer.runs == Runs::Blocking;
    let (invalidate, end, awaited) = if blocking {
        (quote!(invalidate_blocking), quote!(end_blocking), None)
    } else {
        (quote!(invalidate), quote!(end), Some(quote!(.await)))
    };
    let before = writer
        .when
        .before
        .then(|| quote!(#call.#invalidate() #awaited;));
    let run = match writer.runs {
        Runs::Blocking | Runs::Async => {
            let closure = closure(&writer.item, writer.runs);
            quote!(#support::call(#closure) #awaited)
        }
        Runs::Future | Runs::Boxed => {
            let future = local("future");
            quote!(#future.await)
        }
    };
    if !writer.when.after {
        return quote!(#before #run);
    }
    quote! {
        #before
        let #writing = #call.begin();
        let #output = #run;
        #writing.#end({
            use #support::probes::*;
            (&&#support::Outcome(&#output)).succeeded()
        }) #awaited;
        #output
    }
}

fn one(library: &Library, stale: &Stale, within: &TokenStream) -> TokenStream {
    let expiring = stale.expires.then(|| quote!(.expiring()));
    let stale = named(library, stale, within);
    quote!(#stale #expiring)
}

fn named(library: &Library, stale: &Stale, within: &TokenStream) -> TokenStream {
    match &stale.what {
        What::Call(path, arguments) => {
            let call = stale::call(path, arguments);
            quote!(#call.stale(&#within))
        }
        What::Method(call) => {
            let call = stale::method_call(call);
            quote!(#call.stale(&#within))
        }
        What::Clear(path) => {
            let cache = stale::cache(path);
            quote!(#cache.stale(&#within))
        }
        What::Tag(parts) => {
            let (tag, parts) = (local("tag"), text(library, parts));
            quote!(#within.tag(|#tag| { #parts }))
        }
        What::Prefix(parts) => {
            let (tag, parts) = (local("tag"), text(library, parts));
            quote!(#within.prefix(|#tag| { #parts }))
        }
        What::Pattern(parts) => {
            let (glob, tag) = (local("glob"), local("tag"));
            let parts = parts.iter().map(|part| match part {
                Part::Text(glob_text) => quote!(#glob.glob(#glob_text);),
                Part::Place { .. } => {
                    let value = text(library, std::slice::from_ref(part));
                    quote!(#glob.value(|#tag| { #value });)
                }
            });
            quote!(#within.pattern(|#glob| { #(#parts)* }))
        }
    }
}

/// Statements that write `parts` to what is called `tag`.
fn text(library: &Library, parts: &[Part]) -> TokenStream {
    written(library, &local("tag"), parts)
}
