//! `Vary`.

use std::collections::HashSet;

use http::header::{HeaderMap, HeaderName, VARY};

use crate::middleware::http_cache::rfc9110::negotiation::{folds, is_preference};
use crate::middleware::http_cache::rfc9111::vary::Selection;
use crate::middleware::http_cache::safety::{FORWARDED_URL, forwarded_url, other_url};

use super::lines::{append, values};
use super::plain::list::members;

/// Lines `v..` of a `Vary`, and lines `1name:value` and `2name:value` of two requests. A request selects what it has
/// brought, and so it does what has travelled; the other one selects it if, and only if, the named fields have the
/// same members (what a client prefers may also be the same otherwise); and the same is so the other way round.
/// With `*`, or with what is no name, nothing is selected.
pub fn vary(data: &[u8]) {
    let (mut response, mut one, mut other) = (HeaderMap::new(), HeaderMap::new(), HeaderMap::new());
    for line in data.split(|byte| *byte == b'\n') {
        match line.split_first() {
            Some((b'v', value)) => append(&mut response, VARY.as_str().as_bytes(), value),
            Some((b'1', line)) => append_line(&mut one, line),
            Some((b'2', line)) => append_line(&mut other, line),
            _ => {}
        }
    }
    let named = members(&values(&response, &VARY));
    let selection = Selection::new(&one, &response);
    let names: Option<Vec<HeaderName>> = named
        .iter()
        .map(|name| HeaderName::from_bytes(name).ok().filter(|_| name != b"*"))
        .collect();
    let (Some(selection), Some(names)) = (&selection, &names) else {
        assert_eq!((selection.is_some(), names.is_some()), (false, false));
        return;
    };
    assert!(selection.matches(&one));
    let told = selection.members();
    let told = told.map(|(name, value)| (name.clone(), value.map(Into::into)));
    let travelled = Selection::from_members(told.collect());
    assert_eq!(travelled, *selection);
    let also = other_url(&one).map(HeaderName::clone);
    let names: HashSet<HeaderName> = names.iter().cloned().chain(also).collect();
    let mut expected = true;
    let mut certain = true;
    for name in names {
        let alike = said(&one, &name) == said(&other, &name);
        let both = one.contains_key(&name) && other.contains_key(&name);
        let maybe = is_preference(&name) && both;
        expected &= alike || maybe;
        certain &= alike || !maybe;
    }
    let matches = selection.matches(&other);
    assert!(matches == expected || !certain && !matches);
    // what names another URL stands for itself in each
    if other_url(&one).eq(other_url(&other)) {
        let back = Selection::new(&other, &response);
        assert_eq!(back.map(|back| back.matches(&one)), Some(matches));
    }
}

fn append_line(fields: &mut HeaderMap, line: &[u8]) {
    let mut halves = line.splitn(2, |byte| *byte == b':');
    if let (Some(name), Some(value)) = (halves.next(), halves.next()) {
        append(fields, name, value);
    }
}

/// The members of a field, and `None` where it is not there.
fn said(request: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    if *name == FORWARDED_URL {
        return forwarded_url(request).map(Into::into);
    }
    let members = members(&values(request, name)).join(&b',');
    let members = if folds(name) {
        members.to_ascii_lowercase()
    } else {
        members
    };
    request.contains_key(name).then_some(members)
}
