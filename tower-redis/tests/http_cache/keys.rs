//! What tells responses apart besides `Vary`, and what a user keeps away from the cache.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderName, SET_COOKIE};

use tower_redis::middleware::http_cache::KeyParts;

use crate::origin::{Site, ok, respond};

/// An origin that numbers its answers.
fn counting(cache_control: &'static str) -> Site {
    let calls = AtomicUsize::new(0);
    Site::new(move |_| {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        ok(cache_control, format!("{call}"))
    })
}

#[tokio::test]
async fn a_query_counts_as_far_as_the_user_says() {
    let site = counting("max-age=60");
    let key = KeyParts::new().query_without(["utm_*"]).sorted_query();
    let site = site.with(|layer| layer.key(key));
    site.get("/?b=2&a=1").await;
    assert!(site.get("/?a=1&utm_source=mail&b=2").await.is_hit());
    assert!(!site.get("/?a=1").await.is_hit());
    site.ask("POST", "/?b=2&utm_x=1&a=1").await;
    assert!(
        !site.get("/?a=1&b=2").await.is_hit(),
        "invalidated under any of its names"
    );
}

#[tokio::test]
async fn hosts_can_be_one() {
    let site = counting("max-age=60");
    let site = site.with(|layer| layer.key(KeyParts::new().without_host()));
    site.get("http://a.example/x").await;
    assert!(site.get("http://b.example/x").await.is_hit());
    site.ask("DELETE", "http://c.example/x").await;
    assert!(!site.get("http://a.example/x").await.is_hit());
}

#[tokio::test]
async fn a_header_and_a_cookie_tell_any_number_apart_and_go_with_their_url() {
    let site = counting("max-age=60");
    let tenant = HeaderName::from_static("x-tenant");
    let site = site.with(|layer| layer.key(KeyParts::new().header(tenant).cookie("theme")));
    let names: Vec<_> = (0..40).map(|n| format!("t{n}")).collect();
    for round in 0..2 {
        for name in &names {
            let answer = site.get_with("/", &[("x-tenant", name)]).await;
            assert_eq!(answer.is_hit(), round == 1, "{name}");
        }
    }
    let dark = [("cookie", "a=b; theme=dark")];
    assert!(!site.get_with("/", &dark).await.is_hit());
    assert!(
        site.get_with("/", &[("cookie", "theme=dark; c=d")])
            .await
            .is_hit()
    );
    assert!(!site.get("/").await.is_hit());
    site.ask("PUT", "/").await;
    assert!(!site.get_with("/", &dark).await.is_hit());
    assert!(!site.get_with("/", &[("x-tenant", "t7")]).await.is_hit());
}

#[tokio::test]
async fn what_is_private_is_kept_for_each_where_the_key_tells_them_apart() {
    let cookie = KeyParts::new().cookie("session");
    let site = counting("private, max-age=60");
    let refused = site.get_with("/", &[("cookie", "session=1")]).await;
    assert!(refused.cache().ends_with("detail=\"private\""));
    let site = site.with(|layer| layer.key(cookie).store_private());
    let first = site.get_with("/", &[("cookie", "session=1")]).await;
    assert!(
        site.get_with("/", &[("cookie", "session=1")])
            .await
            .is_hit()
    );
    let other = site.get_with("/", &[("cookie", "session=2")]).await;
    assert_ne!(first.body, other.body);
    let nobody = site.get("/").await;
    assert!(
        nobody.cache().ends_with("detail=\"private\""),
        "who is nobody has no part in it"
    );
    let mut authorized = [("cookie", "session=1"), ("authorization", "Basic Og==")];
    assert!(site.get_with("/", &authorized).await.is_hit());
    authorized[0].1 = "other=1";
    assert!(!site.get_with("/", &authorized).await.is_hit());
}

#[tokio::test]
async fn requests_can_go_by_and_responses_be_unwanted() {
    let site = Site::new(|request| match request.uri().path() {
        "/moved" => respond(301, &[("cache-control", "max-age=60")], ""),
        _ => ok("max-age=60", "x"),
    });
    let site = site.with(|layer| {
        layer
            .bypass(|request| request.headers().contains_key("x-user"))
            .store_if(|status, _| status == StatusCode::OK)
    });
    for _ in 0..2 {
        let answer = site.get_with("/", &[("x-user", "1")]).await;
        assert_eq!(
            answer.cache(),
            "fwd=bypass; fwd-status=200; detail=\"bypassed\""
        );
        let answer = site.get("/moved").await;
        assert_eq!(
            answer.cache(),
            "fwd=uri-miss; fwd-status=301; detail=\"unwanted\""
        );
    }
    site.get("/").await;
    assert!(site.get("/").await.is_hit());
}

#[tokio::test]
async fn fields_can_be_left_out_of_what_is_stored() {
    let fields = [
        ("cache-control", "max-age=60"),
        ("set-cookie", "a=b"),
        ("x-debug", "1"),
    ];
    let site = Site::new(move |_| respond(200, &fields, "x"));
    let site = site.with(|layer| layer.strip([SET_COOKIE, HeaderName::from_static("x-debug")]));
    let first = site.get("/").await;
    assert_eq!(first.field("set-cookie"), Some("a=b"));
    let hit = site.get("/").await;
    assert!(hit.is_hit());
    assert_eq!(
        (hit.field("set-cookie"), hit.field("x-debug")),
        (None, None)
    );
}

#[tokio::test]
async fn a_strict_cache_keeps_nothing_personal() {
    let site = Site::new(|request| {
        let mut fields = vec![("cache-control", "public, max-age=60")];
        if request.uri().path() == "/cookie" {
            fields.push(("set-cookie", "a=b"));
        }
        respond(200, &fields, "x")
    });
    let strict = site.clone().with(|layer| layer.strict());
    for (path, fields) in [
        ("/cookie", &[][..]),
        ("/a", &[("authorization", "Basic Og==")]),
        ("/b", &[("cookie", "a=b")]),
    ] {
        site.get_with(path, fields).await;
        assert!(site.get_with(path, fields).await.is_hit());
        let answer = strict.get_with(path, fields).await;
        assert_eq!(
            answer.cache(),
            "fwd=uri-miss; fwd-status=200; detail=\"strict\""
        );
    }
}

#[tokio::test]
async fn each_layer_that_is_set_up_has_a_store_of_its_own() {
    let site = counting("max-age=60");
    site.get("/").await;
    let other = site
        .clone()
        .with(|layer| layer.default_ttl(Duration::from_secs(5)));
    assert!(!other.get("/").await.is_hit());
    assert!(site.get("/").await.is_hit());
}
