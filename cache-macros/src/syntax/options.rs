//! The options of an attribute: `word`, `word = expression`, `word(..)`, separated by commas.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, Lit, Token, parenthesized, token};

/// One option.
pub(crate) struct Opt {
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

/// What an option says.
pub(crate) enum Value {
    Nothing,
    Is(Expr),
    List(token::Paren, TokenStream),
}

impl Parse for Opt {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(nameless(input));
        }
        let name = input.call(Ident::parse_any)?;
        if input.peek(Token![:]) {
            let what = format!("the value of an option stands after `=`: `{name} = ..`");
            return Err(input.error(what));
        }
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Is(input.parse()?)
        } else if input.peek(token::Paren) {
            let list;
            let paren = parenthesized!(list in input);
            Value::List(paren, list.parse()?)
        } else {
            Value::Nothing
        };
        Ok(Self { name, value })
    }
}

/// What stands where an option is expected.
fn nameless(input: ParseStream<'_>) -> Error {
    const EXPECTED: &str = "expected an option: `name`, `name = value` or `name(..)`";
    let literal = input.fork().parse::<Lit>();
    match literal {
        Ok(found @ (Lit::Int(_) | Lit::Str(_))) => {
            let said = found.to_token_stream();
            let what = format!("found `{said}` without a name; {EXPECTED}");
            Error::new(found.span(), what)
        }
        _ => input.error(EXPECTED),
    }
}

/// All options.
pub(crate) fn options(tokens: TokenStream) -> syn::Result<Vec<Opt>> {
    let options = Punctuated::<Opt, Token![,]>::parse_terminated.parse2(tokens)?;
    Ok(options.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn reads_the_three_forms() {
        let read = options(quote!(once, ttl = 60 * 5, skip(a, b),)).unwrap();
        let names: Vec<_> = read.iter().map(|opt| opt.name.to_string()).collect();
        assert_eq!(names, ["once", "ttl", "skip"]);
        assert!(matches!(read[0].value, Value::Nothing));
        assert!(matches!(read[1].value, Value::Is(Expr::Binary(_))));
        assert!(matches!(read[2].value, Value::List(..)));
    }

    #[test]
    fn refuses_what_is_no_option() {
        assert!(options(quote!(60)).is_err());
        assert!(options(quote!(ttl =)).is_err());
        assert!(options(quote!(ttl = 1 name = "x")).is_err());
    }
}
