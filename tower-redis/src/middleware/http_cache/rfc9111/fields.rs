//! Lists in header fields, and the fields a cache does not keep (RFC 9111 section 3.1).

use http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE,
    TRAILER, TRANSFER_ENCODING, UPGRADE,
};

/// The elements of a comma-separated list in one field line, without the whitespace around them;
/// empty ones are left out (RFC 9110 section 5.6.1.2). A comma inside a quoted string separates nothing.
pub(crate) fn elements(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut quotes) = (line, true);
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let end = element_end(rest, &mut quotes);
            let element = rest[..end].trim_ascii();
            rest = rest.get(end + 1..).unwrap_or_default();
            if !element.is_empty() {
                return Some(element);
            }
        }
        None
    })
}

/// The elements of all lines of a field (RFC 9110 section 5.3).
pub(crate) fn all_elements<'a>(
    fields: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> {
    let lines = fields.get_all(name).into_iter();
    lines.flat_map(|line| elements(line.as_bytes()))
}

/// `quotes` says whether a quote may still be closed.
fn element_end(line: &[u8], quotes: &mut bool) -> usize {
    let mut at = 0;
    while at < line.len() {
        match line[at] {
            b',' => return at,
            b'"' if *quotes => at = pass_quoted(line, at, quotes),
            _ => {}
        }
        at += 1;
    }
    line.len()
}

/// Where the quoted string that opens at `open` closes. One that never does is an ordinary character: it must not hide
/// what follows. Behind it none is closed either: each would have closed this one, or is escaped from here, and what
/// follows it is looked at alike. So a line is looked at twice, and not once for each quote.
pub(crate) fn pass_quoted(line: &[u8], open: usize, quotes: &mut bool) -> usize {
    let closing = closing_quote(line, open);
    *quotes = closing.is_some();
    closing.unwrap_or(open)
}

/// Where the quoted string that opens at `open` closes.
fn closing_quote(line: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    while at < line.len() {
        match line[at] {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// RFC 9110 section 5.6.2.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(is_token_char)
}

fn is_token_char(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

/// RFC 9110 section 5.6.4.
pub(crate) fn is_quoted_string(text: &[u8]) -> bool {
    text.first() == Some(&b'"') && closing_quote(text, 0) == text.len().checked_sub(1)
}

/// Whether a token in `text`, whatever stands around it, is this `name`.
pub(crate) fn has_token(text: &[u8], name: &str) -> bool {
    let mut tokens = text.split(|byte| !is_token_char(byte));
    tokens.any(|token| token.eq_ignore_ascii_case(name.as_bytes()))
}

/// Fields that describe the connection, not the response (RFC 9110 section 7.6.1, RFC 9111 section 3.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    HeaderName::from_static("proxy-authentication-info"),
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Whether a response with `fields` is stored without `name`.
fn is_hop_by_hop(fields: &HeaderMap, name: &HeaderName) -> bool {
    HOP_BY_HOP.contains(name)
        // trailers are not stored, so they are not announced either (section 3.1)
        || name == TRAILER
        || all_elements(fields, &CONNECTION)
            .any(|listed| listed.eq_ignore_ascii_case(name.as_str().as_bytes()))
}

/// The fields of a response that are stored (RFC 9111 section 3.1), each in memory of its own: what a
/// connection hands out may be a slice of a buffer that is far larger.
pub(crate) fn storable_fields(fields: &HeaderMap) -> HeaderMap {
    // for `Content-Length`, `Age` and `Cache-Status`, and one to spare: a full map grows when one of its
    // fields is looked up to be changed
    const MORE: usize = 4;
    let mut stored = HeaderMap::with_capacity(fields.keys_len() + MORE);
    for (name, value) in fields {
        if !is_hop_by_hop(fields, name) {
            stored.append(own_name(name), own_value(value));
        }
    }
    stored
}

fn own_name(name: &HeaderName) -> HeaderName {
    HeaderName::from_bytes(name.as_str().as_bytes()).unwrap_or_else(|_| name.clone())
}

fn own_value(value: &HeaderValue) -> HeaderValue {
    let mut own = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
    own.set_sensitive(value.is_sensitive());
    own
}

/// The bytes that `fields` hold.
pub(crate) fn weight(fields: &HeaderMap) -> usize {
    // a place in the map, taken or not, with its share of the index
    const PLACE: usize = 110;
    // a value lies in memory of its own; once it was copied, what counts the copies does too
    const VALUE: usize = 24 + 32;
    let line =
        |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + VALUE;
    let lines: usize = fields.iter().map(line).sum();
    lines + fields.capacity().max(fields.len()) * PLACE
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn commas_inside_quotes_separate_nothing() {
        let read = |line: &'static str| {
            elements(line.as_bytes())
                .map(|e| std::str::from_utf8(e).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(read(" a , b,,\tc "), ["a", "b", "c"]);
        assert_eq!(read(r#"a="x, y", b"#), [r#"a="x, y""#, "b"]);
        assert_eq!(read(r#"a="x\", y", b"#), [r#"a="x\", y""#, "b"]);
        assert_eq!(read(r#"a="x, no-store"#), [r#"a="x"#, "no-store"]);
        assert_eq!(read(r#"a="x\"#), [r#"a="x\"#]);
        assert!(read(" ,, ").is_empty());
    }

    #[test]
    fn a_line_of_quotes_that_never_close_is_read_in_no_time() {
        // each quote but the first is escaped, from wherever it is looked at
        let line = format!("\"{}", "\\\",".repeat(200_000));
        let (count, took) = ::tests::timed(|| elements(line.as_bytes()).count());
        assert_eq!(count, 200_000);
        assert!(took < Duration::from_secs(5), "{took:?}");
    }

    #[test]
    fn what_belongs_to_the_connection_is_not_stored() {
        let mut fields = HeaderMap::new();
        for (name, value) in [
            ("connection", "keep-alive, X-Mine"),
            ("keep-alive", "timeout=5"),
            ("x-mine", "1"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("te", "trailers"),
            ("trailer", "x-sum"),
            ("proxy-authenticate", "Basic"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("x-other", "2"),
        ] {
            fields.append(name, HeaderValue::from_static(value));
        }
        let stored = storable_fields(&fields);
        let names: Vec<_> = stored.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["set-cookie", "set-cookie", "x-other"]);
    }
}
