//! `Cache-Control` and `Pragma`.

use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, PRAGMA};

use crate::middleware::http_cache::rfc9111::directives::{RequestDirectives, ResponseDirectives};

use super::lines::{lines_of, values};
use super::plain::list::{Argument, Said, directives, is_hidden_in, members};

/// The lines of a `Cache-Control`, of a response and of a request. Both are read as the second reader reads them; what
/// a response says is written and read as the same; and no line before or behind it hides a `no-store`.
pub fn cache_control(data: &[u8]) {
    let fields = lines_of(data, &CACHE_CONTROL);
    let lines = values(&fields, &CACHE_CONTROL);
    let said = directives(&lines);
    let read = ResponseDirectives::of(&fields);
    let plainly = response(&said);
    let expected = ResponseDirectives {
        private: plainly.private || is_hidden_in(&lines, "private"),
        no_store: plainly.no_store || is_hidden_in(&lines, "no-store"),
        no_cache: plainly.no_cache || is_hidden_in(&lines, "no-cache"),
        ..plainly
    };
    assert_eq!(read, expected, "{said:?}");
    assert_eq!(ResponseDirectives::of(&written(&read)), read);
    if !lines.is_empty() {
        assert_eq!(RequestDirectives::of(&fields), request(&said), "{said:?}");
    }
    let no_store = vec![b"no-store".to_vec()];
    for all in [
        [&lines[..], &no_store].concat(),
        [&no_store[..], &lines].concat(),
    ] {
        let fields = lines_of(&all.join(&b'\n'), &CACHE_CONTROL);
        let more = ResponseDirectives {
            no_store: true,
            ..read
        };
        assert_eq!(ResponseDirectives::of(&fields), more);
    }
    pragma(data);
}

fn pragma(data: &[u8]) {
    let fields = lines_of(data, &PRAGMA);
    let members = members(&values(&fields, &PRAGMA));
    let no_cache = |member: &Vec<u8>| member.eq_ignore_ascii_case(b"no-cache");
    let expected = RequestDirectives {
        no_cache: members.iter().any(no_cache),
        ..RequestDirectives::default()
    };
    assert_eq!(RequestDirectives::of(&fields), expected);
}

fn written(read: &ResponseDirectives) -> HeaderMap {
    let value = HeaderValue::from_str(&read.to_string());
    value
        .map(|value| (CACHE_CONTROL, value))
        .into_iter()
        .collect()
}

/// What the directives mean for a response.
pub(super) fn response(said: &[Said]) -> ResponseDirectives {
    let any = |name: &str| said.iter().any(|said| said.name == name);
    let plain = |name: &str| {
        let plain = |said: &Said| said.name == name && said.argument == Argument::Absent;
        said.iter().any(plain)
    };
    let argued = |name: &str| {
        let argued = |said: &Said| said.name == name && said.argument != Argument::Absent;
        said.iter().any(argued)
    };
    // several that differ are none, and none is 0
    let seconds = |name: &str| {
        let mut all = said
            .iter()
            .filter(|said| said.name == name)
            .map(seconds_or_0);
        let first = all.next()?;
        Some(if all.all(|other| other == first) {
            first
        } else {
            0
        })
    };
    ResponseDirectives {
        public: plain("public"),
        private: any("private"),
        no_cache: any("no-cache"),
        no_store: any("no-store"),
        must_revalidate: plain("must-revalidate"),
        proxy_revalidate: any("proxy-revalidate") || argued("must-revalidate"),
        must_understand: any("must-understand"),
        max_age: seconds("max-age"),
        s_maxage: seconds("s-maxage"),
        stale_while_revalidate: seconds("stale-while-revalidate"),
        stale_if_error: seconds("stale-if-error"),
    }
}

fn seconds_or_0(said: &Said) -> u64 {
    match said.argument {
        Argument::Seconds(seconds) => seconds,
        Argument::Absent | Argument::Other => 0,
    }
}

/// What they mean for a request.
fn request(said: &[Said]) -> RequestDirectives {
    let any = |name: &str| said.iter().any(|said| said.name == name);
    let numbers = |name: &str, absent: Option<u64>| -> Vec<u64> {
        let said = said.iter().filter(|said| said.name == name);
        let number = |said: &Said| match said.argument {
            Argument::Seconds(seconds) => Some(seconds),
            Argument::Absent => absent,
            Argument::Other => None,
        };
        said.filter_map(number).collect()
    };
    RequestDirectives {
        no_cache: any("no-cache"),
        no_store: any("no-store"),
        only_if_cached: any("only-if-cached"),
        max_age: numbers("max-age", None).into_iter().min(),
        min_fresh: numbers("min-fresh", None).into_iter().max(),
        max_stale: numbers("max-stale", Some(u64::MAX)).into_iter().min(),
        stale_if_error: numbers("stale-if-error", None).into_iter().min(),
    }
}
