//! What the documentation of the user's function says about its cache.

use syn::Lit;
use syn::ext::IdentExt as _;

use crate::plan::{Cached, Home, Key, Lasting, Place, Tag};

use quote::ToTokens as _;

/// The paragraph that follows the user's own.
pub(super) fn paragraph(cached: &Cached) -> String {
    let key = match &cached.key {
        Key::Exact { template, .. } => format!(" by {}", code(&template.value())),
        Key::Value(key) => format!(" by {}", code(&key.to_token_stream().to_string())),
        Key::Own(counted) => {
            let names: Vec<_> = counted
                .iter()
                .map(|counted| code(&counted.name.unraw().to_string()))
                .collect();
            match names.split_last() {
                None => ", one answer for all calls,".to_owned(),
                Some((last, [])) => format!(" by {last}"),
                Some((last, others)) => format!(" by {} and {last}", others.join(", ")),
            }
        }
    };
    let time = match (&cached.ttl, &cached.place) {
        (Some(Lasting::Fixed(_, Lit::Str(text))), _) => format!("for {}", text.value()),
        (Some(Lasting::Fixed(fixed, _)), _) if fixed.as_secs() == 1 => "for 1 second".to_owned(),
        (Some(Lasting::Fixed(fixed, _)), _) => format!("for {} seconds", fixed.as_secs()),
        (Some(Lasting::Given(given)), _) => {
            format!("for {}", code(&given.to_token_stream().to_string()))
        }
        (None, Place::Own { .. }) => "for `CACHE_DEFAULT_TTL`".to_owned(),
        (None, Place::Given(_)) => "for as long as its cache says".to_owned(),
    };
    let place = match &cached.place {
        Place::Own { setup, .. } if setup.near_only => ", in this process only",
        Place::Own { .. } | Place::Given(_) => "",
    };
    let mut text = format!("Cached{key} {time}{place}");
    let tags = cached.tags.iter();
    let tags: Vec<_> = tags.map(|Tag { template, .. }| code(template)).collect();
    if !tags.is_empty() {
        text += &format!("; tags {}", tags.join(", "));
    }
    text += ".";
    if let Home::Body = cached.home {
        text += " It has no companions; `companion = name` gives those to a method that is not of a trait.";
    }
    text
}

/// `text` as code, whatever is in it.
fn code(text: &str) -> String {
    let text = text.replace('\n', " ");
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}
