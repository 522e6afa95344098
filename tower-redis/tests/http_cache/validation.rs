use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};

use crate::origin::{Site, respond};

const THEN: &str = "Wed, 31 Dec 2025 00:00:00 GMT";

/// Answers 304 to `If-None-Match: "1"`.
fn tagged() -> Site {
    let calls = AtomicUsize::new(0);
    Site::new(move |request| {
        let call = calls.fetch_add(1, Ordering::SeqCst).to_string();
        let has = |field| {
            request
                .headers()
                .get(field)
                .is_some_and(|tag| tag == "\"1\"")
        };
        if has("if-none-match") {
            let fields = [
                ("cache-control", "max-age=20"),
                ("x-call", &*call),
                ("content-length", "0"),
            ];
            return respond(304, &fields, "");
        }
        let fields = [
            ("cache-control", "max-age=10"),
            ("etag", "\"1\""),
            ("last-modified", THEN),
            ("content-type", "text/plain"),
            ("x-call", &*call),
        ];
        respond(200, &fields, "text")
    })
}

#[tokio::test]
async fn a_fresh_response_answers_conditions_by_itself() {
    let site = tagged();
    site.get("/").await;
    site.pass_time(3);
    for condition in [
        ("if-none-match", "\"1\""),
        ("if-none-match", "W/\"1\""),
        ("if-none-match", "\"0\", \"1\""),
        ("if-none-match", "*"),
        ("if-modified-since", THEN),
    ] {
        for method in ["GET", "HEAD"] {
            let request = crate::origin::request(method, "/", &[condition]);
            let answer = site.send(request).await.unwrap();
            assert_eq!(
                (answer.status.as_u16(), answer.body.len()),
                (304, 0),
                "{condition:?}"
            );
            assert_eq!(answer.cache(), "hit; ttl=7");
            assert_eq!(answer.field("etag"), Some("\"1\""));
            assert_eq!(answer.field("cache-control"), Some("max-age=10"));
            assert_eq!(answer.age(), Some(3));
            assert_eq!(answer.field("content-type"), None);
            assert_eq!(answer.field("content-length"), None);
        }
    }
    for conditions in [
        &[("if-none-match", "\"2\"")][..],
        &[("if-none-match", "\"2\""), ("if-modified-since", THEN)],
        &[("if-modified-since", "Tue, 30 Dec 2025 00:00:00 GMT")],
    ] {
        assert_eq!(
            site.get_with("/", conditions).await.status,
            200,
            "{conditions:?}"
        );
    }
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn without_last_modified_a_date_condition_is_compared_with_date() {
    let site = Site::new(|_| {
        let fields = [("cache-control", "max-age=864000"), ("date", THEN)];
        respond(200, &fields, "text")
    });
    for (since, status) in [
        ("Tue, 30 Dec 2025 00:00:00 GMT", 200),
        (THEN, 304),
        ("Thu, 31 Dec 2099 00:00:00 GMT", 304),
    ] {
        site.get("/").await;
        let answer = site.get_with("/", &[("if-modified-since", since)]).await;
        assert_eq!(answer.status, status, "{since}");
    }
}

#[tokio::test]
async fn a_stale_response_is_validated_and_renewed() {
    let site = tagged();
    site.get("/").await;
    site.pass_time(15);
    let renewed = site.get("/").await;
    assert_eq!(renewed.cache(), "fwd=stale; fwd-status=304; stored");
    assert_eq!(
        (renewed.status.as_u16(), &*renewed.body),
        (200, &b"text"[..])
    );
    assert_eq!(renewed.field("x-call"), Some("1"), "the fields of the 304");
    assert_eq!(
        renewed.field("content-length"),
        Some("4"),
        "but for its length"
    );
    assert_eq!(renewed.field("date"), Some("Thu, 01 Jan 2026 00:00:15 GMT"));
    assert_eq!(renewed.age(), Some(0));
    let asked = site.last_seen();
    assert_eq!(asked[IF_NONE_MATCH], "\"1\"");
    assert_eq!(asked[IF_MODIFIED_SINCE], THEN);

    site.pass_time(19);
    let hit = site.get("/").await;
    assert_eq!((hit.cache(), hit.age()), ("hit; ttl=1", Some(19)));
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn the_client_s_condition_is_answered_from_the_result() {
    let site = tagged();
    site.get("/").await;
    site.pass_time(15);
    let unchanged = site
        .get_with("/", &[("if-none-match", "\"0\", \"1\"")])
        .await;
    assert_eq!((unchanged.status.as_u16(), unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.cache(), "fwd=stale; fwd-status=304; stored");
    assert_eq!(
        site.last_seen()[IF_NONE_MATCH],
        "\"1\"",
        "our question, not the client's"
    );
    site.pass_time(25);
    let other = site.get_with("/", &[("if-none-match", "\"0\"")]).await;
    assert_eq!((other.status.as_u16(), &*other.body), (200, &b"text"[..]));
    assert_eq!(site.calls(), 3);
}

#[tokio::test]
async fn a_condition_that_finds_nothing_stored_is_the_origin_s() {
    let site = tagged();
    let answer = site.get_with("/", &[("if-none-match", "\"1\"")]).await;
    assert_eq!(answer.status, 304);
    assert_eq!(
        answer.cache(),
        "fwd=uri-miss; fwd-status=304; detail=\"status\""
    );
    assert!(!site.get("/").await.is_hit());
}

#[tokio::test]
async fn a_changed_response_replaces_the_stale_one() {
    let version = Arc::new(AtomicUsize::new(1));
    let origin = Arc::clone(&version);
    let site = Site::new(move |request| {
        let tag = format!("\"{}\"", origin.load(Ordering::SeqCst));
        if request
            .headers()
            .get(IF_NONE_MATCH)
            .is_some_and(|asked| *asked == *tag)
        {
            return respond(304, &[], "");
        }
        respond(
            200,
            &[("cache-control", "no-cache"), ("etag", &*tag)],
            tag.clone(),
        )
    });
    assert_eq!(site.get("/").await.body, "\"1\"");
    assert_eq!(
        site.get("/").await.cache(),
        "fwd=stale; fwd-status=304; stored"
    );
    version.store(2, Ordering::SeqCst);
    let changed = site.get("/").await;
    assert_eq!(changed.cache(), "fwd=stale; fwd-status=200; stored");
    assert_eq!(changed.body, "\"2\"");
    version.store(3, Ordering::SeqCst);
    // the client has already what the origin has meanwhile
    let known = site.get_with("/", &[("if-none-match", "\"3\"")]).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    assert_eq!(known.cache(), "fwd=stale; fwd-status=200; stored");
    assert_eq!(site.get("/").await.body, "\"3\"");
}

#[tokio::test]
async fn an_error_of_the_origin_is_passed_on_and_what_is_stored_stays() {
    let fails = Arc::new(AtomicUsize::new(0));
    let failing = Arc::clone(&fails);
    let site = Site::new(move |request| {
        if failing.load(Ordering::SeqCst) == 1 {
            return respond(503, &[], "down");
        }
        match request.headers().contains_key(IF_NONE_MATCH) {
            true => respond(304, &[], ""),
            false => respond(
                200,
                &[("cache-control", "max-age=10"), ("etag", "\"1\"")],
                "text",
            ),
        }
    });
    site.get("/").await;
    site.pass_time(10);
    fails.store(1, Ordering::SeqCst);
    let down = site.get("/").await;
    assert_eq!((down.status.as_u16(), &*down.body), (503, &b"down"[..]));
    assert_eq!(
        down.cache(),
        "fwd=stale; fwd-status=503; detail=\"no-freshness\""
    );
    fails.store(0, Ordering::SeqCst);
    assert_eq!(
        site.get("/").await.cache(),
        "fwd=stale; fwd-status=304; stored"
    );
}

#[tokio::test]
async fn a_304_that_speaks_of_another_response_updates_nothing() {
    let site = Site::new(
        |request| match request.headers().contains_key(IF_NONE_MATCH) {
            true => respond(
                304,
                &[("cache-control", "max-age=99"), ("etag", "\"2\"")],
                "",
            ),
            false => respond(
                200,
                &[("cache-control", "max-age=10"), ("etag", "\"1\"")],
                "text",
            ),
        },
    );
    site.get("/").await;
    site.pass_time(10);
    for _ in 0..2 {
        let answer = site.get("/").await;
        assert_eq!(
            answer.cache(),
            "fwd=stale; fwd-status=304; detail=\"other-validator\""
        );
        assert_eq!(answer.field("etag"), Some("\"1\""));
        assert_eq!(answer.age(), Some(10));
    }
}

#[tokio::test]
async fn a_304_can_forbid_to_keep_the_response() {
    let site = Site::new(
        |request| match request.headers().contains_key(IF_NONE_MATCH) {
            true => respond(304, &[("cache-control", "no-store")], ""),
            false => respond(
                200,
                &[("cache-control", "max-age=10"), ("etag", "\"1\"")],
                "text",
            ),
        },
    );
    site.get("/").await;
    site.pass_time(10);
    let last = site.get("/").await;
    assert_eq!((last.status.as_u16(), &*last.body), (200, &b"text"[..]));
    assert_eq!(
        last.cache(),
        "fwd=stale; fwd-status=304; detail=\"no-store\""
    );
    assert_eq!(
        last.field("cache-control"),
        Some("no-store"),
        "caches behind this one are told, too"
    );
    assert_eq!(
        site.get("/").await.cache(),
        "fwd=uri-miss; fwd-status=200; stored"
    );
}

#[tokio::test]
async fn what_can_be_validated_is_kept_for_a_day() {
    let site = tagged();
    site.get("/").await;
    site.pass_time(10 + 24 * 3_600 - 1);
    assert!(site.get("/").await.cache().contains("fwd-status=304"));
    site.pass_time(20 + 24 * 3_600);
    assert_eq!(
        site.get("/").await.cache(),
        "fwd=uri-miss; fwd-status=200; stored"
    );
}

#[tokio::test]
async fn other_preconditions_are_the_origin_s() {
    let site = tagged();
    site.get("/").await;
    for name in ["if-match", "if-unmodified-since"] {
        let answer = site.get_with("/", &[(name, "\"1\"")]).await;
        assert_eq!(
            answer.cache(),
            "fwd=bypass; fwd-status=200; detail=\"precondition\""
        );
    }
    assert_eq!(site.calls(), 3);
}

#[tokio::test]
async fn a_renewed_response_has_the_age_of_its_confirmation() {
    let site = Site::new(
        |request| match request.headers().contains_key(IF_NONE_MATCH) {
            true => respond(304, &[], ""),
            false => {
                let fields = [
                    ("cache-control", "max-age=40"),
                    ("etag", "\"1\""),
                    ("age", "30"),
                ];
                respond(200, &fields, "text")
            }
        },
    );
    site.get("/").await;
    assert_eq!(site.get("/").await.age(), Some(30));
    site.pass_time(10);
    assert_eq!(site.get("/").await.age(), Some(0));
    site.pass_time(39);
    assert_eq!(site.get("/").await.cache(), "hit; ttl=1");
}
