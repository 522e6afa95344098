//! Section 14: which bytes a request is for, and which a response has.

use std::ops::Range;

use http::header::{CONTENT_RANGE, HeaderMap, HeaderName, HeaderValue, RANGE};
use http::{Method, StatusCode};
use smallvec::SmallVec;

use crate::middleware::http_cache::rfc9111::directives::delta_seconds;

use super::conditions::if_range_holds;

/// How many ranges of one request are looked at. One with more is answered as if it had none: section 14.2 allows
/// to ignore "more than two overlapping ranges, or a set of many small ranges", which are "indications of either a
/// broken client or a deliberate denial-of-service attack".
const MOST: usize = 32;

/// Of what one message carries (RFC 9530 section 2): not of other bytes of the same representation, nor of none.
pub(crate) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
/// The same, which RFC 7231 took out since it was understood differently where bytes are left out.
pub(crate) const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");
pub(crate) const DIGESTS: [HeaderName; 2] = [CONTENT_DIGEST, CONTENT_MD5];

/// The ranges of a request, as they were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ranges(SmallVec<[Spec; 1]>);

/// One of them (section 14.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spec {
    /// From the first position to the last one, or to the end.
    From(u64, Option<u64>),
    /// So many bytes at the end.
    Last(u64),
}

/// What of a representation is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cut {
    All,
    One(Range<u64>),
    /// No range has a byte of it: 416.
    Unsatisfiable,
}

impl Ranges {
    /// The ranges of a request with this method and these fields. `None` when it is for all there is: "A server
    /// MUST ignore a Range header field received with a request method that is unrecognized or for which range
    /// handling is not defined" (section 14.2), and that is GET alone; "An origin server MUST ignore a Range
    /// header field that contains a range unit it does not understand"; and what is malformed says nothing.
    pub(crate) fn of(method: &Method, request: &HeaderMap) -> Option<Self> {
        if *method != Method::GET {
            return None;
        }
        let mut lines = request.get_all(RANGE).iter();
        let line = lines.next()?;
        if lines.next().is_some() {
            return None;
        }
        Self::parse(line.as_bytes())
    }

    /// `bytes=0-4, -5`.
    fn parse(value: &[u8]) -> Option<Self> {
        let at = value.iter().position(|byte| *byte == b'=')?;
        let (unit, set) = (&value[..at], &value[at + 1..]);
        // section 14.1: "Range units names are case-insensitive"
        if !unit.eq_ignore_ascii_case(b"bytes") {
            return None;
        }
        let mut specs = SmallVec::new();
        let members = set.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        // section 5.6.1.2: empty elements of a list are ignored
        for member in members.filter(|member| !member.is_empty()) {
            if specs.len() == MOST {
                return None;
            }
            specs.push(Spec::parse(member)?);
        }
        (!specs.is_empty()).then_some(Self(specs))
    }

    /// What they are of a representation with `complete` bytes. Overlapping and adjacent ones are one. Of several
    /// that are not, all is sent: section 14.2 lets a server ignore the field, a client has to take it, and one
    /// body that is ready beats several that are put together (`multipart/byteranges`, section 14.6).
    pub(crate) fn of_complete(&self, complete: u64) -> Cut {
        let mut spans: SmallVec<[Range<u64>; 4]> = SmallVec::new();
        for spec in &self.0 {
            match spec.resolve(complete) {
                Resolved::Span(span) => spans.push(span),
                Resolved::Nothing => {}
                Resolved::Empty => return Cut::All,
            }
        }
        spans.sort_unstable_by_key(|span| span.start);
        let mut spans = spans.into_iter();
        let Some(mut one) = spans.next() else {
            return Cut::Unsatisfiable;
        };
        for span in spans {
            if span.start > one.end {
                return Cut::All;
            }
            one.end = one.end.max(span.end);
        }
        Cut::One(one)
    }

    /// The range they are of a part, if all they ask for is in it (RFC 9111 section 3.3: "the request is partial
    /// and specifies a range wholly within the incomplete response").
    pub(crate) fn of_part(&self, part: &ContentRange) -> Option<Range<u64>> {
        let span = match (part.complete, &self.0[..]) {
            (Some(complete), _) => match self.of_complete(complete) {
                Cut::One(span) => span,
                Cut::All | Cut::Unsatisfiable => return None,
            },
            // without the length of all only positions tell where a range is
            (None, [Spec::From(first, Some(last))]) => *first..last.saturating_add(1),
            (None, _) => return None,
        };
        contains(&part.span, &span).then_some(span)
    }
}

enum Resolved {
    Span(Range<u64>),
    /// It is not satisfiable.
    Nothing,
    /// It is satisfiable, and no `Content-Range` can say that it has no bytes.
    Empty,
}

impl Spec {
    /// A number that is too large to be told is beyond every end.
    fn parse(member: &[u8]) -> Option<Self> {
        let at = member.iter().position(|byte| *byte == b'-')?;
        let (first, last) = (&member[..at], &member[at + 1..]);
        if first.is_empty() {
            return Some(Self::Last(delta_seconds(last)?));
        }
        let first = delta_seconds(first)?;
        if last.is_empty() {
            return Some(Self::From(first, None));
        }
        // section 14.1.1: "An int-range is invalid if the last-pos value is present and less than first-pos"
        let last = delta_seconds(last)?;
        (first <= last).then_some(Self::From(first, Some(last)))
    }

    /// Section 14.1.2: "If the last-pos value is absent, or if the value is greater than or equal to the current
    /// length of the representation data, the byte range is interpreted as the remainder"; "If the selected
    /// representation is shorter than the specified suffix-length, the entire representation is used"; "if the
    /// suffix-length is non-zero, [it] is satisfiable".
    fn resolve(self, complete: u64) -> Resolved {
        match self {
            Self::From(first, _) if first >= complete => Resolved::Nothing,
            Self::From(first, last) => {
                let end = last.map_or(complete, |last| last.saturating_add(1).min(complete));
                Resolved::Span(first..end)
            }
            Self::Last(0) => Resolved::Nothing,
            Self::Last(_) if complete == 0 => Resolved::Empty,
            Self::Last(length) => Resolved::Span(complete.saturating_sub(length)..complete),
        }
    }
}

/// Whether all of `inner` is in `outer`.
pub(crate) fn contains(outer: &Range<u64>, inner: &Range<u64>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Which bytes a part has (section 14.4). Never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContentRange {
    pub(crate) span: Range<u64>,
    /// Bytes of the whole, where that is known.
    pub(crate) complete: Option<u64>,
}

impl ContentRange {
    /// `None` when the response does not say it, or not in bytes, or "has a last-pos value less than its
    /// first-pos value, or a complete-length value less than or equal to its last-pos value": then nobody "must
    /// attempt to recombine the received content with a stored representation".
    pub(crate) fn of(response: &HeaderMap) -> Option<Self> {
        let mut lines = response.get_all(CONTENT_RANGE).iter();
        let line = lines.next()?.to_str().ok()?;
        if lines.next().is_some() {
            return None;
        }
        let (unit, said) = line.trim().split_once(' ')?;
        let (positions, complete) = said.split_once('/')?;
        let (first, last) = positions.split_once('-')?;
        let complete = match complete {
            "*" => None,
            complete => Some(exact(complete)?),
        };
        let (first, last) = (exact(first)?, exact(last)?);
        let end = last.checked_add(1)?;
        let valid = first < end && complete.is_none_or(|complete| end <= complete);
        (unit.eq_ignore_ascii_case("bytes") && valid).then_some(Self {
            span: first..end,
            complete,
        })
    }

    /// Bytes that it has.
    pub(crate) fn length(&self) -> u64 {
        self.span.end.saturating_sub(self.span.start)
    }

    /// Whether it has all there is.
    pub(crate) fn is_all(&self) -> bool {
        self.complete == Some(self.length())
    }

    /// The field's value.
    pub(crate) fn to_value(&self) -> Option<HeaderValue> {
        let last = self.span.end.saturating_sub(1);
        let complete = self.complete.map_or("*".to_owned(), |n| n.to_string());
        HeaderValue::from_str(&format!("bytes {}-{last}/{complete}", self.span.start)).ok()
    }
}

/// A number that is what it says.
fn exact(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The `Content-Range` of a 416 (section 15.5.17).
pub(crate) fn unsatisfied(complete: u64) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("bytes */{complete}")).ok()
}

/// What a request gets of a complete stored response with `complete` bytes. Section 14.2: "only if the result in
/// absence of the Range header field would be a 200", after all other conditions, and as `If-Range` says (section
/// 13.2.2).
pub(crate) fn cut(
    method: &Method,
    request: &HeaderMap,
    (status, response): (StatusCode, &HeaderMap),
    complete: u64,
) -> Cut {
    match Ranges::of(method, request) {
        Some(ranges) if status == StatusCode::OK && if_range_holds(request, response) => {
            ranges.of_complete(complete)
        }
        Some(_) | None => Cut::All,
    }
}

/// The same of a stored part, and `None` when it does not have all that is asked for.
pub(crate) fn cut_of_part(
    method: &Method,
    request: &HeaderMap,
    response: &HeaderMap,
    part: &ContentRange,
) -> Option<Range<u64>> {
    let ranges = Ranges::of(method, request)?;
    let span = ranges.of_part(part)?;
    if_range_holds(request, response).then_some(span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(lines: &[&str]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for line in lines {
            fields.append(RANGE, HeaderValue::from_str(line).unwrap());
        }
        fields
    }

    fn of(line: &str, complete: u64) -> Cut {
        let status = (StatusCode::OK, &HeaderMap::new());
        cut(&Method::GET, &request(&[line]), status, complete)
    }

    #[test]
    fn ranges_of_ten_bytes() {
        for (line, expected) in [
            // section 14.1.2, with its examples
            ("bytes=0-4", Cut::One(0..5)),
            ("bytes=5-9", Cut::One(5..10)),
            ("bytes=5-", Cut::One(5..10)),
            ("bytes=9-", Cut::One(9..10)),
            ("bytes=9-9", Cut::One(9..10)),
            ("bytes=-1", Cut::One(9..10)),
            ("bytes=-10", Cut::One(0..10)),
            ("bytes=-99", Cut::One(0..10)),
            ("bytes=5-99", Cut::One(5..10)),
            ("bytes=0-18446744073709551615", Cut::One(0..10)),
            ("bytes=3-99999999999999999999999", Cut::One(3..10)),
            ("bytes=-99999999999999999999999", Cut::One(0..10)),
            ("BYTES=0-0", Cut::One(0..1)),
            ("bytes= 0-0 ", Cut::One(0..1)),
            ("bytes=,0-0,,", Cut::One(0..1)),
            // not satisfiable
            ("bytes=10-", Cut::Unsatisfiable),
            ("bytes=10-20", Cut::Unsatisfiable),
            ("bytes=99999999999999999999999-", Cut::Unsatisfiable),
            ("bytes=-0", Cut::Unsatisfiable),
            ("bytes=-0, 10-", Cut::Unsatisfiable),
            // several
            ("bytes=0-3,4-6", Cut::One(0..7)),
            ("bytes=4-6, 0-3", Cut::One(0..7)),
            ("bytes=0-9, 2-3, -1", Cut::One(0..10)),
            ("bytes=0-0, 20-", Cut::One(0..1)),
            ("bytes=0-3, 5-6", Cut::All),
            ("bytes=0-0, -1", Cut::All),
            // malformed, or another unit
            ("bytes=", Cut::All),
            ("bytes", Cut::All),
            ("", Cut::All),
            ("bytes=-", Cut::All),
            ("bytes=a-b", Cut::All),
            ("bytes=4-3", Cut::All),
            ("bytes=0-0, 4-3", Cut::All),
            ("bytes=+1-2", Cut::All),
            ("bytes=1 - 2", Cut::All),
            ("bytes =1-2", Cut::All),
            ("bytes=1-2-3", Cut::All),
            ("bytes=1", Cut::All),
            ("lines=0-4", Cut::All),
        ] {
            assert_eq!(of(line, 10), expected, "{line}");
        }
    }

    #[test]
    fn of_nothing_no_range_can_be_told() {
        assert_eq!(of("bytes=-5", 0), Cut::All);
        assert_eq!(of("bytes=0-", 0), Cut::Unsatisfiable);
    }

    #[test]
    fn a_range_is_for_get_and_200_alone_and_absurd_numbers_are_ignored() {
        let (one, fields) = (request(&["bytes=0-4"]), HeaderMap::new());
        let ok = (StatusCode::OK, &fields);
        assert_eq!(cut(&Method::HEAD, &one, ok, 10), Cut::All);
        let missing = (StatusCode::NOT_FOUND, &fields);
        assert_eq!(cut(&Method::GET, &one, missing, 10), Cut::All);
        let lines = request(&["bytes=0-4", "bytes=0-4"]);
        assert_eq!(cut(&Method::GET, &lines, ok, 10), Cut::All);
        for (count, expected) in [(MOST, Cut::One(0..1)), (MOST + 1, Cut::All)] {
            assert_eq!(
                of(&format!("bytes={}", vec!["0-0"; count].join(",")), 10),
                expected
            );
        }
    }

    #[test]
    fn a_part_answers_what_is_wholly_within_it() {
        let part = |complete| ContentRange {
            span: 4..8,
            complete,
        };
        for (line, known, unknown) in [
            ("bytes=4-7", Some(4..8), Some(4..8)),
            ("bytes=5-6", Some(5..7), Some(5..7)),
            ("bytes=3-6", None, None),
            ("bytes=5-8", None, None),
            ("bytes=5-", None, None),
            ("bytes=-2", None, None),
            ("bytes=4-5,6-7", Some(4..8), None),
            ("bytes=4-4,6-7", None, None),
            ("bytes=99-", None, None),
            ("bytes=0-18446744073709551615", None, None),
        ] {
            let ranges = Ranges::of(&Method::GET, &request(&[line])).unwrap();
            assert_eq!(ranges.of_part(&part(Some(10))), known, "{line}");
            assert_eq!(ranges.of_part(&part(None)), unknown, "{line}");
        }
        let last = ContentRange {
            span: 8..10,
            complete: Some(10),
        };
        for line in ["bytes=8-", "bytes=-2", "bytes=8-99"] {
            let ranges = Ranges::of(&Method::GET, &request(&[line])).unwrap();
            assert_eq!(ranges.of_part(&last), Some(8..10), "{line}");
        }
    }

    fn said(line: &str) -> Option<ContentRange> {
        let value = HeaderValue::from_str(line).unwrap();
        ContentRange::of(&HeaderMap::from_iter([(CONTENT_RANGE, value)]))
    }

    #[test]
    fn what_a_part_says_it_is() {
        let range = |span, complete| Some(ContentRange { span, complete });
        for (line, expected) in [
            ("bytes 0-4/10", range(0..5, Some(10))),
            ("bytes 4-9/10", range(4..10, Some(10))),
            ("Bytes 4-9/*", range(4..10, None)),
            ("bytes 0-0/1", range(0..1, Some(1))),
            // section 14.4: "is invalid if"
            ("bytes 4-3/10", None),
            ("bytes 4-10/10", None),
            ("bytes 0-4/4", None),
            ("bytes */10", None),
            ("bytes 0-18446744073709551615/*", None),
            ("bytes 0-99999999999999999999999/*", None),
            ("lines 0-4/10", None),
            ("bytes=0-4/10", None),
            ("bytes 0-4", None),
            ("bytes 0-+4/10", None),
            ("bytes -4/10", None),
            ("", None),
        ] {
            assert_eq!(said(line), expected, "{line}");
        }
        let twice = [("bytes 0-4/10"), ("bytes 0-4/10")].map(HeaderValue::from_static);
        let mut fields = HeaderMap::new();
        for line in twice {
            fields.append(CONTENT_RANGE, line);
        }
        assert_eq!(ContentRange::of(&fields), None);
        assert!(said("bytes 0-9/10").unwrap().is_all());
        assert!(!said("bytes 0-9/*").unwrap().is_all());
        assert_eq!(unsatisfied(10).unwrap(), "bytes */10");
    }

    proptest! {
        #[test]
        fn any_range_is_read(line in "(bytes=)?[0-9, -]{0,30}", complete in any::<u64>()) {
            if let Cut::One(span) = of(&line, complete) {
                prop_assert!(span.start < span.end && span.end <= complete);
            }
        }

        #[test]
        fn any_content_range_is_read(line in "(bytes )?[0-9*/-]{0,30}") {
            if let Some(part) = said(&line) {
                prop_assert_eq!(said(part.to_value().unwrap().to_str().unwrap()), Some(part));
            }
        }

        #[test]
        fn it_has_the_bytes_that_any_of_them_names_or_all(
            ranges in proptest::collection::vec((0_u64..30, 0_u64..10), 1..5), complete in 1_u64..25,
        ) {
            let named = |at: u64| ranges.iter().any(|(first, more)| (*first..=first + more).contains(&at));
            let named: Vec<u64> = (0..complete).filter(|at| named(*at)).collect();
            let each: Vec<_> = ranges.iter().map(|(first, more)| format!("{first}-{}", first + more)).collect();
            let expected = match (named.first(), named.last()) {
                (Some(first), Some(last)) if last - first + 1 == named.len() as u64 => Cut::One(*first..last + 1),
                (Some(_), _) => Cut::All,
                (None, _) => Cut::Unsatisfiable,
            };
            prop_assert_eq!(of(&format!("bytes={}", each.join(", ")), complete), expected);
        }
    }
}
