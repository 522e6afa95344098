//! `Range` and `Content-Range`.

use http::header::{CONTENT_RANGE, HeaderMap, RANGE};
use http::{Method, StatusCode};

use crate::middleware::http_cache::rfc9110::ranges::{
    ContentRange, Cut, Ranges, contains, cut, unsatisfied,
};

use super::lines::lines_of;
use super::plain::list::seconds;
use super::plain::range::{Wanted, told, wanted};

/// The most bytes that the second reader looks at.
const MOST: u64 = 4_096;

/// A line with a `Range`, one with a `Content-Range`, and one with the length of a response. Both are read as the second
/// reader reads them; what is to be sent is never nothing and never more than there is; what a part says is written
/// and read as the same; and a part answers only what is within it, with the bytes that the whole would.
pub fn ranges(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (range, content_range, complete) = (next(), next(), next());
    let request = lines_of(range, &RANGE);
    let complete = seconds(complete).unwrap_or(0);
    let ok = (StatusCode::OK, &HeaderMap::new());
    let found = cut(&Method::GET, &request, ok, complete);
    if let Cut::One(span) = &found {
        assert!(span.start < span.end && span.end <= complete);
    }
    if complete <= MOST && !request.is_empty() {
        assert_eq!(found, as_cut(wanted(range, complete)));
    }
    let part = ContentRange::of(&lines_of(content_range, &CONTENT_RANGE));
    let valid = !lines_of(content_range, &CONTENT_RANGE).is_empty();
    let expected = told(content_range).filter(|_| valid);
    let read = part
        .as_ref()
        .map(|part| (part.span.start, part.span.end - 1, part.complete));
    assert_eq!(read, expected);
    if let Some(part) = part {
        of_part(&part, &request);
    }
    let none = unsatisfied(complete).map(|value| (CONTENT_RANGE, value));
    assert_eq!(ContentRange::of(&none.into_iter().collect()), None);
}

fn of_part(part: &ContentRange, request: &HeaderMap) {
    let written = part.to_value().map(|value| (CONTENT_RANGE, value));
    let again = ContentRange::of(&written.into_iter().collect());
    assert_eq!(again.as_ref(), Some(part));
    assert!(
        part.length() > 0
            && part
                .complete
                .is_none_or(|complete| part.length() <= complete)
    );
    let Some(ranges) = Ranges::of(&Method::GET, request) else {
        return;
    };
    let span = ranges.of_part(part);
    if let Some(span) = &span {
        assert!(span.start < span.end && contains(&part.span, span));
    }
    if let Some(complete) = part.complete {
        let within = match ranges.of_complete(complete) {
            Cut::One(span) => Some(span).filter(|span| contains(&part.span, span)),
            Cut::All | Cut::Unsatisfiable => None,
        };
        assert_eq!(span, within);
    }
}

fn as_cut(wanted: Wanted) -> Cut {
    match wanted {
        Wanted::All => Cut::All,
        Wanted::Between(first, last) => Cut::One(first..last + 1),
        Wanted::Nothing => Cut::Unsatisfiable,
    }
}
