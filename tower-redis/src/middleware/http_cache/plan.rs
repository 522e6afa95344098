//! What goes to the origin with a GET: as it came, with a condition, or for what is missing of a stored part.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use http::{Method, Response, StatusCode};
use http_body::Body;

use super::body::CacheBody;
use super::rfc9110::conditions::{if_range_holds, is_conditional};
use super::rfc9110::ranges::{ContentRange, Cut, Ranges};
use super::rfc9111::combining::{are_of_one, has_strong_tag, missing, strong_validator};
use super::rfc9111::validation::{ask, ask_for_any, confirms, has_validator, updated};
use super::stored::Stored;
use super::variants::Variants;

/// What goes to the origin with a GET.
pub(crate) enum Plan {
    /// It goes as it came.
    AsItIs,
    /// It asks whether this is still good.
    Validate(Arc<Stored>),
    /// It asks which of these is the response to it. None is known to be.
    AnyOf(Vec<Arc<Stored>>),
    /// It asks for what is missing.
    Complete(Gap),
}

impl Plan {
    /// The plan for a `request` where these `variants` are stored. What is not as sure to be answered as the client
    /// wants it is planned only if the request `may_be_sent_again`.
    pub(crate) fn of(variants: &Variants, request: &HeaderMap, may_be_sent_again: bool) -> Self {
        if let Some(stored) = variants.select(&Method::GET, request) {
            return if has_validator(&stored.head.fields) {
                Self::Validate(Arc::clone(stored))
            } else {
                Self::AsItIs
            };
        }
        // what a client's own condition is about is known to the origin alone
        if !may_be_sent_again || is_conditional(request) {
            return Self::AsItIs;
        }
        if let Some(gap) = Gap::of(variants, request) {
            return Self::Complete(gap);
        }
        // Section 4.3.2: not the tag of one that "contains only partial content". A weak tag may stand for several
        // encodings of the same, of which the client may not understand each.
        let can_be_meant = |stored: &&Arc<Stored>| {
            stored.head.part.is_none()
                && has_strong_tag(&stored.head.fields)
                && stored.head.selection.is_of_url(request)
        };
        let list: Vec<_> = variants
            .list()
            .iter()
            .filter(can_be_meant)
            .cloned()
            .collect();
        if list.is_empty() {
            Self::AsItIs
        } else {
            Self::AnyOf(list)
        }
    }

    /// Makes `request` what is planned.
    pub(crate) fn put_into(&self, request: &mut HeaderMap) {
        match self {
            Self::AsItIs => {}
            Self::Validate(stored) => ask(request, &stored.head.fields),
            Self::AnyOf(list) => {
                ask_for_any(request, list.iter().map(|stored| &stored.head.fields));
            }
            Self::Complete(gap) => gap.put_into(request),
        }
    }

    /// Whether the answer may not be what the client can have.
    pub(crate) fn is_bold(&self) -> bool {
        matches!(self, Self::AnyOf(_) | Self::Complete(_))
    }

    /// What the answer confirms with a 304.
    pub(crate) fn confirmed(&self, status: StatusCode, answer: &HeaderMap) -> Option<&Arc<Stored>> {
        if status != StatusCode::NOT_MODIFIED {
            return None;
        }
        match self {
            Self::Validate(stored) => Some(stored),
            Self::AnyOf(list) if answer.contains_key(ETAG) => list
                .iter()
                .find(|stored| are_of_one(answer, &stored.head.fields)),
            // it can mean no other
            Self::AnyOf(list) if list.len() == 1 => list
                .first()
                .filter(|stored| confirms(answer, &stored.head.fields)),
            Self::AsItIs | Self::AnyOf(_) | Self::Complete(_) => None,
        }
    }

    /// Whether the answer is none for the client, so that its own request has to be sent.
    pub(crate) fn is_in_vain(&self, status: StatusCode, answer: &HeaderMap) -> bool {
        match self {
            Self::AsItIs | Self::Validate(_) => false,
            Self::AnyOf(_) => {
                status == StatusCode::NOT_MODIFIED && self.confirmed(status, answer).is_none()
            }
            Self::Complete(gap) => match status {
                StatusCode::PARTIAL_CONTENT => !gap.is_filled_by(answer),
                StatusCode::RANGE_NOT_SATISFIABLE | StatusCode::NOT_MODIFIED => true,
                _ => false,
            },
        }
    }
}

/// What is missing of a representation of which parts are stored, and what a client wants of it.
pub(crate) struct Gap {
    /// Parts with the same strong validator, the newest first.
    parts: Vec<Arc<Stored>>,
    wanted: Range<u64>,
    missing: Range<u64>,
    complete: u64,
    /// Whether the client has asked for a range.
    ranged: bool,
}

impl Gap {
    /// `None` when nothing of what is wanted is stored, or more than one range of it is missing, or the parts have no
    /// strong validator: what comes could not be joined to them (RFC 9110 section 15.3.7.3).
    fn of(variants: &Variants, request: &HeaderMap) -> Option<Self> {
        let is_part = |stored: &&Arc<Stored>| stored.head.part.is_some();
        let mut parts: Vec<_> = variants
            .selected(request)
            .filter(is_part)
            .cloned()
            .collect();
        let newest = Arc::clone(parts.first()?);
        let fields = &newest.head.fields;
        let complete = newest.head.part.as_ref()?.complete?;
        strong_validator(fields)?;
        parts.retain(|part| are_of_one(&part.head.fields, fields));
        let (wanted, ranged) = match Ranges::of(&Method::GET, request) {
            Some(ranges) if if_range_holds(request, fields) => match ranges.of_complete(complete) {
                Cut::One(span) => (span, true),
                Cut::All => (0..complete, false),
                Cut::Unsatisfiable => return None,
            },
            // the origin may see in it what is not seen here
            None if request.contains_key(RANGE) => return None,
            Some(_) | None => (0..complete, false),
        };
        let spans: Vec<_> = parts.iter().map(|part| part.content_range().span).collect();
        let missing = missing(&wanted, spans.iter())?;
        Some(Self {
            parts,
            wanted,
            missing,
            complete,
            ranged,
        })
    }

    fn put_into(&self, request: &mut HeaderMap) {
        let (first, end) = (self.missing.start, self.missing.end);
        let range = if end == self.complete {
            format!("bytes={first}-")
        } else {
            format!("bytes={first}-{}", end.saturating_sub(1))
        };
        if let Some(validator) = self.fields().and_then(strong_validator)
            && let Ok(range) = HeaderValue::from_str(&range)
        {
            request.insert(IF_RANGE, validator.clone());
            request.insert(RANGE, range);
        }
    }

    fn fields(&self) -> Option<&HeaderMap> {
        self.parts.first().map(|part| &part.head.fields)
    }

    /// Whether a 206 is what is missing of the same representation.
    fn is_filled_by(&self, answer: &HeaderMap) -> bool {
        let same = self
            .fields()
            .is_some_and(|fields| are_of_one(fields, answer));
        same && ContentRange::of(answer).is_some_and(|part| {
            part.span == self.missing
                && part
                    .complete
                    .is_none_or(|complete| complete == self.complete)
        })
    }

    /// The `response` that fills it as what the client wants.
    pub(crate) fn filled<B: Body>(
        &self,
        response: Response<CacheBody<B>>,
    ) -> Response<CacheBody<B>> {
        let (mut parts, middle) = response.into_parts();
        if let Some(newest) = self.parts.first() {
            parts.headers = updated(&newest.fields_received(), &parts.headers);
        }
        let whole = ContentRange {
            span: self.wanted.clone(),
            complete: Some(self.complete),
        };
        parts.headers.remove(CONTENT_RANGE);
        parts.headers.insert(CONTENT_LENGTH, whole.length().into());
        parts.status = StatusCode::OK;
        if self.ranged
            && let Some(value) = whole.to_value()
        {
            parts.headers.insert(CONTENT_RANGE, value);
            parts.status = StatusCode::PARTIAL_CONTENT;
        }
        let before = self.stored(&(self.wanted.start..self.missing.start));
        let after = self.stored(&(self.missing.end..self.wanted.end));
        let length = self.missing.end.saturating_sub(self.missing.start);
        let body = CacheBody::between(before, (middle, length), after);
        Response::from_parts(parts, body)
    }

    /// Bytes that one part has all of.
    fn stored(&self, span: &Range<u64>) -> Bytes {
        let has_all = |part: &&Arc<Stored>| {
            let there = part.content_range().span;
            there.start <= span.start && span.end <= there.end
        };
        let part = self.parts.iter().find(has_all);
        part.map_or_else(Bytes::new, |part| part.slice(span))
    }
}
