//! Section 5.2: `Cache-Control`, parsed once into typed structs.
//!
//! Directives are compared without regard to case, in every line of the field; those that are not
//! known are ignored (section 5.2.3). An argument may be a token or a quoted string (section 5.2).
//!
//! What is neither, as in `private; max-age=60`, has no meaning by the grammar, and whoever wrote it had one in mind. So
//! `private`, `no-store` and `no-cache` count anywhere in it: to keep less than was meant is the smaller mistake.

use std::fmt;

use http::header::{CACHE_CONTROL, HeaderMap, PRAGMA};

use super::fields::{all_elements, has_token, is_quoted_string, is_token};

/// What a request says (section 5.2.1). `no-transform` concerns nobody who does not transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RequestDirectives {
    pub(crate) no_cache: bool,
    pub(crate) no_store: bool,
    pub(crate) only_if_cached: bool,
    /// Seconds.
    pub(crate) max_age: Option<u64>,
    /// Seconds.
    pub(crate) min_fresh: Option<u64>,
    /// Seconds; `u64::MAX` for any staleness (section 5.2.1.2).
    pub(crate) max_stale: Option<u64>,
    /// Seconds (RFC 5861 section 4).
    pub(crate) stale_if_error: Option<u64>,
}

impl RequestDirectives {
    pub(crate) fn of(fields: &HeaderMap) -> Self {
        let mut read = Self::default();
        if !fields.contains_key(CACHE_CONTROL) {
            // section 5.4: without `Cache-Control`, `Pragma: no-cache` means `no-cache`
            read.no_cache = fields.contains_key(PRAGMA)
                && all_elements(fields, &PRAGMA)
                    .any(|pragma| pragma.eq_ignore_ascii_case(b"no-cache"));
            return read;
        }
        for directive in all_elements(fields, &CACHE_CONTROL).map(Directive::read) {
            read.take(&directive);
        }
        read
    }

    fn take(&mut self, directive: &Directive<'_>) {
        let is = |name: &str| directive.is(name);
        // a request's malformed number asks for nothing that could be granted, so it is ignored
        if is("no-cache") {
            self.no_cache = true;
        } else if is("no-store") {
            self.no_store = true;
        } else if is("only-if-cached") {
            self.only_if_cached = true;
        } else if is("max-age") {
            self.max_age = least(self.max_age, directive.seconds());
        } else if is("min-fresh") {
            self.min_fresh = self.min_fresh.max(directive.seconds());
        } else if is("max-stale") {
            let any = directive.argument.is_none().then_some(u64::MAX);
            self.max_stale = least(self.max_stale, directive.seconds().or(any));
        } else if is("stale-if-error") {
            self.stale_if_error = least(self.stale_if_error, directive.seconds());
        }
    }
}

fn least(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// What a response says (section 5.2.2), and RFC 5861.
///
/// `no-cache` and `private` with a list of fields are read as if they had none: section 5.2.2.4 and
/// 5.2.2.7 allow it, and it errs on the side of the origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ResponseDirectives {
    pub(crate) public: bool,
    pub(crate) private: bool,
    pub(crate) no_cache: bool,
    pub(crate) no_store: bool,
    pub(crate) must_revalidate: bool,
    pub(crate) proxy_revalidate: bool,
    pub(crate) must_understand: bool,
    /// Seconds. What is not a number of seconds is 0: section 4.2.1 says to consider it stale.
    pub(crate) max_age: Option<u64>,
    /// Seconds, as [`max_age`](Self::max_age).
    pub(crate) s_maxage: Option<u64>,
    /// Seconds. What is not a number of seconds permits nothing.
    pub(crate) stale_while_revalidate: Option<u64>,
    /// Seconds, as [`stale_while_revalidate`](Self::stale_while_revalidate).
    pub(crate) stale_if_error: Option<u64>,
}

impl ResponseDirectives {
    pub(crate) fn of(fields: &HeaderMap) -> Self {
        let mut read = Self::default();
        for element in all_elements(fields, &CACHE_CONTROL) {
            let directive = Directive::read(element);
            read.take(
                |name| directive.is(name),
                directive.argument.is_none(),
                directive.seconds(),
            );
            if !directive.is_well_formed() {
                let names = |name: &str| has_token(element, name);
                read.private |= names("private");
                read.no_store |= names("no-store");
                read.no_cache |= names("no-cache");
            }
        }
        read
    }

    /// Takes a directive in: what it `is` called, whether it is `plain`, without an argument, and the
    /// `seconds` that its argument is.
    pub(super) fn take(&mut self, is: impl Fn(&str) -> bool, plain: bool, seconds: Option<u64>) {
        // What restricts counts with an argument it should not have; what permits does not.
        if is("max-age") {
            self.max_age = Some(agreed(self.max_age, seconds));
        } else if is("s-maxage") {
            self.s_maxage = Some(agreed(self.s_maxage, seconds));
        } else if is("stale-while-revalidate") {
            self.stale_while_revalidate = Some(agreed(self.stale_while_revalidate, seconds));
        } else if is("stale-if-error") {
            self.stale_if_error = Some(agreed(self.stale_if_error, seconds));
        } else if is("public") {
            self.public |= plain;
        } else if is("private") {
            self.private = true;
        } else if is("no-cache") {
            self.no_cache = true;
        } else if is("no-store") {
            self.no_store = true;
        } else if is("must-revalidate") {
            // it permits to share what credentials asked for, too; with an argument it only restricts
            self.must_revalidate |= plain;
            self.proxy_revalidate |= !plain;
        } else if is("proxy-revalidate") {
            self.proxy_revalidate = true;
        } else if is("must-understand") {
            self.must_understand = true;
        }
    }
}

/// As a `Cache-Control` that is read as the same.
impl fmt::Display for ResponseDirectives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = [
            (self.public, "public"),
            (self.private, "private"),
            (self.no_cache, "no-cache"),
            (self.no_store, "no-store"),
            (self.must_revalidate, "must-revalidate"),
            (self.proxy_revalidate, "proxy-revalidate"),
            (self.must_understand, "must-understand"),
        ];
        let numbers = [
            (self.max_age, "max-age"),
            (self.s_maxage, "s-maxage"),
            (self.stale_while_revalidate, "stale-while-revalidate"),
            (self.stale_if_error, "stale-if-error"),
        ];
        let mut between = "";
        for (_, name) in flags.into_iter().filter(|(is_set, _)| *is_set) {
            write!(f, "{between}{name}")?;
            between = ", ";
        }
        for (seconds, name) in numbers {
            if let Some(seconds) = seconds {
                write!(f, "{between}{name}={seconds}")?;
                between = ", ";
            }
        }
        Ok(())
    }
}

/// Section 4.2.1: of two values that differ the first may be used, or the response be considered
/// stale. The second is what no origin can be surprised by.
fn agreed(before: Option<u64>, seconds: Option<u64>) -> u64 {
    let seconds = seconds.unwrap_or(0);
    match before {
        Some(before) if before != seconds => 0,
        _ => seconds,
    }
}

#[derive(Debug, Clone, Copy)]
struct Directive<'a> {
    name: &'a [u8],
    argument: Option<&'a [u8]>,
}

impl<'a> Directive<'a> {
    fn read(element: &'a [u8]) -> Self {
        match element.iter().position(|byte| *byte == b'=') {
            None => Self {
                name: element,
                argument: None,
            },
            // No whitespace belongs around `=`. The name is found all the same, so that the directive
            // counts; its argument then is not a number, so that it does not count for more than 0.
            Some(at) if element[..at].ends_with(b" ") || element[..at].ends_with(b"\t") => Self {
                name: element[..at].trim_ascii_end(),
                argument: Some(b""),
            },
            Some(at) => Self {
                name: &element[..at],
                argument: Some(&element[at + 1..]),
            },
        }
    }

    /// Section 5.2: `token [ "=" ( token / quoted-string ) ]`.
    fn is_well_formed(&self) -> bool {
        is_token(self.name)
            && self
                .argument
                .is_none_or(|argument| is_token(argument) || is_quoted_string(argument))
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// `delta-seconds` (section 1.2.2), which saturates.
    fn seconds(&self) -> Option<u64> {
        let argument = self.argument?;
        let quoted = argument
            .strip_prefix(b"\"")
            .and_then(|argument| argument.strip_suffix(b"\""));
        match quoted {
            None => delta_seconds(argument),
            Some(quoted) => seconds_of(unescaped(quoted)),
        }
    }
}

/// RFC 9110 section 5.6.4: "a quoted-pair as if it were replaced by the value of the octet following the backslash".
fn unescaped(quoted: &[u8]) -> impl Iterator<Item = u8> {
    let mut octets = quoted.iter().copied();
    std::iter::from_fn(move || match octets.next()? {
        b'\\' => octets.next().or(Some(b'\\')),
        octet => Some(octet),
    })
}

/// `1*DIGIT`; what does not fit saturates (section 1.2.2).
pub(crate) fn delta_seconds(digits: &[u8]) -> Option<u64> {
    seconds_of(digits.iter().copied())
}

fn seconds_of(digits: impl Iterator<Item = u8>) -> Option<u64> {
    let mut read = None;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        let before = read.unwrap_or(0_u64).saturating_mul(10);
        read = Some(before.saturating_add(u64::from(digit - b'0')));
    }
    read
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn fields(lines: &[&str]) -> HeaderMap {
        let lines = lines
            .iter()
            .map(|line| (CACHE_CONTROL, HeaderValue::from_str(line).unwrap()));
        lines.fold(HeaderMap::new(), |mut fields, (name, line)| {
            fields.append(name, line);
            fields
        })
    }

    fn response(lines: &[&str]) -> ResponseDirectives {
        ResponseDirectives::of(&fields(lines))
    }

    #[test]
    fn numbers() {
        for (line, seconds) in [
            ("max-age=60", Some(60)),
            ("MAX-AGE=60", Some(60)),
            ("max-age=\"60\"", Some(60)),
            ("max-age=0060", Some(60)),
            ("max-age=\"6\\0\"", Some(60)),
            ("max-age=\"60\\\"", Some(0)),
            ("max-age=99999999999999999999999999", Some(u64::MAX)),
            ("max-age", Some(0)),
            ("max-age=", Some(0)),
            ("max-age=\"\"", Some(0)),
            ("max-age=\"60", Some(0)),
            ("max-age=-60", Some(0)),
            ("max-age=+60", Some(0)),
            ("max-age=6.5", Some(0)),
            ("max-age=60s", Some(0)),
            ("max-age=0x60", Some(0)),
            ("max-age='60'", Some(0)),
            ("max-age= 60", Some(0)),
            ("max-age =60", Some(0)),
            ("max-age=60, max-age=60", Some(60)),
            ("max-age=60, max-age=1", Some(0)),
            ("max-age=1, max-age=60", Some(0)),
            ("x-max-age=60", None),
            ("foo=\"max-age=60\"", None),
            ("foo=\", max-age=60, \"", None),
        ] {
            assert_eq!(response(&[line]).max_age, seconds, "{line}");
        }
    }

    #[test]
    fn several_lines_unknown_directives_and_quotes() {
        let read = response(&[
            "foo, Public ,bar=\"no-store, private\"",
            "s-maxage=3,,max-age=1",
        ]);
        assert!(read.public && !read.no_store && !read.private);
        assert_eq!((read.s_maxage, read.max_age), (Some(3), Some(1)));
        // a quote that is left open does not hide what comes after it
        assert!(response(&["foo=\"bar, no-store"]).no_store);
    }

    #[test]
    fn what_is_malformed_still_forbids() {
        for line in [
            "private; max-age=60",
            "max-age=60; private",
            "private max-age=60",
            "max-age=60 private",
            "Private: max-age=60",
            "max-age=\"60\"; PRIVATE",
            "max-age= private",
            "x=\"private",
            "x=\"a\"private",
            "=private",
        ] {
            assert!(response(&[line]).private, "{line}");
        }
        let read = response(&["max-age=60; no-store", "no-cache; x"]);
        assert!(read.no_store && read.no_cache && !read.private);
        for line in [
            "x=private",
            "x=\"private\"",
            "x=\"a; private\"",
            "x=\"\\\", private\"",
            "not-private; x",
            "privately max-age=60",
            "max-age=60; public",
        ] {
            let read = response(&[line]);
            assert!(!read.private && !read.public, "{line}");
        }
    }

    #[test]
    fn an_argument_that_does_not_belong_never_permits_more() {
        assert!(response(&["no-store=x"]).no_store);
        assert!(response(&["private=\"set-cookie\""]).private);
        assert!(response(&["no-cache=\"set-cookie\""]).no_cache);
        assert!(!response(&["public=x"]).public);
        let odd = response(&["must-revalidate=x"]);
        assert!(!odd.must_revalidate && odd.proxy_revalidate);
        for directive in ["stale-while-revalidate", "stale-if-error"] {
            for argument in ["", "=", "=x", "=-1", "= 5", "=5.0"] {
                let read = response(&[&format!("{directive}{argument}")]);
                let granted = read.stale_while_revalidate.max(read.stale_if_error);
                assert_eq!(granted, Some(0), "{directive}{argument}");
            }
        }
    }

    #[test]
    fn requests() {
        let read =
            RequestDirectives::of(&fields(&["no-cache, max-age=5, max-age=9", "min-fresh=2"]));
        assert!(read.no_cache && !read.no_store && !read.only_if_cached);
        assert_eq!((read.max_age, read.min_fresh), (Some(5), Some(2)));
        let odd = "max-age=x, min-fresh=-1, max-stale=x, stale-if-error";
        let odd = RequestDirectives::of(&fields(&[odd]));
        assert_eq!(odd, RequestDirectives::default());
        let stale = |line: &str| RequestDirectives::of(&fields(&[line])).max_stale;
        assert_eq!(stale("max-stale"), Some(u64::MAX));
        assert_eq!(stale("max-stale=5"), Some(5));
        assert_eq!(stale("max-stale, max-stale=5"), Some(5));
        let error = RequestDirectives::of(&fields(&["stale-if-error=3"]));
        assert_eq!(error.stale_if_error, Some(3));
    }

    #[test]
    fn pragma_counts_only_without_cache_control() {
        let mut request = HeaderMap::new();
        request.insert(PRAGMA, HeaderValue::from_static("foo, No-Cache"));
        assert!(RequestDirectives::of(&request).no_cache);
        request.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=1"));
        assert!(!RequestDirectives::of(&request).no_cache);
    }

    fn seconds() -> impl Strategy<Value = Option<u64>> {
        proptest::option::of(any::<u64>())
    }

    prop_compose! {
        fn directives()(
            flags in any::<[bool; 7]>(), max_age in seconds(), s_maxage in seconds(),
            stale_while_revalidate in seconds(), stale_if_error in seconds(),
        ) -> ResponseDirectives {
            let [public, private, no_cache, no_store, must_revalidate, proxy_revalidate, must_understand] = flags;
            ResponseDirectives {
                public, private, no_cache, no_store, must_revalidate, proxy_revalidate, must_understand,
                max_age, s_maxage, stale_while_revalidate, stale_if_error,
            }
        }
    }

    /// Each directive, with its argument in quotes or not.
    fn written(read: &ResponseDirectives, quoted: bool) -> Vec<String> {
        let line = read.to_string();
        let directives = line.split(", ").filter(|directive| !directive.is_empty());
        let written = directives.map(|directive| match directive.split_once('=') {
            Some((name, seconds)) if quoted => format!("{name}=\"{seconds}\""),
            _ => directive.to_owned(),
        });
        written.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_written_is_read(
            meant in directives(), quoted: bool, upper: bool, space in "[ \t]{0,2}",
            noise in "[a-z]{1,5}(=(\"[a-z, =]{0,5}\"|[a-z]{1,3}))?", turn in 0_usize..11, two_lines: bool,
        ) {
            let mut parts = written(&meant, quoted);
            parts.push(format!("x-{noise}"));
            let at = turn % parts.len();
            parts.rotate_left(at);
            let mut lines = if two_lines {
                let rest = parts.split_off(parts.len() / 2);
                vec![parts.join(&format!("{space},{space}")), rest.join(&format!(",{space}"))]
            } else {
                vec![parts.join(&format!("{space},{space}"))]
            };
            if upper {
                lines = lines.iter().map(|line| line.to_ascii_uppercase()).collect();
            }
            let lines: Vec<_> = lines.iter().map(String::as_str).collect();
            prop_assert_eq!(response(&lines), meant, "{:?}", lines);
        }

        #[test]
        fn any_bytes_are_read(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..4)) {
            let mut fields = HeaderMap::new();
            for line in lines {
                if let Ok(line) = HeaderValue::from_bytes(&line) {
                    fields.append(CACHE_CONTROL, line.clone());
                    fields.append(PRAGMA, line);
                }
            }
            let _ = (ResponseDirectives::of(&fields), RequestDirectives::of(&fields));
        }

        #[test]
        fn a_line_made_of_syntax_is_read(line in "[\"\\\\, =a0-]{0,24}|(no-store|max-age|[\"\\\\,= 0-9]){0,9}") {
            let _ = response(&[&line]);
        }
    }
}
