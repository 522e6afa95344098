//! Section 4.4: what an answer to an unsafe method makes invalid.

use http::header::{CONTENT_LOCATION, HeaderMap, LOCATION};
use http::{Method, StatusCode, Uri};

#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;
use crate::middleware::http_cache::key::normalised;

/// A safe method asks for nothing to change (RFC 9110 section 9.2.1). One that is not known here may.
pub(crate) fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(method)
}

/// "A non-error response is one with a 2xx (Successful) or 3xx (Redirection) status code."
pub(crate) fn is_non_error(status: StatusCode) -> bool {
    #[cfg(any(test, feature = "testing"))]
    if status.is_server_error() && HttpCacheFault::FailuresInvalidate.is_committed() {
        return true;
    }
    status.is_success() || status.is_redirection()
}

/// The URIs in `Location` and `Content-Location` of an answer to a request for `path`, as path and
/// query. A URI of another origin is left out, as the section demands: nobody may invalidate what is
/// not theirs.
pub(crate) fn other_targets(response: &HeaderMap, authority: &str, path: &str) -> Vec<String> {
    let named = [LOCATION, CONTENT_LOCATION].into_iter();
    let values = named.filter_map(|name| response.get(name)?.to_str().ok());
    values
        .filter_map(|reference| resolve(reference, authority, path))
        .collect()
}

/// Whether a response says by its `Content-Location` that it is what the URL is that was asked for: `path` at `origin`
/// (RFC 9110 section 8.7).
pub(crate) fn names_itself(response: &HeaderMap, origin: &str, path: &str) -> bool {
    let mut lines = response.get_all(CONTENT_LOCATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return false;
    };
    let (Ok(reference), Some((scheme, authority))) = (line.to_str(), origin.split_once("://"))
    else {
        return false;
    };
    let of_scheme = match reference.split_once("://") {
        Some((named, _)) if has_scheme(reference) => named.eq_ignore_ascii_case(scheme),
        _ => true,
    };
    of_scheme && resolve(reference, authority, path).as_deref() == Some(path)
}

/// RFC 3986 section 5.2, as far as it leads to a path on the same authority.
fn resolve(reference: &str, authority: &str, base: &str) -> Option<String> {
    let reference = reference.split('#').next().unwrap_or_default();
    if let Some(network_path) = reference.strip_prefix("//") {
        return on_authority(&format!("http://{network_path}"), authority);
    }
    if reference.starts_with('/') {
        return Some(without_dots(reference));
    }
    if has_scheme(reference) {
        return on_authority(reference, authority);
    }
    let base_path = base.split('?').next().unwrap_or_default();
    if reference.is_empty() {
        return Some(base.to_owned());
    }
    if reference.starts_with('?') {
        return Some(format!("{base_path}{reference}"));
    }
    let directory = base_path.rfind('/').map_or("/", |at| &base_path[..=at]);
    Some(without_dots(&format!("{directory}{reference}")))
}

fn has_scheme(reference: &str) -> bool {
    let before_path = reference.split(['/', '?']).next().unwrap_or_default();
    before_path.contains(':')
}

fn on_authority(absolute: &str, authority: &str) -> Option<String> {
    let uri: Uri = absolute.parse().ok()?;
    let (named, scheme) = (uri.authority()?.as_str(), uri.scheme_str()?);
    // a default port may be said or not (RFC 9110 section 4.2.3), and whose it is depends on the scheme
    if named.contains('@') || normalised(named, scheme) != normalised(authority, scheme) {
        return None;
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Some(without_dots(path))
}

/// RFC 3986 section 5.2.4.
fn without_dots(path_and_query: &str) -> String {
    let (path, query) = match path_and_query.find('?') {
        Some(at) => path_and_query.split_at(at),
        None => (path_and_query, ""),
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn references() {
        for (reference, expected) in [
            ("/b?x=1#top", Some("/b?x=1")),
            ("c", Some("/a/c")),
            ("../c", Some("/c")),
            ("../../../c", Some("/c")),
            ("./c/./d/..", Some("/a/c/")),
            ("?y", Some("/a/b?y")),
            ("", Some("/a/b?q")),
            ("//host/z", Some("/z")),
            ("//other/z", None),
            ("http://HOST", Some("/")),
            ("https://host/z?q", Some("/z?q")),
            ("http://host:81/z", None),
            ("http://evil/z", None),
            ("mailto:me", None),
            ("http://user@host/z", None),
            ("http://host:80/z", Some("/z")),
            ("http://host:/z", Some("/z")),
            ("//Host:80/z", Some("/z")),
            ("https://host:443/z", Some("/z")),
            ("https://host:80/z", None),
            ("http://host:443/z", None),
        ] {
            assert_eq!(
                resolve(reference, "host", "/a/b?q").as_deref(),
                expected,
                "{reference}"
            );
        }
    }

    #[test]
    fn both_fields_count() {
        let mut response = HeaderMap::new();
        response.insert(LOCATION, HeaderValue::from_static("/one"));
        response.insert(CONTENT_LOCATION, HeaderValue::from_static("http://h/two"));
        assert_eq!(other_targets(&response, "h", "/"), ["/one", "/two"]);
        assert!(other_targets(&HeaderMap::new(), "h", "/").is_empty());
    }

    #[test]
    fn a_response_may_name_itself() {
        for (named, itself) in [
            ("/a?b", true),
            ("a?b", true),
            ("", true),
            ("?b", true),
            ("http://h/a?b", true),
            ("HTTP://H:80/a?b", true),
            ("//h/a?b", true),
            ("/a", false),
            ("/A?b", false),
            ("https://h/a?b", false),
            ("http://other/a?b", false),
        ] {
            let mut response = HeaderMap::new();
            assert!(!names_itself(&response, "http://h", "/a?b"));
            response.insert(CONTENT_LOCATION, HeaderValue::from_static(named));
            assert_eq!(
                names_itself(&response, "http://h", "/a?b"),
                itself,
                "{named}"
            );
            response.append(CONTENT_LOCATION, HeaderValue::from_static(named));
            assert!(!names_itself(&response, "http://h", "/a?b"));
        }
    }

    #[test]
    fn methods_and_statuses() {
        let named = |name: &str| is_safe(&Method::from_bytes(name.as_bytes()).unwrap());
        assert!(["GET", "HEAD", "OPTIONS", "TRACE"].into_iter().all(named));
        assert!(
            !["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "get"]
                .into_iter()
                .any(named)
        );
        let status = |code| is_non_error(StatusCode::from_u16(code).unwrap());
        assert!([200, 204, 303, 399].into_iter().all(status));
        assert!(![199, 400, 404, 500, 600].into_iter().any(status));
    }

    proptest::proptest! {
        #[test]
        fn any_reference_resolves_to_a_path_or_nothing(reference in "[a/.:?#%@]{0,12}", base in "/[a/.?]{0,6}") {
            if let Some(path) = resolve(&reference, "a", &base) {
                proptest::prop_assert!(path.starts_with('/'));
            }
        }
    }
}
