//! Section 3: may a response be stored.

use std::time::{Duration, SystemTime};

use http::header::{AUTHORIZATION, COOKIE, HeaderMap, SET_COOKIE};
use http::{Method, StatusCode};

use super::directives::{RequestDirectives, ResponseDirectives};
use super::fields::storable_fields;
use super::freshness::explicit_lifetime;
use super::reuse::is_good_when_stale;
use super::targeted::Control;
use super::validation::has_validator;
use super::vary::Selection;
use super::verdict::Reason;
#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;
use crate::middleware::http_cache::rules::Rules;
use crate::middleware::http_cache::tags::groups;

/// A response with the request it answers, and what the user said.
#[derive(Debug)]
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a Method,
    pub(crate) request: &'a HeaderMap,
    pub(crate) asked: &'a RequestDirectives,
    pub(crate) status: StatusCode,
    pub(crate) response: &'a HeaderMap,
    /// `Date`, or when it was received.
    pub(crate) date: SystemTime,
    pub(crate) rules: &'a Rules,
    /// The origin of the request.
    pub(crate) origin: &'a str,
}

impl Answered<'_> {
    /// The fields that are stored (section 3.1), but for those that the user takes out.
    pub(crate) fn kept_fields(&self) -> HeaderMap {
        let mut fields = storable_fields(self.response);
        for name in &self.rules.strip {
            fields.remove(name);
        }
        fields
    }

    /// The tags and groups that the response says it has.
    pub(crate) fn tags(&self) -> Box<[Box<str>]> {
        let tags = self.rules.tags.tags(self.response).map(Box::from);
        let groups = groups(self.response, self.origin).into_iter();
        tags.chain(groups.map(String::into_boxed_str)).collect()
    }
}

/// What is known about a response that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Storable {
    pub(crate) directives: ResponseDirectives,
    pub(crate) lifetime: Duration,
    pub(crate) selection: Selection,
}

/// Section 3, sentence by sentence, but for what lies in the request: [`withheld`] says that.
pub(crate) fn storable(answered: &Answered<'_>) -> Result<Storable, Reason> {
    let control = Control::of(answered.response, &answered.rules.targets);
    let directives = control.directives;
    // "the request method is understood by the cache"
    if answered.method != Method::GET {
        return Err(Reason::Method);
    }
    // "if the response status code is 206 or 304, [..] the cache understands the response status code": a part comes
    // here as the 200 that it is a part of, and a 304 is no response of its own
    if !is_final(answered.status) || is_partial(answered.status) || is_never_stored(answered.status)
    {
        return Err(Reason::Status);
    }
    let wanted = answered.rules.store_if.as_ref();
    if wanted.is_some_and(|wanted| !wanted(answered.status, answered.response)) {
        return Err(Reason::Unwanted);
    }
    understood(answered.status, &directives)?;
    // "if the cache is shared: the private response directive is not present"
    if directives.private && !is_private(answered) {
        return Err(Reason::Private);
    }
    let selection = Selection::new(answered.request, answered.response).ok_or(Reason::VaryStar)?;
    let lifetime = lifetime(answered, &control)?;
    // storing what can neither be reused nor validated would help nobody
    let reusable = !directives.no_cache && (!lifetime.is_zero() || is_good_when_stale(&directives));
    if !reusable && !has_validator(answered.response) {
        return Err(Reason::NoValidator);
    }
    Ok(Storable {
        directives,
        lifetime,
        selection,
    })
}

/// Whether the request keeps a response from being stored that might be by what it says itself. That says nothing of
/// what is stored (see [`Reason::is_of_request`]), so it is looked at last.
pub(crate) fn withheld(
    answered: &Answered<'_>,
    directives: &ResponseDirectives,
) -> Result<(), Reason> {
    if answered.rules.strict && is_personal(answered) {
        return Err(Reason::Strict);
    }
    // section 5.2.1.5
    if answered.asked.no_store {
        return Err(Reason::RequestNoStore);
    }
    // "if the cache is shared: the Authorization header field is not present in the request or a
    // response directive is present that explicitly allows shared caching" (section 3.5)
    let shareable = directives.public
        || directives.must_revalidate
        // 0 is also what stands for a number that cannot be read, and permits nothing
        || directives.s_maxage.is_some_and(|seconds| seconds > 0);
    #[cfg(any(test, feature = "testing"))]
    let shareable = shareable || HttpCacheFault::AuthorizationIsShared.is_committed();
    if answered.request.contains_key(AUTHORIZATION) && !shareable && !is_private(answered) {
        return Err(Reason::Authorization);
    }
    Ok(())
}

/// Where the key tells clients apart, this is a private cache to each of them.
fn is_private(answered: &Answered<'_>) -> bool {
    answered.rules.private && answered.rules.key.tells_apart(answered.request)
}

/// Whether anything in sight is of one client.
fn is_personal(answered: &Answered<'_>) -> bool {
    let asks = |name| answered.request.contains_key(name);
    asks(AUTHORIZATION) || asks(COOKIE) || answered.response.contains_key(SET_COOKIE)
}

fn is_final(status: StatusCode) -> bool {
    status.as_u16() >= 200
}

fn is_partial(status: StatusCode) -> bool {
    [StatusCode::PARTIAL_CONTENT, StatusCode::NOT_MODIFIED].contains(&status)
}

/// What "MUST NOT be stored by a cache" whatever its fields say (RFC 6585 sections 3 to 6): each says
/// something of one client.
fn is_never_stored(status: StatusCode) -> bool {
    [
        StatusCode::PRECONDITION_REQUIRED,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        StatusCode::NETWORK_AUTHENTICATION_REQUIRED,
    ]
    .contains(&status)
}

/// "the no-store cache directive is not present in the response", unless `must-understand` is there
/// and understood: then `no-store` is for other caches (section 5.2.2.3).
fn understood(status: StatusCode, directives: &ResponseDirectives) -> Result<(), Reason> {
    if directives.must_understand {
        return if is_understood(status) {
            Ok(())
        } else {
            Err(Reason::NotUnderstood)
        };
    }
    if directives.no_store {
        return Err(Reason::NoStore);
    }
    Ok(())
}

/// What RFC 9110 defines: others, as 226, may have rules of their own for caches (section 3).
fn is_understood(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        200..=205 | 300..=303 | 305 | 307 | 308 | 400..=417 | 421 | 422 | 426 | 500..=505
    )
}

/// The last condition: something says that the response may be stored. Here that is explicit
/// freshness, `no-cache` (whose lifetime never counts), or what the user has said for where a cache may guess
/// (section 4.2.2): status codes that are heuristically cacheable, or `public`, as long as nothing personal is
/// in sight. When it was last changed tells more than the user could in general.
fn lifetime(answered: &Answered<'_>, control: &Control) -> Result<Duration, Reason> {
    let directives = &control.directives;
    let explicit = explicit_lifetime(control, answered.response, answered.date);
    if let Some(lifetime) = explicit {
        return Ok(lifetime);
    }
    let guessable = directives.public || is_heuristically_cacheable(answered.status);
    if directives.no_cache && guessable {
        return Ok(Duration::ZERO);
    }
    let heuristic = answered.rules.heuristic.as_ref();
    let guess = heuristic.and_then(|guess| guess.lifetime(answered.response, answered.date));
    let guess = guess.or_else(|| answered.rules.ttl(answered.status));
    let guess = guess.filter(|_| guessable).ok_or(Reason::NoFreshness)?;
    if answered.response.contains_key(SET_COOKIE) {
        return Err(Reason::SetCookie);
    }
    Ok(guess)
}

/// RFC 9110 section 15.1, without 206.
fn is_heuristically_cacheable(status: StatusCode) -> bool {
    #[cfg(any(test, feature = "testing"))]
    if status == StatusCode::FOUND && HttpCacheFault::FoundIsGuessed.is_committed() {
        return true;
    }
    matches!(
        status.as_u16(),
        200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use crate::middleware::http_cache::rfc9111::freshness::Heuristic;

    use super::*;

    type Lines = [(&'static str, &'static str)];

    fn fields(lines: &Lines) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(*name, HeaderValue::from_static(value));
        }
        fields
    }

    fn judge(
        method: &Method,
        status: u16,
        request: &Lines,
        response: &Lines,
        default_ttl: Option<u64>,
    ) -> Result<u64, Reason> {
        let rules = Rules {
            default_ttl: default_ttl.map(Duration::from_secs),
            ..Rules::default()
        };
        judge_by(&rules, method, status, request, response)
    }

    fn judge_by(
        rules: &Rules,
        method: &Method,
        status: u16,
        request: &Lines,
        response: &Lines,
    ) -> Result<u64, Reason> {
        let (request, response) = (fields(request), fields(response));
        let answered = Answered {
            method,
            request: &request,
            asked: &RequestDirectives::of(&request),
            status: StatusCode::from_u16(status).unwrap(),
            response: &response,
            date: SystemTime::UNIX_EPOCH + Duration::from_secs(100),
            rules,
            origin: "http://a",
        };
        let storable = storable(&answered)?;
        withheld(&answered, &storable.directives)?;
        Ok(storable.lifetime.as_secs())
    }

    const FRESH: (&str, &str) = ("cache-control", "max-age=9");

    #[test]
    fn any_final_status_with_explicit_freshness_but_parts() {
        for status in [
            200, 203, 204, 299, 301, 302, 303, 307, 308, 400, 404, 410, 451, 499, 500, 502, 503,
            599, 999,
        ] {
            assert_eq!(
                judge(&Method::GET, status, &[], &[FRESH], None),
                Ok(9),
                "{status}"
            );
        }
        for status in [101, 206, 304, 428, 429, 431, 511] {
            let refused = judge(&Method::GET, status, &[], &[FRESH], None);
            assert_eq!(refused, Err(Reason::Status), "{status}");
        }
        for method in [Method::HEAD, Method::POST, Method::OPTIONS] {
            assert_eq!(
                judge(&method, 200, &[], &[FRESH], None),
                Err(Reason::Method)
            );
        }
    }

    #[test]
    fn directives_that_forbid_and_permit() {
        let cc =
            |value: &'static str| judge(&Method::GET, 200, &[], &[("cache-control", value)], None);
        assert_eq!(cc("max-age=9, no-store"), Err(Reason::NoStore));
        assert_eq!(cc("max-age=9, private"), Err(Reason::Private));
        assert_eq!(cc("max-age=9, private=\"x\""), Err(Reason::Private));
        assert_eq!(cc("max-age=9, no-store, must-understand"), Ok(9));
        assert_eq!(cc("max-age=0"), Err(Reason::NoValidator));
        assert_eq!(cc("max-age=9, no-cache"), Err(Reason::NoValidator));
        assert_eq!(cc("public"), Err(Reason::NoFreshness));
        assert_eq!(cc("must-revalidate"), Err(Reason::NoFreshness));
        let odd = [("cache-control", "max-age=9, must-understand")];
        assert_eq!(
            judge(&Method::GET, 299, &[], &odd, None),
            Err(Reason::NotUnderstood)
        );
        let etag = ("etag", "\"1\"");
        for (value, lifetime) in [
            ("max-age=0", 0),
            ("no-cache", 0),
            ("max-age=9, no-cache", 9),
        ] {
            let response = [("cache-control", value), etag];
            assert_eq!(
                judge(&Method::GET, 200, &[], &response, None),
                Ok(lifetime),
                "{value}"
            );
        }
        assert_eq!(
            judge(&Method::GET, 200, &[], &[etag], None),
            Err(Reason::NoFreshness)
        );
        let no_store = [("cache-control", "no-store")];
        assert_eq!(
            judge(&Method::GET, 200, &no_store, &[FRESH], None),
            Err(Reason::RequestNoStore)
        );
        let star = [FRESH, ("vary", "accept, *")];
        assert_eq!(
            judge(&Method::GET, 200, &[], &star, None),
            Err(Reason::VaryStar)
        );
    }

    #[test]
    fn credentials_need_a_permission() {
        let request = [("authorization", "Basic Og==")];
        for (value, expected) in [
            ("max-age=9", Err(Reason::Authorization)),
            ("max-age=9, proxy-revalidate", Err(Reason::Authorization)),
            ("max-age=9, public", Ok(9)),
            ("max-age=9, must-revalidate", Ok(9)),
            ("max-age=9, s-maxage=3", Ok(3)),
            (
                "max-age=9, s-maxage=3, s-maxage=5",
                Err(Reason::NoValidator),
            ),
        ] {
            let response = [("cache-control", value)];
            assert_eq!(
                judge(&Method::GET, 200, &request, &response, None),
                expected,
                "{value}"
            );
        }
        assert_eq!(
            judge(&Method::GET, 200, &request, &[], Some(5)),
            Err(Reason::Authorization)
        );
        // section 3.5 wants a permission, and what cannot be read is none
        for value in [
            "s-maxage",
            "s-maxage=x",
            "s-maxage=",
            "s-maxage=-1",
            "s-maxage=1 2",
        ] {
            let response = [("cache-control", value), ("etag", "\"1\"")];
            let refused = judge(&Method::GET, 200, &request, &response, None);
            assert_eq!(refused, Err(Reason::Authorization), "{value}");
            assert_eq!(
                judge(&Method::GET, 200, &[], &response, None),
                Ok(0),
                "{value}"
            );
        }
    }

    #[test]
    fn what_the_response_says_comes_before_what_the_request_does() {
        let request = [
            ("authorization", "Basic Og=="),
            ("cache-control", "no-store"),
        ];
        let asked = |response: &Lines| judge(&Method::GET, 200, &request, response, None);
        for (value, reason) in [
            ("no-store", Reason::NoStore),
            ("private", Reason::Private),
            ("x", Reason::NoFreshness),
            ("max-age=9", Reason::RequestNoStore),
        ] {
            assert_eq!(asked(&[("cache-control", value)]), Err(reason), "{value}");
        }
        assert!(Reason::RequestNoStore.is_of_request() && !Reason::NoStore.is_of_request());
    }

    #[test]
    fn the_default_applies_where_a_guess_would_be_allowed() {
        let with = |status, response: &Lines| judge(&Method::GET, status, &[], response, Some(5));
        assert_eq!(with(200, &[]), Ok(5));
        assert_eq!(with(404, &[]), Ok(5));
        assert_eq!(with(500, &[]), Err(Reason::NoFreshness));
        assert_eq!(with(302, &[]), Err(Reason::NoFreshness));
        assert_eq!(with(302, &[("cache-control", "public")]), Ok(5));
        assert_eq!(with(200, &[FRESH]), Ok(9), "the origin's word counts");
        assert_eq!(with(200, &[("expires", "0")]), Err(Reason::NoValidator));
        assert_eq!(
            with(200, &[("cache-control", "no-store")]),
            Err(Reason::NoStore)
        );
        assert_eq!(
            with(200, &[("cache-control", "private")]),
            Err(Reason::Private)
        );
        assert_eq!(
            with(200, &[("cache-control", "no-cache")]),
            Err(Reason::NoValidator)
        );
        let cookie = ("set-cookie", "sid=1");
        assert_eq!(with(200, &[cookie]), Err(Reason::SetCookie));
        assert_eq!(
            with(200, &[FRESH, cookie]),
            Ok(9),
            "explicit freshness shares it"
        );
    }

    #[test]
    fn a_status_code_can_have_a_lifetime_of_its_own_and_the_last_change_tells_more() {
        let rules = Rules {
            default_ttl: Some(Duration::from_secs(5)),
            status_ttls: vec![
                (StatusCode::NOT_FOUND, Duration::from_secs(2)),
                (StatusCode::OK, Duration::from_secs(3)),
                (StatusCode::NOT_FOUND, Duration::from_secs(1)),
            ],
            heuristic: Some(Heuristic {
                per_mille: 100,
                longest: Duration::from_secs(50),
            }),
            ..Rules::default()
        };
        let with = |status, response: &Lines| judge_by(&rules, &Method::GET, status, &[], response);
        assert_eq!(with(200, &[]), Ok(3));
        assert_eq!(with(404, &[]), Ok(1), "the last word counts");
        assert_eq!(with(410, &[]), Ok(5));
        assert_eq!(with(302, &[]), Err(Reason::NoFreshness));
        let modified = ("last-modified", "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(with(200, &[modified]), Ok(10));
        assert_eq!(with(599, &[modified]), Err(Reason::NoFreshness));
        let public = ("cache-control", "public");
        assert_eq!(with(599, &[modified, public]), Ok(10));
        let cookie = ("set-cookie", "sid=1");
        assert_eq!(with(200, &[modified, cookie]), Err(Reason::SetCookie));
        let targeted = ("cdn-cache-control", "no-store");
        assert_eq!(with(200, &[FRESH, targeted]), Err(Reason::NoStore));
        let targeted = ("cdn-cache-control", "max-age=7");
        let not_ours = ("cache-control", "no-store, private");
        assert_eq!(with(200, &[not_ours, targeted]), Ok(7));
    }
}
