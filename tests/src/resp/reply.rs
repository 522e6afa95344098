//! A value of RESP2 or RESP3, read from bytes.

use std::fmt;

/// What a server answers, and (as an array of texts) what a client asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Null, of whichever form.
    Nil,
    /// A number.
    Int(i64),
    /// A simple, bulk or verbatim string, a double or a big number: bytes.
    Bulk(Vec<u8>),
    /// A boolean of RESP3.
    Bool(bool),
    /// An error as the server worded it.
    Error(String),
    /// An array, a set or a push.
    Array(Vec<Reply>),
    /// A map of RESP3.
    Map(Vec<(Reply, Reply)>),
}

impl Reply {
    /// A string, a number or a status as text.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> String {
        match self {
            Self::Bulk(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Int(number) => number.to_string(),
            other => unexpected("a text", other),
        }
    }

    /// A number, also one that came as text.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    #[track_caller]
    pub fn int(&self) -> i64 {
        match self {
            Self::Int(number) => *number,
            Self::Bulk(_) => match self.text().parse() {
                Ok(number) => number,
                Err(_) => unexpected("a number", self),
            },
            other => unexpected("a number", other),
        }
    }

    /// The items of an array.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    #[track_caller]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            other => unexpected("an array", other),
        }
    }

    /// The items of an array as texts.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    #[track_caller]
    pub fn texts(&self) -> Vec<String> {
        self.items().iter().map(Self::text).collect()
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a helper of tests fails as a test does")]
fn unexpected(wanted: &str, found: &Reply) -> ! {
    panic!("found {found}; expected {wanted}")
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nil => f.write_str("(nil)"),
            Self::Int(number) => write!(f, "(integer) {number}"),
            Self::Bulk(bytes) => write!(f, "\"{}\"", bytes.escape_ascii()),
            Self::Bool(value) => write!(f, "(boolean) {value}"),
            Self::Error(text) => write!(f, "(error) {text}"),
            Self::Array(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Map(entries) => {
                f.write_str("{")?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Bytes that are no RESP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotResp;

/// The first value in `bytes` and how many of them it took; `None` when more are needed.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Reply, usize)>, NotResp> {
    let mut rest = bytes;
    Ok(value(&mut rest)?.map(|reply| (reply, bytes.len() - rest.len())))
}

fn value(rest: &mut &[u8]) -> Result<Option<Reply>, NotResp> {
    let Some(line) = line(rest) else {
        return if rest.len() > 64 * 1024 && !rest.contains(&b'\r') {
            Err(NotResp)
        } else {
            Ok(None)
        };
    };
    let (kind, text) = line.split_first().ok_or(NotResp)?;
    match kind {
        b'+' | b',' | b'(' => Ok(Some(Reply::Bulk(text.to_vec()))),
        b'-' => Ok(Some(Reply::Error(
            String::from_utf8_lossy(text).into_owned(),
        ))),
        b':' => Ok(Some(Reply::Int(number(text)?))),
        b'_' => Ok(Some(Reply::Nil)),
        b'#' => Ok(Some(Reply::Bool(text == b"t"))),
        b'$' | b'=' | b'!' => {
            let Ok(length) = usize::try_from(number(text)?) else {
                return Ok(Some(Reply::Nil));
            };
            let Some((string, after)) = rest.split_at_checked(length) else {
                return Ok(None);
            };
            let Some((end, after)) = after.split_at_checked(2) else {
                return Ok(None);
            };
            if end != b"\r\n" {
                return Err(NotResp);
            }
            *rest = after;
            Ok(Some(match kind {
                b'!' => Reply::Error(String::from_utf8_lossy(string).into_owned()),
                // a verbatim string starts with its format, as in `txt:`
                b'=' => Reply::Bulk(string.get(4..).unwrap_or(string).to_vec()),
                _ => Reply::Bulk(string.to_vec()),
            }))
        }
        b'*' | b'~' | b'>' => {
            let Ok(length) = usize::try_from(number(text)?) else {
                return Ok(Some(Reply::Nil));
            };
            let mut items = Vec::new();
            for _ in 0..length {
                let Some(item) = value(rest)? else {
                    return Ok(None);
                };
                items.push(item);
            }
            Ok(Some(Reply::Array(items)))
        }
        b'%' => {
            let mut entries = Vec::new();
            for _ in 0..number(text)? {
                let (Some(key), Some(entry)) = (value(rest)?, value(rest)?) else {
                    return Ok(None);
                };
                entries.push((key, entry));
            }
            Ok(Some(Reply::Map(entries)))
        }
        _ => Err(NotResp),
    }
}

fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.windows(2).position(|two| two == b"\r\n")?;
    let (line, after) = rest.split_at_checked(end)?;
    *rest = after.get(2..)?;
    Some(line)
}

fn number(text: &[u8]) -> Result<i64, NotResp> {
    let text = std::str::from_utf8(text).map_err(|_| NotResp)?;
    text.parse().map_err(|_| NotResp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_and_no_byte_too_many() {
        let text = b"*3\r\n$3\r\nSET\r\n:7\r\n$-1\r\n%1\r\n+a\r\n#t\r\n-ERR no\r\n=5\r\ntxt:x\r\n";
        let mut rest = text.as_slice();
        let mut told = Vec::new();
        while let Ok(Some((reply, taken))) = parse(rest) {
            told.push(reply.to_string());
            rest = &rest[taken..];
        }
        assert_eq!(
            told,
            [
                "[\"SET\", (integer) 7, (nil)]",
                "{\"a\": (boolean) true}",
                "(error) ERR no",
                "\"x\""
            ]
        );
        assert!(rest.is_empty());
    }

    #[test]
    fn a_part_of_a_value_is_not_a_value() {
        let text = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
        for length in 0..text.len() {
            assert_eq!(parse(&text[..length]), Ok(None), "{length}");
        }
        assert!(matches!(parse(text), Ok(Some((_, taken))) if taken == text.len()));
    }

    #[test]
    fn what_is_no_resp_is_said_to_be_none() {
        for text in ["GET / HTTP/1.1\r\n", "$1\r\nab\r\n", ":x\r\n", "\r\n"] {
            assert_eq!(parse(text.as_bytes()), Err(NotResp), "{text:?}");
        }
    }
}
