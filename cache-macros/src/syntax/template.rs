//! `"user:{id}:{address.city}"`: text with placeholders; `{{` and `}}` stand for braces.

use std::ops::Range;

use proc_macro2::Span;
use syn::LitStr;
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;

/// A string literal taken apart.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) literal: LitStr,
    pub(crate) pieces: Vec<Piece>,
}

#[derive(Clone)]
pub(crate) enum Piece {
    Text(String),
    Place(Place),
}

/// One placeholder: an argument, and the fields to follow from it.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) fields: Vec<String>,
    pub(crate) span: Span,
}

impl Template {
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place(place) => Some(place),
            Piece::Text(_) => None,
        })
    }
}

/// Takes `literal` apart.
///
/// # Errors
/// At the place in the string where the compiler can point there, at the string otherwise.
pub(crate) fn template(literal: LitStr) -> syn::Result<Template> {
    let text = literal.value();
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        let wrong = |end, what| Err(syn::Error::new(inside(&literal, at..end), what));
        match c {
            '{' | '}' if text[next..].starts_with(c) => {
                plain.push(c);
                at = next + 1;
            }
            '{' => {
                let Some(length) = text[next..].find('}') else {
                    return wrong(text.len(), "`{` without a `}`; write `{{` for a brace");
                };
                let end = next + length;
                let span = inside(&literal, at..end + 1);
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Place(place(&text[next..end], span)?));
                at = end + 1;
            }
            '}' => return wrong(next, "`}` without a `{`; write `}}` for a brace"),
            _ => {
                plain.push(c);
                at = next;
            }
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(Template { literal, pieces })
}

/// A placeholder from what stands between its braces.
fn place(text: &str, span: Span) -> syn::Result<Place> {
    let refuse = |found: String| {
        let expected = "expected the name of an argument, or fields of one like `user.id`";
        Err(syn::Error::new(span, format!("{found}; {expected}")))
    };
    if text.trim().is_empty() {
        return refuse("a placeholder is empty".to_owned());
    }
    if let Some((name, spec)) = text.split_once(':') {
        return refuse(format!(
            "`{{{text}}}` asks for the format `{spec}`, and a placeholder takes none: write `{{{name}}}`"
        ));
    }
    let mut parts = text.split('.').map(str::to_owned);
    let name = parts.next().unwrap_or_default();
    let fields: Vec<_> = parts.collect();
    let index = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    // keywords that no field can be called, not even with `r#`
    let reserved = |part: &str| matches!(part, "self" | "Self" | "super" | "crate");
    let follows =
        |part: &String| !part.is_empty() && (index(part) || is_name(part) && !reserved(part));
    if !is_name(&name) || !fields.iter().all(follows) {
        return refuse(format!("`{{{text}}}` is no placeholder"));
    }
    Ok(Place { name, fields, span })
}

fn is_name(text: &str) -> bool {
    // `{type}` stands for an argument `r#type`
    text != "_" && syn::Ident::parse_any.parse_str(text).is_ok()
}

/// The span of `range` in the string, where the compiler gives it and nothing in the string is escaped.
fn inside(literal: &LitStr, range: Range<usize>) -> Span {
    let token = literal.token();
    let verbatim = token.to_string() == format!("\"{}\"", literal.value());
    let part = verbatim.then(|| token.subspan(range.start + 1..range.end + 1));
    part.flatten().unwrap_or_else(|| literal.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let literal = LitStr::new(text, Span::call_site());
        let read = template(literal).map_err(|error| error.to_string())?;
        let shown = read.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => format!("'{text}'"),
            Piece::Place(place) if place.fields.is_empty() => place.name.clone(),
            Piece::Place(place) => format!("{}.{}", place.name, place.fields.join(".")),
        });
        Ok(shown.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn takes_text_and_placeholders_apart() {
        for (text, pieces) in [
            ("", ""),
            ("user", "'user'"),
            ("user:{id}", "'user:' id"),
            ("{a}{b.c.0}é", "a b.c.0 'é'"),
            ("{{{a}}}", "'{' a '}'"),
            ("{self.id}", "self.id"),
            ("{type}:{user.fn}", "type ':' user.fn"),
        ] {
            assert_eq!(read(text), Ok(pieces.to_owned()), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, start) in [
            ("{", "`{` without a `}`"),
            ("a}b", "`}` without a `{`"),
            ("{}", "a placeholder is empty"),
            ("{id:?}", "`{id:?}` asks for the format `?`"),
            ("{id.}", "`{id.}` is no placeholder"),
            ("{0}", "`{0}` is no placeholder"),
            ("{f()}", "`{f()}` is no placeholder"),
            ("{a b}", "`{a b}` is no placeholder"),
            ("{_}", "`{_}` is no placeholder"),
            ("{a._}", "`{a._}` is no placeholder"),
            ("{a.self}", "`{a.self}` is no placeholder"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(start), "{text}: {error}");
        }
    }
}
