//! A part that has come, with the parts of the same representation that are stored (RFC 9111 section 3.4).

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderMap;

use crate::clock::Moment;

use super::rfc9110::ranges::ContentRange;
use super::rfc9111::combining::{are_of_one, union};
use super::rfc9111::validation::updated;
use super::stored::Stored;
use super::variants::Variants;

/// The part `new`, which came to `request`, with all stored ones that it continues, up to `limit` bytes.
pub(crate) fn combined(
    new: Arc<Stored>,
    stored: &Variants,
    request: &HeaderMap,
    limit: usize,
    now: Moment,
) -> Arc<Stored> {
    let mut whole = new;
    // each time it has more
    while let Some(more) = stored
        .selected(request)
        .find_map(|old| joined(&whole, old, limit, now))
    {
        whole = Arc::new(more);
    }
    whole
}

/// Both as one. `None` when they do not fit, or the older one adds nothing.
fn joined(new: &Stored, old: &Stored, limit: usize, now: Moment) -> Option<Stored> {
    let part = new.head.part.as_ref()?;
    if old.head.status != StatusCode::OK || !are_of_one(&new.head.fields, &old.head.fields) {
        return None;
    }
    let older = old.content_range();
    let complete = match (part.complete, older.complete) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.or(other),
    };
    let span = union(&part.span, &older.span)?;
    let in_limit = usize::try_from(span.end - span.start).is_ok_and(|length| length <= limit);
    if !in_limit || span == part.span || complete.is_some_and(|complete| span.end > complete) {
        return None;
    }
    let body = if span == older.span {
        old.body.clone()
    } else {
        let pieces = [
            &old.slice(&(span.start..part.span.start)),
            &new.body,
            &old.slice(&(part.span.end..span.end)),
        ];
        let pieces: [&[u8]; 3] = pieces.map(|piece| &piece[..]);
        Bytes::from(pieces.concat())
    };
    let mut head = new.head.clone();
    // "a cache MUST update the stored response header fields using the header fields provided in the new response"
    head.fields = updated(&old.fields_received(), &new.fields_received());
    let more = old.head.tags.iter();
    let more = more.filter(|tag| !new.head.tags.contains(tag)).cloned();
    head.tags = new.head.tags.iter().cloned().chain(more).collect();
    let head = head.of_part(ContentRange { span, complete });
    Some(Stored::new(head, body, now))
}
