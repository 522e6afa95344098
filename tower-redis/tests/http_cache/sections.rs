//! Section by section: one exchange, some time, and what becomes of a second request. Each row is what a sentence of an
//! RFC asks for; those that need more than two requests have tests of their own beside this one.

use crate::origin::{Site, respond};

type Fields = &'static [(&'static str, &'static str)];

/// What the second request gets, as `Cache-Status` says it.
const HIT: &str = "hit;";
const STALE: &str = "fwd=stale;";
const MISS: &str = "fwd=uri-miss;";
const ASKED: &str = "fwd=request;";

/// A sentence; the fields of a request, and the answer to it; seconds; the fields of another request; what it gets.
type Row = (&'static str, Fields, u16, Fields, u64, Fields, &'static str);

async fn hold(section: &str, rows: &[Row]) {
    for (at, (sentence, asked, status, fields, wait, again, expected)) in rows.iter().enumerate() {
        let (status, fields) = (*status, *fields);
        let site = Site::new(move |_| respond(status, fields, "body"));
        site.get_with("/", asked).await;
        site.pass_time(*wait);
        let second = site.get_with("/", again).await;
        let got = second.cache();
        assert!(
            got.starts_with(expected),
            "RFC {section}, row {at}: {sentence}\n  {fields:?}, then {again:?}: {got}"
        );
    }
}

const AUTHORIZED: Fields = &[("authorization", "Basic eDp5")];

macro_rules! cc {
    ($value:literal) => {
        &[("cache-control", $value)]
    };
}

#[tokio::test]
async fn storing() {
    let no_store = "the no-store cache directive is not present in the response";
    let private =
        "if the cache is shared: the private response directive is either not present or allows";
    let understood = "if the response status code is 206 or 304, or the must-understand cache directive is present: \
                      the cache understands the response status code";
    let contains = "the response contains at least one of the following: a public response directive, Expires, \
                    max-age, s-maxage, a status code that is defined as heuristically cacheable";
    let shared = "if the cache is shared: the Authorization header field is not present in the request or a response \
                  directive is present that explicitly allows shared caching";
    hold(
        "9111 section 3",
        &[
            (
                no_store,
                &[],
                200,
                cc!("max-age=60, no-store"),
                0,
                &[],
                MISS,
            ),
            (
                no_store,
                &[],
                200,
                cc!("No-Store=x, max-age=60"),
                0,
                &[],
                MISS,
            ),
            (private, &[], 200, cc!("max-age=60, private"), 0, &[], MISS),
            (
                private,
                &[],
                200,
                cc!("max-age=60, private=\"x\""),
                0,
                &[],
                MISS,
            ),
            (
                understood,
                &[],
                299,
                cc!("max-age=60, must-understand"),
                0,
                &[],
                MISS,
            ),
            (
                understood,
                &[],
                200,
                cc!("max-age=60, must-understand"),
                0,
                &[],
                HIT,
            ),
            (
                understood,
                &[],
                200,
                cc!("max-age=60, must-understand, no-store"),
                0,
                &[],
                HIT,
            ),
            (contains, &[], 200, cc!("max-age=60"), 59, &[], HIT),
            (contains, &[], 200, cc!("s-maxage=60"), 59, &[], HIT),
            (contains, &[], 299, cc!("max-age=60"), 59, &[], HIT),
            (contains, &[], 200, &[], 0, &[], MISS),
        ],
    )
    .await;
    hold(
        "9111 section 3.5",
        &[
            (shared, AUTHORIZED, 200, cc!("max-age=60"), 0, &[], MISS),
            (
                shared,
                AUTHORIZED,
                200,
                cc!("max-age=60, public"),
                0,
                &[],
                HIT,
            ),
            (
                shared,
                AUTHORIZED,
                200,
                cc!("max-age=60, must-revalidate"),
                0,
                &[],
                HIT,
            ),
            (shared, AUTHORIZED, 200, cc!("s-maxage=60"), 0, &[], HIT),
            (
                shared,
                AUTHORIZED,
                200,
                cc!("max-age=60, proxy-revalidate"),
                0,
                &[],
                MISS,
            ),
            (shared, &[], 200, cc!("max-age=60"), 0, AUTHORIZED, HIT),
        ],
    )
    .await;
}

#[tokio::test]
async fn freshness() {
    let first = "a cache can calculate the freshness lifetime by evaluating the following rules and using the first \
                 match: s-maxage, max-age, Expires minus Date";
    let twice =
        "either the first occurrence should be used or the response should be considered stale";
    let invalid = "caches are encouraged to consider responses that have invalid freshness information to be stale";
    let age = "current_age = corrected_initial_age + resident_time";
    hold(
        "9111 section 4.2",
        &[
            (first, &[], 200, cc!("max-age=5, s-maxage=60"), 30, &[], HIT),
            (
                first,
                &[],
                200,
                cc!("max-age=60, s-maxage=5"),
                30,
                &[],
                MISS,
            ),
            (
                first,
                &[],
                200,
                &[
                    ("cache-control", "max-age=60"),
                    ("expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
                ],
                59,
                &[],
                HIT,
            ),
            (
                first,
                &[],
                200,
                &[
                    ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
                    ("expires", "Thu, 01 Jan 2026 00:01:00 GMT"),
                ],
                59,
                &[],
                HIT,
            ),
            (twice, &[], 200, cc!("max-age=60, max-age=5"), 0, &[], MISS),
            (twice, &[], 200, cc!("max-age=60, max-age=60"), 59, &[], HIT),
            (invalid, &[], 200, cc!("max-age=1m"), 0, &[], MISS),
            (invalid, &[], 200, cc!("max-age=-1"), 0, &[], MISS),
            (invalid, &[], 200, cc!("max-age=6.0"), 0, &[], MISS),
            (invalid, &[], 200, &[("expires", "0")], 0, &[], MISS),
            (
                age,
                &[],
                200,
                &[("cache-control", "max-age=60"), ("age", "50")],
                9,
                &[],
                HIT,
            ),
            (
                age,
                &[],
                200,
                &[
                    ("cache-control", "max-age=60"),
                    ("age", "50"),
                    ("etag", "\"1\""),
                ],
                10,
                &[],
                STALE,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn directives_of_requests() {
    const FRESH: Fields = cc!("max-age=60");
    let max_age = "the client prefers a response whose age is less than or equal to the specified number of seconds";
    let max_stale = "the client will accept a response that has exceeded its freshness lifetime by no more than the \
                     specified number of seconds; if no value is assigned, of any age";
    let min_fresh = "the client prefers a response whose freshness lifetime is no less than its current age plus the \
                     specified time in seconds";
    let no_cache = "the client prefers a stored response not be used to satisfy the request without successful \
                    validation on the origin server";
    // 9111 deprecates it, and leaves to a cache what to do; so says 7234 section 5.4
    let pragma = "when the Cache-Control header field is not present in a request, caches MUST consider the no-cache \
                  request pragma-directive";
    let unknown = "a cache MUST ignore unrecognized cache directives";
    hold(
        "9111 sections 5.2.1, 5.2.3 and 5.4",
        &[
            (max_age, &[], 200, FRESH, 10, cc!("max-age=10"), HIT),
            (max_age, &[], 200, FRESH, 11, cc!("max-age=10"), ASKED),
            (max_stale, &[], 200, FRESH, 70, cc!("max-stale=10"), HIT),
            (max_stale, &[], 200, FRESH, 71, cc!("max-stale=10"), STALE),
            (max_stale, &[], 200, FRESH, 7_000, cc!("max-stale"), HIT),
            (
                max_stale,
                &[],
                200,
                cc!("max-age=60, must-revalidate"),
                61,
                cc!("max-stale"),
                MISS,
            ),
            (min_fresh, &[], 200, FRESH, 50, cc!("min-fresh=10"), HIT),
            (min_fresh, &[], 200, FRESH, 51, cc!("min-fresh=10"), ASKED),
            (no_cache, &[], 200, FRESH, 0, cc!("no-cache"), ASKED),
            (no_cache, &[], 200, FRESH, 0, cc!("NO-CACHE"), ASKED),
            (pragma, &[], 200, FRESH, 0, &[("pragma", "no-cache")], ASKED),
            (
                pragma,
                &[],
                200,
                FRESH,
                0,
                &[("pragma", "x, No-Cache")],
                ASKED,
            ),
            (
                pragma,
                &[],
                200,
                FRESH,
                0,
                &[("pragma", "no-cache"), ("cache-control", "x")],
                HIT,
            ),
            (
                unknown,
                &[],
                200,
                FRESH,
                0,
                cc!("x, y=1, z=\"no-cache\""),
                HIT,
            ),
            (
                unknown,
                &[],
                200,
                cc!("max-age=60, x=\"no-store, private\""),
                0,
                &[],
                HIT,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn directives_of_responses() {
    let no_cache = "the response MUST NOT be used to satisfy any other request without forwarding it for validation \
                    and receiving a successful response";
    let must = "once the response has become stale, a cache MUST NOT reuse that response to satisfy another request \
                until it has been successfully validated by the origin";
    let warning = "This specification obsoletes it [Warning]";
    hold(
        "9111 sections 5.2.2 and 5.5",
        &[
            (
                no_cache,
                &[],
                200,
                &[("cache-control", "max-age=60, no-cache"), ("etag", "\"1\"")],
                0,
                &[],
                "fwd=stale;",
            ),
            (
                must,
                &[],
                200,
                cc!("max-age=5, must-revalidate"),
                4,
                &[],
                HIT,
            ),
            (
                must,
                &[],
                200,
                cc!("max-age=5, must-revalidate, stale-while-revalidate=60"),
                6,
                &[],
                MISS,
            ),
            (
                must,
                &[],
                200,
                cc!("max-age=5, proxy-revalidate, stale-while-revalidate=60"),
                6,
                &[],
                MISS,
            ),
            (
                must,
                &[],
                200,
                cc!("s-maxage=5, stale-while-revalidate=60"),
                6,
                &[],
                MISS,
            ),
            (
                warning,
                &[],
                200,
                &[("cache-control", "max-age=60"), ("warning", "110 - stale")],
                59,
                &[],
                HIT,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn targeted_fields_and_windows() {
    let first = "the cache MUST select the first (in target-list order) field with a valid, non-empty value and use \
                 its value to determine the caching policy for the response";
    let ignored = "it MUST ignore the Cache-Control and Expires header fields in that response";
    let invalid = "if a targeted field in a given response is empty, or a parsing error is encountered, that field \
                   MUST be ignored by the cache";
    let window = "indicates that caches MAY serve the response it appears in after it becomes stale, up to the \
                  indicated number of seconds";
    hold(
        "9213 section 2.2 and 5861 section 3",
        &[
            (
                first,
                &[],
                200,
                &[
                    ("cache-control", "no-store"),
                    ("cdn-cache-control", "max-age=60"),
                ],
                59,
                &[],
                HIT,
            ),
            (
                ignored,
                &[],
                200,
                &[
                    ("cache-control", "max-age=60"),
                    ("expires", "Thu, 01 Jan 2026 01:00:00 GMT"),
                    ("cdn-cache-control", "public"),
                ],
                0,
                &[],
                MISS,
            ),
            (
                invalid,
                &[],
                200,
                &[
                    ("cache-control", "max-age=60"),
                    ("cdn-cache-control", "no-store;"),
                ],
                0,
                &[],
                HIT,
            ),
            (
                invalid,
                &[],
                200,
                &[("cache-control", "max-age=60"), ("cdn-cache-control", "")],
                0,
                &[],
                HIT,
            ),
            (
                window,
                &[],
                200,
                cc!("max-age=5, stale-while-revalidate=10"),
                15,
                &[],
                HIT,
            ),
            (
                window,
                &[],
                200,
                cc!("max-age=5, stale-while-revalidate=10"),
                16,
                &[],
                STALE,
            ),
            (
                window,
                &[],
                200,
                cc!("max-age=5, stale-while-revalidate=x"),
                6,
                &[],
                STALE,
            ),
        ],
    )
    .await;
}
