//! HTTP-date.

use std::time::{Duration, UNIX_EPOCH};

use http::header::{DATE, HeaderMap, HeaderValue};

use crate::middleware::http_cache::rfc9111::freshness::{self, date_in};

use super::plain::date;

/// A date in any of the three forms, and nothing else, is read, as the second reader reads it; it is written and
/// read as the same; and where freshness goes by it, in whatever case its letters are.
pub fn http_date(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return;
    };
    let fields = HeaderMap::from_iter([(DATE, value.clone())]);
    let read = date_in(&fields, &DATE);
    let text = value.to_str().unwrap_or_default();
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    assert_eq!(read, date::read(text).map(at), "{text:?}");
    let of_any_case = date::read_any_case(text).map(at);
    assert_eq!(freshness::date(&fields), of_any_case, "{text:?}");
    if let Some(read) = read {
        let written = httpdate::fmt_http_date(read);
        let again = HeaderValue::from_str(&written).map(|value| (DATE, value));
        let again: HeaderMap = again.into_iter().collect();
        assert_eq!(date_in(&again, &DATE), Some(read), "{written}");
    }
}
