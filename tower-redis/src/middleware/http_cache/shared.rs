//! What all services of one layer share.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::cache::engine::Engine;
use crate::cache::entry::Entry;
use crate::cache::flight::Permit;

use super::cache_status::Name;
use super::stored::{Stored, Variants};

#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) engine: Engine<Variants>,
    pub(crate) name: Name,
    pub(crate) default_ttl: Option<Duration>,
    pub(crate) max_body: usize,
}

/// Stores a response beside those that other requests for the URI select, and hands it to those who
/// wait for it.
pub(crate) fn store(
    engine: &Engine<Variants>,
    permit: Permit<Variants>,
    stored: Arc<Stored>,
    request: &HeaderMap,
) {
    let now = engine.now();
    let ttl = stored.useful_for(now);
    let premises = permit.premises().clone();
    let entry = engine.entry(permit.key(), Variants::one(stored), Some(ttl), premises);
    engine.fill_with(permit, entry, |entry, current| {
        let Some(current) = current else {
            return Arc::clone(entry);
        };
        let value = entry.value.before(&current.value, request, now);
        let grown = value.weight().saturating_sub(entry.value.weight());
        Arc::new(Entry {
            expires: now.after(value.useful_for(now)),
            weight: entry
                .weight
                .saturating_add(u64::try_from(grown).unwrap_or(u64::MAX)),
            premises: entry.premises.clone(),
            value,
        })
    });
}
