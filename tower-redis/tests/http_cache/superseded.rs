//! Answers that are not stored, and what they make of what is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::watch;
use tower::ServiceExt as _;
use tower_redis::testing::FarServer;

use crate::origin::{Content, Site, ok, request, respond, settle};
use crate::shared::beside;

/// An origin with one response that may be served stale, and this in its place once that is stored.
fn replaced(status: u16, fields: &'static [(&'static str, &'static str)]) -> Site {
    let calls = AtomicUsize::new(0);
    Site::new(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => respond(200, FIRST, "old"),
        _ => respond(status, fields, "new"),
    })
}

const FIRST: &[(&str, &str)] = &[
    ("cache-control", "max-age=10, stale-while-revalidate=1000"),
    ("etag", "\"1\""),
];

/// RFC 9111 section 4.3.3: "A full response indicates that none of the stored responses nominated in the conditional
/// request are suitable."
#[tokio::test]
async fn what_the_origin_says_behind_an_answer_ends_what_is_stale() {
    const NO_STORE: &[(&str, &str)] = &[("cache-control", "no-store")];
    const PRIVATE: &[(&str, &str)] = &[("cache-control", "private, max-age=9")];
    const STAR: &[(&str, &str)] = &[("cache-control", "max-age=9"), ("vary", "*")];
    for (status, fields) in [
        (410, &[][..]),
        (404, &[]),
        (404, NO_STORE),
        (451, &[]),
        (302, &[]),
        (200, &[]),
        (200, NO_STORE),
        (200, PRIVATE),
        (200, STAR),
        // of one that is confirmed and may not be kept
        (304, NO_STORE),
    ] {
        let site = replaced(status, fields);
        site.get("/").await;
        site.pass_time(11);
        assert!(site.get("/").await.is_hit());
        settle().await;
        assert_eq!(site.calls(), 2);
        let next = site.get("/").await;
        assert!(
            next.cache().starts_with("fwd=uri-miss;"),
            "{status} {fields:?}: {}",
            next.cache()
        );
        assert_ne!(next.body, "old");
    }
}

#[tokio::test]
async fn what_says_nothing_of_the_response_leaves_it() {
    for status in [
        400, 401, 403, 408, 412, 416, 429, 431, 500, 501, 503, 511, 599,
    ] {
        let site = replaced(status, &[]);
        site.get("/").await;
        site.pass_time(11);
        for calls in [2, 3] {
            let stale = site.get("/").await;
            settle().await;
            assert_eq!(
                (&*stale.body, site.calls()),
                (&b"old"[..], calls),
                "{status}"
            );
        }
    }
}

/// A body that is too long is not stored, and the one before is not what the origin has.
#[tokio::test]
async fn what_is_too_long_to_be_stored_takes_the_place_too() {
    for length in [None, Some("30")] {
        let calls = AtomicUsize::new(0);
        let site = Site::new(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
            0 => ok("max-age=60", "short"),
            _ => crate::bodies::with_body(
                length,
                crate::bodies::there(vec![crate::bodies::data("012345678901234567890123456789")]),
            ),
        })
        .with(|layer| layer.max_body(10));
        site.get("/").await;
        let fields = [("cache-control", "no-cache")];
        let long = site.get_with("/", &fields).await;
        assert_eq!(long.body.len(), 30);
        assert!(!site.get("/").await.is_hit(), "{length:?}");
    }
}

/// Of other variants nothing was said.
#[tokio::test]
async fn other_variants_stay() {
    let gone = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&gone);
    let site = Site::new(move |request| {
        let german = request.headers()["accept-language"] == "de";
        if german && told.load(Ordering::SeqCst) == 1 {
            return respond(410, &[], "");
        }
        respond(
            200,
            &[("cache-control", "max-age=60"), ("vary", "accept-language")],
            "x",
        )
    });
    for language in ["de", "en"] {
        site.get_with("/", &[("accept-language", language)]).await;
    }
    gone.store(1, Ordering::SeqCst);
    let anew = [("accept-language", "de"), ("cache-control", "no-cache")];
    assert_eq!(site.get_with("/", &anew).await.status, 410);
    assert!(
        !site
            .get_with("/", &[("accept-language", "de")])
            .await
            .is_hit()
    );
    assert!(
        site.get_with("/", &[("accept-language", "en")])
            .await
            .is_hit()
    );
}

fn tagged(_: &http::Request<()>) -> http::Response<Content> {
    respond(
        200,
        &[("cache-control", "max-age=60"), ("etag", "\"1\"")],
        "page",
    )
}

/// What is not stored because of who asked says nothing to others: a client does not remove what is stored by asking
/// with credentials, or by forbidding to store its answer.
#[tokio::test]
async fn what_lies_in_the_request_leaves_what_is_stored() {
    const ANEW: [(&str, &str); 2] = [
        ("cache-control", "no-cache"),
        ("cache-control", "max-age=0"),
    ];
    let known = |request: &http::Request<()>| match request.headers().contains_key("if-none-match")
    {
        true => respond(304, &[("etag", "\"1\"")], ""),
        false => tagged(request),
    };
    for anew in ANEW {
        for origin in [tagged, known] {
            let site = Site::new(origin);
            site.get("/").await;
            site.pass_time(1);
            let fields = [("authorization", "Basic Og=="), anew];
            let answer = site.get_with("/", &fields).await;
            assert!(
                answer.cache().contains("detail=\"authorization\""),
                "{}",
                answer.cache()
            );
            assert_eq!(answer.body, "page");
            let head = request("HEAD", "/", &fields);
            site.send(head).await.unwrap();
            let no_store = [("cache-control", "no-store, no-cache")];
            site.get_with("/", &no_store).await;
            assert!(site.get("/").await.is_hit());
            // and is none the fresher for it
            site.pass_time(59);
            assert!(!site.get("/").await.is_hit());
        }
    }
    let strict = Site::new(tagged).with(|layer| layer.strict());
    strict.get("/").await;
    strict.get_with("/", &[("cookie", "a=b"), ANEW[0]]).await;
    assert!(strict.get("/").await.is_hit());
}

/// But what the answer itself says counts, whoever asked.
#[tokio::test]
async fn what_the_answer_says_counts_whoever_asked() {
    for (status, value) in [(200, "no-store"), (200, "private"), (404, "x")] {
        let gone = AtomicUsize::new(0);
        let site = Site::new(move |request| match gone.fetch_add(1, Ordering::SeqCst) {
            0 => tagged(request),
            _ => respond(status, &[("cache-control", value)], "other"),
        });
        site.get("/").await;
        let fields = [
            ("authorization", "Basic Og=="),
            ("cache-control", "no-cache"),
        ];
        site.get_with("/", &fields).await;
        assert!(!site.get("/").await.is_hit(), "{status} {value}");
    }
}

#[tokio::test]
async fn what_is_gone_is_gone_in_the_other_process() {
    let site = replaced(410, &[]);
    let server = FarServer::new(&site.clock);
    let ((one, _), (other, _)) = (beside(&site, &server), beside(&site, &server));
    for process in [&one, &other] {
        process.get("/").await;
        settle().await;
    }
    assert_eq!(site.calls(), 1);
    one.pass_time(11);
    one.get("/").await;
    settle().await;
    for process in [&one, &other] {
        let next = process.get("/").await;
        settle().await;
        assert_eq!(next.status, 410, "{}", next.cache());
    }
}

/// Found by the histories: a part of another variant, which is alike, kept the whole one there.
#[tokio::test]
async fn what_goes_is_not_kept_by_an_alike_part_of_another_variant() {
    let site = Site::new(|request| {
        let fresh = ("cache-control", "max-age=10");
        let alike = ("etag", "W/\"1\"");
        match (
            request.headers().get("range"),
            request.headers().get("x-gone"),
        ) {
            (_, Some(_)) => respond(404, &[], "gone"),
            (Some(_), None) => {
                let range = ("content-range", "bytes 0-1/4");
                respond(206, &[fresh, alike, ("vary", "lang"), range], "te")
            }
            (None, None) => respond(200, &[fresh, alike], "text"),
        }
    });
    site.get("/").await;
    site.pass_time(10);
    let part = [("lang", "de"), ("range", "bytes=0-1")];
    assert_eq!(site.get_with("/", &part).await.status, 206);
    site.get_with("/", &[("x-gone", "1")]).await;
    let left = [("cache-control", "only-if-cached, max-stale")];
    assert_eq!(site.get_with("/", &left).await.status, 504);
    assert!(site.get_with("/", &part).await.is_hit());
}

/// Requests that have waited for an answer that was not for them do not wait for each other at that URL any more, also
/// where the answer has removed what was stored, from Redis too.
#[tokio::test]
async fn who_waited_for_what_removes_is_remembered_beside_redis() {
    let (release, gate) = watch::channel(true);
    let calls = AtomicUsize::new(0);
    let site = Site::later(move |_| {
        let first = calls.fetch_add(1, Ordering::SeqCst) == 0;
        let mut gate = gate.clone();
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            Ok(match first {
                true => respond(
                    200,
                    &[("cache-control", "max-age=10"), ("etag", "\"1\"")],
                    "all",
                ),
                false => ok("private", "yours"),
            })
        })
    });
    let server = FarServer::new(&site.clock);
    let (process, feed) = beside(&site, &server);
    process.get("/").await;
    settle().await;
    process.pass_time(11);
    feed.beat();
    let ask_thrice = async || {
        release.send_replace(false);
        let ask = |_| tokio::spawn(process.service.clone().oneshot(request("GET", "/", &[])));
        let all: Vec<_> = (0..3).map(ask).collect();
        settle().await;
        let before = site.calls();
        release.send_replace(true);
        settle().await;
        for one in all {
            one.await.unwrap().unwrap();
        }
        before
    };
    assert_eq!(ask_thrice().await, 2, "two wait for one");
    assert_eq!(site.calls(), 4);
    assert_eq!(ask_thrice().await, 7, "and nobody waits after that");
}
