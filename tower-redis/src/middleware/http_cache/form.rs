//! Stored responses as they travel; see "An HTTP response" in `docs/protocol.md`.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue};

use crate::clock::Moment;
use crate::codec::{Codec, Packing};
use crate::error::{Error, ErrorKind};
use crate::store::LONGEST;

use super::rfc9110::ranges::ContentRange;
use super::rfc9111::directives::ResponseDirectives;
use super::rfc9111::freshness::Freshness;
use super::rfc9111::vary::Selection;
use super::stored::{Head, Stored};
use super::variants::Variants;

/// The name of the form. Another form has another name: two releases share one Redis.
pub(crate) const FORM: &str = "http1";

/// How many lines of fields a response may have; those that come by HTTP have far fewer.
const MOST_LINES: usize = 16 * 1024;

/// What packs responses, compressed as `packing` says.
pub(crate) fn codec(packing: Packing) -> Result<Codec<Arc<Variants>>, Error> {
    Codec::new(FORM, encode, decode).compressed_by(packing)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a codec may fail, and this one has a place for every response"
)]
pub(crate) fn encode(variants: &Arc<Variants>) -> Result<Vec<u8>, Error> {
    let as_of = variants.as_of();
    let bodies: usize = variants.list().iter().map(|stored| stored.body.len()).sum();
    let mut out = Vec::with_capacity(bodies + 512);
    let useful = millis(variants.useful_for(as_of).min(LONGEST));
    put(
        &mut out,
        format_args!("{} {useful}\n", variants.list().len()),
    );
    for stored in variants.list() {
        write(&mut out, stored, as_of);
    }
    Ok(out)
}

fn write(out: &mut Vec<u8>, stored: &Stored, as_of: Moment) {
    let head = &stored.head;
    let status = head.status.as_u16();
    let lifetime = millis(head.freshness.lifetime);
    let age = millis(head.freshness.age(as_of));
    let length = stored.body.len();
    put(out, format_args!("{status} {lifetime} {age} {length}\n"));
    put(out, format_args!("{}\n", head.directives));
    for (name, value) in head.selection.members() {
        put(out, format_args!("?{name}"));
        if let Some(value) = value {
            out.push(b'=');
            out.extend_from_slice(value);
        }
        out.push(b'\n');
    }
    if let Some(part) = &head.part {
        put(out, format_args!("@{}", part.span.start));
        if let Some(complete) = part.complete {
            put(out, format_args!(" {complete}"));
        }
        out.push(b'\n');
    }
    for tag in &head.tags {
        put(out, format_args!("#{tag}\n"));
    }
    for (name, value) in &stored.fields_received() {
        put(out, format_args!("{}{name}:", mark(name, value)));
        out.extend_from_slice(value.as_bytes());
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(&stored.body);
}

/// What stands before the name of a field. A name may begin with what marks other lines.
fn mark(name: &HeaderName, value: &HeaderValue) -> &'static str {
    if value.is_sensitive() {
        "!"
    } else if name.as_str().starts_with(['!', '#']) {
        ":"
    } else {
        ""
    }
}

fn put(out: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    // writing to memory cannot fail
    let _ = out.write_fmt(what);
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn decode(bytes: &Bytes) -> Result<Arc<Variants>, Error> {
    let mut rest = bytes.clone();
    read(&mut rest).map(Arc::new).ok_or_else(|| {
        let at = bytes.len() - rest.len();
        Error::new(
            ErrorKind::Corrupt,
            format!("the stored responses cannot be read from byte {at} on"),
        )
    })
}

fn read(rest: &mut Bytes) -> Option<Variants> {
    let line = line(rest)?;
    let [count, useful] = numbers(&line)?;
    // each takes several bytes, and a number that was forged is to reserve nothing
    let count = usize::try_from(count)
        .ok()
        .filter(|count| *count <= rest.len())?;
    // parts of one piece of memory keep all of it; of several responses each gets its own
    let alone = count == 1;
    let list = (0..count)
        .map(|_| response(rest, alone))
        .collect::<Option<Vec<_>>>()?;
    let useful = Duration::from_millis(useful);
    rest.is_empty().then(|| Variants::written(list, useful))
}

fn response(rest: &mut Bytes, alone: bool) -> Option<Stored> {
    let [status, lifetime, age, length] = numbers(&line(rest)?)?;
    let directives = line(rest)?;
    let (mut selection, mut tags, mut fields) = (Vec::new(), Vec::new(), HeaderMap::new());
    let mut place = None;
    loop {
        let line = line(rest)?;
        if line.is_empty() {
            break;
        }
        match line.split_first() {
            Some((b'?', selecting)) => selection.push(selecting_field(selecting)?),
            Some((b'@', said)) => place = Some(place_of(said)?),
            Some((b'#', tag)) => tags.push(std::str::from_utf8(tag).ok()?.into()),
            _ => {
                let (name, value) = field(&line, alone)?;
                // a map that is full panics, and is to have a place for what is added
                (fields.len() < MOST_LINES && fields.try_append(name, value).is_ok())
                    .then_some(())?;
            }
        }
    }
    let part = match place {
        None => None,
        Some((first, complete)) => Some(part(first, length, complete)?),
    };
    let length = usize::try_from(length)
        .ok()
        .filter(|length| *length <= rest.len())?;
    let body = rest.split_to(length);
    let head = Head {
        status: StatusCode::from_u16(u16::try_from(status).ok()?).ok()?,
        fields,
        directives: directives_of(&directives)?,
        freshness: Freshness {
            lifetime: Duration::from_millis(lifetime),
            initial_age: Duration::from_millis(age),
            received: Moment::default(),
        },
        selection: Selection::from_members(selection),
        tags: tags.into(),
        part,
    };
    let body = if alone {
        body
    } else {
        Bytes::copy_from_slice(&body)
    };
    Some(Stored::written(head, body))
}

/// Where a part begins, and how long all is.
fn place_of(line: &[u8]) -> Option<(u64, Option<u64>)> {
    let both = numbers(line).map(|[first, complete]| (first, Some(complete)));
    both.or_else(|| numbers(line).map(|[first]| (first, None)))
}

/// The part of this `length` that begins at `first`; none is empty, or goes beyond the end.
fn part(first: u64, length: u64, complete: Option<u64>) -> Option<ContentRange> {
    let end = first.checked_add(length)?;
    let valid = length > 0 && complete.is_none_or(|complete| end <= complete);
    valid.then_some(ContentRange {
        span: first..end,
        complete,
    })
}

fn directives_of(line: &[u8]) -> Option<ResponseDirectives> {
    let mut fields = HeaderMap::with_capacity(1);
    fields.insert(CACHE_CONTROL, HeaderValue::from_bytes(line).ok()?);
    Some(ResponseDirectives::of(&fields))
}

fn selecting_field(line: &[u8]) -> Option<(HeaderName, Option<Box<[u8]>>)> {
    let (name, value) = match line.iter().position(|byte| *byte == b'=') {
        Some(at) => (&line[..at], Some(line[at + 1..].into())),
        None => (line, None),
    };
    Some((HeaderName::from_bytes(name).ok()?, value))
}

fn field(line: &Bytes, alone: bool) -> Option<(HeaderName, HeaderValue)> {
    let sensitive = line.first() == Some(&b'!');
    let marked = sensitive || line.first() == Some(&b':');
    let start = usize::from(marked);
    let length = line[start..].iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[start..start + length]).ok()?;
    let value = line.slice(start + length + 1..);
    let value = if alone {
        HeaderValue::from_maybe_shared(value)
    } else {
        HeaderValue::from_bytes(&value)
    };
    let mut value = value.ok()?;
    value.set_sensitive(sensitive);
    Some((name, value))
}

/// Takes a line, without its end.
fn line(rest: &mut Bytes) -> Option<Bytes> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let line = rest.split_to(end);
    rest.advance(1);
    Some(line)
}

fn numbers<const N: usize>(line: &[u8]) -> Option<[u64; N]> {
    let text = std::str::from_utf8(line).ok()?;
    let numbers: Vec<_> = text
        .split(' ')
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment::default().after(Duration::from_secs(seconds))
    }

    fn one(body: &[u8], fields: &[(&'static str, &[u8])], vary: Option<&[u8]>) -> Stored {
        let mut all = HeaderMap::new();
        for (name, value) in fields {
            all.append(*name, HeaderValue::from_bytes(value).unwrap());
        }
        let selection = vary.map(|value| {
            vec![
                (HeaderName::from_static("accept"), Some(value.into())),
                (HeaderName::from_static("x-a"), None),
            ]
        });
        let head = Head {
            status: StatusCode::from_u16(299).unwrap(),
            fields: all,
            directives: ResponseDirectives {
                public: true,
                max_age: Some(60),
                stale_if_error: Some(u64::MAX),
                ..ResponseDirectives::default()
            },
            freshness: Freshness {
                lifetime: Duration::from_secs(60),
                initial_age: Duration::from_secs(5),
                received: at(100),
            },
            selection: Selection::from_members(selection.unwrap_or_default()),
            tags: ["one two".into(), "three".into()].into(),
            part: None,
        };
        Stored::new(head, Bytes::copy_from_slice(body), at(100))
    }

    fn travelled(stored: Stored) -> Variants {
        let variants = Variants::of(vec![Arc::new(stored)], &HeaderMap::new(), at(110));
        let bytes = encode(&Arc::new(variants)).unwrap();
        let read = decode(&bytes.into()).unwrap();
        Arc::try_unwrap(read).unwrap()
    }

    #[test]
    fn a_response_is_as_it_was_and_as_old_as_it_is() {
        let fields: [(&str, &[u8]); 3] = [
            ("content-type", b"text/plain; charset=\xe9"),
            ("set-cookie", b"a=b: c"),
            ("set-cookie", b""),
        ];
        let stored = one(b"one\n\ntwo", &fields, Some(b"text/*,a=b"));
        let (fields, directives) = (stored.fields_received(), stored.head.directives);
        let selection = stored.head.selection.clone();
        let useful = stored.useful_for(at(110));
        // it lay there for seven seconds
        let left = Some(useful.min(LONGEST) - Duration::from_secs(7));
        let came = travelled(stored).arrived(left, at(3));
        let came = &came.list()[0];
        assert_eq!(came.fields_received(), fields);
        assert_eq!(
            (came.head.directives, &came.head.selection),
            (directives, &selection)
        );
        let tags: Vec<&str> = came.head.tags.iter().map(|tag| &**tag).collect();
        assert_eq!(tags, ["one two", "three"]);
        assert_eq!(came.head.status.as_u16(), 299);
        assert_eq!(came.body, "one\n\ntwo");
        let freshness = &came.head.freshness;
        assert_eq!(freshness.age(at(3)), Duration::from_secs(5 + 10 + 7));
        assert_eq!(freshness.lifetime, Duration::from_secs(60));
    }

    #[test]
    fn a_name_may_begin_with_what_marks_other_lines() {
        let names = ["#a", "!b", "##c", "!#d", "#!e", "!!f", "g#!"];
        let fields = names.map(|name| (name, &b"1:2"[..]));
        let mut stored = one(b"", &fields, None);
        let mut secret = HeaderValue::from_static("3");
        secret.set_sensitive(true);
        for name in names {
            let name = HeaderName::from_static(name);
            stored.head.fields.append(name, secret.clone());
        }
        let fields = stored.fields_received();
        let came = travelled(stored);
        let came = &came.list()[0];
        assert_eq!(came.fields_received(), fields);
        for name in names {
            let lines = came.head.fields.get_all(name).iter();
            let sensitive: Vec<_> = lines.map(HeaderValue::is_sensitive).collect();
            assert_eq!(sensitive, [false, true], "{name}");
        }
        assert_eq!(came.head.tags.len(), 2);
    }

    #[test]
    fn a_part_is_the_part_that_it_was() {
        for complete in [Some(20), None] {
            let part = ContentRange {
                span: 4..8,
                complete,
            };
            let mut stored = one(b"part", &[], None);
            stored.head.part = Some(part.clone());
            let came = travelled(stored);
            assert_eq!(came.list()[0].head.part, Some(part));
            assert_eq!(came.list()[0].body, "part");
        }
        for (place, good) in [
            ("@4 8", true),
            ("@4", true),
            ("@4 7", false),
            ("@18446744073709551615", false),
            ("@", false),
            ("@x", false),
            ("@1 2 3", false),
        ] {
            let text = format!("1 5\n200 5 0 4\n\n{place}\n\npart");
            assert_eq!(decode(&text.into()).is_ok(), good, "{place}");
        }
    }

    #[test]
    fn what_is_cut_short_or_has_more_is_refused() {
        let stored = one(b"body", &[("a", b"1")], Some(b"x"));
        let variants = Variants::of(vec![Arc::new(stored)], &HeaderMap::new(), at(110));
        let bytes = Bytes::from(encode(&Arc::new(variants)).unwrap());
        assert!(decode(&bytes).is_ok());
        for end in 0..bytes.len() {
            assert!(decode(&bytes.slice(..end)).is_err(), "{end}");
        }
        let mut more = bytes.to_vec();
        more.push(b'x');
        assert!(decode(&more.into()).is_err());
    }

    #[test]
    fn an_error_shows_nothing_of_what_is_stored() {
        let error = decode(&Bytes::from_static(b"1 5\nsecret")).unwrap_err();
        assert!(error.is_corrupt());
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes.into());
        }

        #[test]
        fn bytes_that_look_alike_are_read(text in "[0-9]{1,3} [0-9]{1,20}\n([0-9]{3} [0-9]{1,4} [0-9] [0-9]{1,3}\n[a-z=,0-9 -]{0,20}\n([?!@]?[a-z0-9]{1,5}[:=]?[a-z]{0,5}\n){0,3}\n[a-z]{0,9}){0,3}") {
            let _ = decode(&text.into_bytes().into());
        }

        #[test]
        fn bodies_and_values_are_what_they_were(
            body in proptest::collection::vec(any::<u8>(), 0..100),
            value in "[ -~]{0,20}", vary in "[ -~]{0,20}",
        ) {
            let stored = one(&body, &[("x", value.as_bytes())], Some(vary.as_bytes()));
            let (fields, selection) = (stored.fields_received(), stored.head.selection.clone());
            let came = travelled(stored);
            prop_assert_eq!(came.list()[0].fields_received(), fields);
            prop_assert_eq!(&came.list()[0].head.selection, &selection);
            prop_assert_eq!(&came.list()[0].body[..], &body[..]);
        }
    }
}
