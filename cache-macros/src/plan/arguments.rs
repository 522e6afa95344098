//! Placeholders meet the arguments.

use proc_macro2::Span;
use syn::ext::IdentExt as _;

use crate::problems::{Problems, listed};
use crate::syntax::{Piece, Place, Template};

use super::function::Function;
use super::part::Part;

/// The parts of a template, once every placeholder is known to name an argument.
pub(super) fn parts(
    what: &str,
    template: &Template,
    function: &Function,
    problems: &mut Problems,
) -> Vec<Part> {
    let pieces = template.pieces.iter();
    pieces
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(Part::Text(text.clone())),
            Piece::Place(place) => find(what, place, function, problems),
        })
        .collect()
}

fn find(what: &str, place: &Place, function: &Function, problems: &mut Problems) -> Option<Part> {
    let name = &place.name;
    let fields = place.fields.clone();
    let span = place.span;
    if name == "self" {
        let Some(receiver) = function.receiver() else {
            problems.at(
                span,
                format!("{{self}} in {what}: this function has no `self`"),
            );
            return None;
        };
        let root = syn::Ident::new("self", receiver.self_token.span);
        return Some(Part::Place { root, fields, span });
    }
    if let Some(bound) = function.bound(name) {
        let root = bound.clone();
        return Some(Part::Place { root, fields, span });
    }
    problems.at(span, stranger(what, name, function));
    None
}

fn stranger(what: &str, name: &str, function: &Function) -> String {
    let own = function.name().unraw();
    let names = function.names();
    if names.is_empty() {
        return format!("{{{name}}} in {what} is not an argument of `{own}`, which has none");
    }
    format!(
        "{{{name}}} in {what} is not an argument of `{own}`; its arguments are {}",
        listed(names)
    )
}

/// Where a message about the whole template goes.
pub(super) fn span_of(template: &Template) -> Span {
    template.literal.span()
}
