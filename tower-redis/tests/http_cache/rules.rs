//! What a user can say about what is stored, and what an origin can say to this cache alone.

use std::time::Duration;

use http::StatusCode;
use http::header::HeaderName;

use tower_redis::middleware::http_cache::RequestDirective;

use crate::origin::{Site, ok, request, respond};

#[tokio::test]
async fn a_status_code_can_have_a_default_of_its_own() {
    let site = Site::new(|request| match request.uri().path() {
        "/missing" => respond(404, &[], "no"),
        "/gone" => respond(410, &[], "no"),
        _ => respond(200, &[], "yes"),
    });
    let site = site.with(|layer| {
        let layer = layer.default_ttl(Duration::from_secs(60));
        layer.default_ttl_of(StatusCode::NOT_FOUND, Duration::from_secs(5))
    });
    for (path, ttl) in [("/", 60), ("/missing", 5), ("/gone", 60)] {
        site.get(path).await;
        assert_eq!(site.get(path).await.cache(), format!("hit; ttl={ttl}"));
    }
}

#[tokio::test]
async fn a_status_code_can_be_left_out_of_the_default() {
    let site = Site::new(|_| respond(404, &[], "no"));
    let site = site.with(|layer| {
        let layer = layer.default_ttl(Duration::from_secs(60));
        layer.default_ttl_of(StatusCode::NOT_FOUND, Duration::ZERO)
    });
    for _ in 0..2 {
        let answer = site.get("/").await;
        assert_eq!(
            answer.cache(),
            "fwd=uri-miss; fwd-status=404; detail=\"no-freshness\""
        );
    }
}

#[tokio::test]
async fn a_part_of_the_time_since_the_last_change_if_the_user_says_so() {
    let changed = [("last-modified", "Wed, 31 Dec 2025 23:58:20 GMT")];
    let site = Site::new(move |_| respond(200, &changed, "x"));
    let unsaid = site.get("/").await;
    assert_eq!(
        unsaid.cache(),
        "fwd=uri-miss; fwd-status=200; detail=\"no-freshness\""
    );
    let day = Duration::from_secs(24 * 60 * 60);
    let site = site.with(|layer| layer.heuristic_freshness(0.1, day));
    site.get("/").await;
    assert_eq!(site.get("/").await.cache(), "hit; ttl=10");
}

#[tokio::test]
async fn a_targeted_field_takes_the_place_of_cache_control_and_is_passed_on() {
    let fields = [
        ("cache-control", "no-store"),
        ("expires", "0"),
        ("cdn-cache-control", "max-age=60"),
    ];
    let site = Site::new(move |_| respond(200, &fields, "x"));
    site.get("/").await;
    let hit = site.get("/").await;
    assert_eq!(hit.cache(), "hit; ttl=60");
    assert_eq!(hit.field("cdn-cache-control"), Some("max-age=60"));
    assert_eq!(hit.field("cache-control"), Some("no-store"));

    let own = HeaderName::from_static("own-cache-control");
    let site = site.with(|layer| layer.targets([own]));
    site.get("/other").await;
    assert_eq!(
        site.get("/other").await.cache(),
        "fwd=uri-miss; fwd-status=200; detail=\"no-store\""
    );
}

#[tokio::test]
async fn directives_of_requests_can_be_ignored() {
    let site = Site::new(|_| ok("max-age=60", "x"));
    let asked = [(
        "cache-control",
        "no-cache, max-age=0, min-fresh=100, only-if-cached",
    )];
    assert_eq!(site.get_with("/", &asked).await.status, 504);
    let site = site.with(|layer| {
        use RequestDirective::{MaxAge, MinFresh, NoCache, NoStore, OnlyIfCached};
        let all = [MaxAge, MinFresh, NoCache, NoStore, OnlyIfCached];
        all.into_iter().fold(
            layer,
            tower_redis::middleware::http_cache::CacheLayer::ignore,
        )
    });
    let first = site.get_with("/", &[("cache-control", "no-store")]).await;
    assert_eq!(first.cache(), "fwd=uri-miss; fwd-status=200; stored");
    assert_eq!(site.get_with("/", &asked).await.cache(), "hit; ttl=60");
    assert_eq!(
        site.get_with("/", &[("pragma", "no-cache")]).await.cache(),
        "hit; ttl=60"
    );
}

#[tokio::test]
async fn an_answer_to_head_freshens_what_is_stored() {
    let site = Site::new(|request| {
        let fresh = [
            ("cache-control", "max-age=10"),
            ("etag", "\"1\""),
            ("x-a", "1"),
        ];
        let head = [
            ("cache-control", "max-age=50"),
            ("etag", "\"1\""),
            ("x-a", "2"),
        ];
        let body = if *request.method() == http::Method::HEAD {
            return respond(200, &head, "");
        } else {
            "x"
        };
        respond(200, &fresh, body)
    });
    site.get("/").await;
    site.pass_time(10);
    let head = site.ask("HEAD", "/").await;
    assert_eq!(head.cache(), "fwd=stale; fwd-status=200; detail=\"method\"");
    let get = site.get("/").await;
    assert_eq!((get.cache(), &*get.body), ("hit; ttl=50", &b"x"[..]));
    assert_eq!(
        (get.field("x-a"), get.field("content-length")),
        (Some("2"), Some("1"))
    );
}

#[tokio::test]
async fn an_answer_to_head_that_tells_of_a_change_drops_what_is_stored() {
    for (field, value) in [
        ("etag", "\"2\""),
        ("content-length", "7"),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ] {
        let site = Site::new(move |request| {
            if *request.method() == http::Method::HEAD {
                return respond(200, &[("cache-control", "max-age=50"), (field, value)], "");
            }
            respond(
                200,
                &[("cache-control", "max-age=10"), ("etag", "\"1\"")],
                "x",
            )
        });
        site.get("/").await;
        site.pass_time(10);
        site.ask("HEAD", "/").await;
        let get = site.get("/").await;
        assert_eq!(
            get.cache(),
            "fwd=uri-miss; fwd-status=200; stored",
            "{field}"
        );
    }
}

#[tokio::test]
async fn an_answer_to_head_drops_none_but_the_variant_that_it_is_about() {
    let site = Site::new(|request| {
        let tag = match request.method() {
            &http::Method::HEAD => "\"2\"",
            _ => "\"1\"",
        };
        let fields = [
            ("cache-control", "max-age=10"),
            ("vary", "accept-language"),
            ("etag", tag),
        ];
        respond(200, &fields, "x")
    });
    let ask = async |method, language| {
        let fields = [("accept-language", language), ("cache-control", "no-cache")];
        let fields = &fields[..if method == "HEAD" { 2 } else { 1 }];
        let answer = site.send(request(method, "/", fields)).await.unwrap();
        answer.cache().to_owned()
    };
    ask("GET", "en").await;
    ask("GET", "de").await;
    ask("HEAD", "de").await;
    assert_eq!(ask("GET", "en").await, "hit; ttl=10");
    assert_eq!(site.calls(), 3);
    assert!(!ask("GET", "de").await.starts_with("hit"));
}

#[tokio::test]
async fn a_200_to_head_does_not_revive_what_was_not_found() {
    let site = Site::new(|request| {
        let status = match request.method() {
            &http::Method::HEAD => 200,
            _ => 404,
        };
        respond(status, &[("cache-control", "max-age=10")], "")
    });
    site.get("/").await;
    site.pass_time(10);
    site.ask("HEAD", "/").await;
    assert!(!site.get("/").await.is_hit());
}
