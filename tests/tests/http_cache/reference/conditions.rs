//! Conditional requests: RFC 9110 section 13, RFC 9111 section 4.3.

use super::date;
use super::directives::elements;
use super::freshness::Stored;
use super::storing::kept;
use crate::message::Fields;

/// What a cache does not evaluate: it stands for the origin's own state.
pub(crate) fn is_origins(fields: &Fields) -> bool {
    let names = ["if-match", "if-unmodified-since"];
    names.iter().any(|name| fields.has(name))
}

fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// RFC 9110 section 8.8.3: a strong tag.
pub(crate) fn is_strong(tag: &str) -> bool {
    let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    inner.is_some_and(|inner| !inner.contains(['"', ' ']))
}

/// Whether a client with these conditions has what is answered already (section 4.3.2).
pub(crate) fn is_unchanged(asked: &Fields, response: &Fields, status: u16) -> bool {
    // "a stored 200 (OK) or 206 (Partial Content)"
    if status != 200 {
        return false;
    }
    if let Some(tags) = asked.combined("if-none-match") {
        if tags.trim() == "*" {
            return true;
        }
        let Some(own) = response.first("etag") else {
            return false;
        };
        return elements(&tags).iter().any(|tag| opaque(tag) == opaque(own));
    }
    let [since] = asked.lines("if-modified-since")[..] else {
        return false;
    };
    let Some(since) = date::read(since) else {
        return false;
    };
    let compared = ["last-modified", "date"]
        .iter()
        .find_map(|name| response.first(name));
    compared
        .and_then(date::read)
        .is_some_and(|changed| changed <= since)
}

/// What a 304 made by the cache says (RFC 9110 section 15.4.5): all but what describes the content.
pub(crate) fn of_unchanged(fields: &Fields) -> Fields {
    const CONTENT: [&str; 7] = [
        "content-digest",
        "content-md5",
        "content-encoding",
        "content-language",
        "content-length",
        "content-range",
        "content-type",
    ];
    let mut said = fields.clone();
    said.0.retain(|(name, _)| !CONTENT.contains(&name.as_str()));
    said
}

/// The conditions of a request that validates `stored` (section 4.3.1), in place of the client's.
pub(crate) fn validating(asked: &Fields, stored: &Stored) -> Fields {
    let mut fields = asked.clone();
    fields.remove("if-none-match");
    fields.remove("if-modified-since");
    for (condition, validator) in [
        ("if-none-match", "etag"),
        ("if-modified-since", "last-modified"),
    ] {
        if let Some(value) = stored.fields.first(validator) {
            fields.push(condition, value);
        }
    }
    fields
}

/// Whether a 304 speaks of `stored` (section 4.3.4).
pub(crate) fn is_of(unchanged: &Fields, stored: &Stored) -> bool {
    let own = stored.fields.first("etag");
    if let Some(tag) = unchanged.first("etag") {
        return match tag.starts_with("W/") {
            // a weak validator may correspond to any
            true => own.is_some_and(|own| opaque(own) == opaque(tag)),
            false => own == Some(tag),
        };
    }
    match unchanged.first("last-modified") {
        Some(changed) => stored.fields.first("last-modified") == Some(changed),
        None => true,
    }
}

/// What is stored once a 304, or an answer to HEAD, has confirmed it (section 3.2).
pub(crate) fn updated(stored: &Fields, by: &Fields) -> Fields {
    let mut updated = stored.clone();
    // that of another answer
    updated.remove("age");
    let by = kept(by);
    // what is said of the stored bytes
    let of_bytes = [
        "content-length",
        "content-range",
        "content-encoding",
        "content-digest",
        "content-md5",
    ];
    let stays = |name: &str| of_bytes.contains(&name);
    for (name, _) in &by.0 {
        if !stays(name) {
            updated.remove(name);
        }
    }
    for (name, value) in by.0 {
        if !stays(&name) {
            updated.push(&name, value);
        }
    }
    updated
}
