//! What `#[invalidates]` is given: `f(..)`, `x.f(..)`, `word`, `word = expression`, separated by commas.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprCall, ExprMethodCall, ExprPath, Ident, Token};

/// One of them.
pub(crate) enum Entry {
    Word(Ident),
    Is(Ident, Expr),
    /// A call of what `ExprPath` names.
    Call(ExprPath, ExprCall),
    Method(ExprMethodCall),
    Other(Expr),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let is = input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        if is {
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            return Ok(Self::Is(name, input.parse()?));
        }
        Ok(Self::of(input.parse()?))
    }
}

impl Entry {
    /// What `expression` says.
    pub(crate) fn of(expression: Expr) -> Self {
        match expression {
            // what a `macro_rules` macro handed on comes wrapped
            Expr::Group(group) => Self::of(*group.expr),
            Expr::Call(call) => match bare(&call.func) {
                Expr::Path(path) => Self::Call(path.clone(), call),
                _ => Self::Other(Expr::Call(call)),
            },
            Expr::MethodCall(call) => Self::Method(call),
            Expr::Path(path) => match path.path.get_ident() {
                Some(word) => Self::Word(word.clone()),
                None => Self::Other(Expr::Path(path)),
            },
            other => Self::Other(other),
        }
    }
}

fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Group(group) => bare(&group.expr),
        other => other,
    }
}

/// All of them.
pub(crate) fn invalidations(tokens: TokenStream) -> syn::Result<Vec<Entry>> {
    let entries = Punctuated::<Entry, Token![,]>::parse_terminated.parse2(tokens)?;
    Ok(entries.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn reads_each_form() {
        let read = invalidations(quote!(
            f(a, &b),
            shop::list::<u64>(),
            <Shop>::price(self),
            self.shop.price(1),
            before,
            toolkit = &self.toolkit,
            crate = ::other,
            "text",
        ));
        let forms = read.unwrap().into_iter().map(|entry| match entry {
            Entry::Word(_) => 'w',
            Entry::Is(..) => '=',
            Entry::Call(..) => 'c',
            Entry::Method(_) => 'm',
            Entry::Other(_) => 'o',
        });
        assert_eq!(forms.collect::<String>(), "cccmw==o");
    }
}
