//! `CDN-Cache-Control`.

use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue};

use crate::middleware::http_cache::rfc9111::targeted::{CDN_CACHE_CONTROL, Control};

use super::cache_control::response;
use super::lines::{append, lines_of, values};
use super::plain::dictionary;

const BESIDE: &[u8] = b"max-age=1, public";

/// The lines of a `CDN-Cache-Control`, beside a `Cache-Control`. It is read as the second reader reads it; one that is
/// empty or cannot be read leaves what stands beside it; and what it says is written and read as the same.
pub fn cdn_cache_control(data: &[u8]) {
    let mut fields = lines_of(data, &CDN_CACHE_CONTROL);
    let text = values(&fields, &CDN_CACHE_CONTROL).join(&b", "[..]);
    append(&mut fields, CACHE_CONTROL.as_str().as_bytes(), BESIDE);
    let read = Control::of(&fields, &[CDN_CACHE_CONTROL]);
    let expected = match dictionary::read(&text) {
        Some((said, true)) => Control {
            directives: response(&said),
            targeted: true,
        },
        _ => Control::of(&lines_of(BESIDE, &CACHE_CONTROL), &[]),
    };
    assert_eq!(read, expected);
    let written = read.directives.to_string();
    if read.targeted && !written.is_empty() {
        let value = HeaderValue::from_str(&written);
        let again: HeaderMap = value
            .map(|value| (CDN_CACHE_CONTROL, value))
            .into_iter()
            .collect();
        assert_eq!(Control::of(&again, &[CDN_CACHE_CONTROL]), read);
    }
}
