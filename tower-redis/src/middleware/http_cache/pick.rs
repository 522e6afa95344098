//! Which of the responses stored for a URI answers a request, and what is said of it.

use std::sync::Arc;

use http::Method;
use http::header::HeaderMap;

use crate::clock::Moment;

use super::cache_status::CacheStatus;
use super::rfc9111::directives::RequestDirectives;
use super::rfc9111::reuse::{Reuse, Unusable, reuse};
use super::rfc9111::verdict::{Forward, Reason};
use super::stored::Stored;
use super::variants::Variants;

/// The response that may answer a request now, and how, or why it has to go forward.
pub(crate) fn pick<'a>(
    variants: &'a Variants,
    (method, request): (&Method, &HeaderMap),
    directives: &RequestDirectives,
    now: Moment,
) -> Result<(&'a Arc<Stored>, Reuse), Unusable> {
    if variants.is_empty() {
        return Err(Unusable::of(Forward::UriMiss));
    }
    let Some(stored) = variants.select(method, request) else {
        let has_parts = variants.selected(request).next().is_some();
        return Err(Unusable::of(if has_parts {
            Forward::Partial
        } else {
            Forward::VaryMiss
        }));
    };
    let head = &stored.head;
    let how = reuse(directives, &head.directives, &head.freshness, now)?;
    Ok((stored, how))
}

/// What `Cache-Status` says of an answer made from what is stored, without asking the origin.
pub(crate) fn hit(stored: &Stored, how: Reuse, now: Moment) -> CacheStatus {
    let status = CacheStatus::hit(stored.head.freshness.left(now));
    match how {
        Reuse::Fresh => status,
        Reuse::Accepted => status.because(Reason::MaxStale),
        Reuse::WhileRevalidating => status.because(Reason::StaleWhileRevalidate),
    }
}
