//! Removing what is stored from outside.

use http::header::HeaderName;

use tower_redis::testing::FarServer;

use crate::origin::{Site, ok, respond, settle};
use crate::shared::beside;

/// Pages with tags and a group.
fn pages() -> Site {
    Site::new(|request| match request.uri().path() {
        "/tagged" => {
            let fields = [
                ("cache-control", "max-age=60, stale-if-error=600"),
                ("cache-tag", "org:1, all"),
                ("surrogate-key", "page all"),
            ];
            respond(200, &fields, "x")
        }
        "/grouped" => {
            let fields = [
                ("cache-control", "max-age=60"),
                ("cache-groups", "\"news\", \"home\""),
            ];
            respond(200, &fields, "x")
        }
        "/changes" => respond(204, &[("cache-group-invalidation", "\"news\"")], ""),
        _ => ok("max-age=60", "x"),
    })
}

#[tokio::test]
async fn by_url_by_prefix_and_all() {
    let site = pages();
    let purger = site.layer.purger();
    let warm = async || {
        for path in ["/a?x=1", "/a/b", "/b"] {
            site.get(&format!("http://one.example{path}")).await;
            site.get(&format!("http://two.example{path}")).await;
        }
    };
    let is_kept = async |uri: &str| {
        let cached = [("cache-control", "only-if-cached")];
        site.get_with(uri, &cached).await.status == 200
    };
    warm().await;
    purger.uri("https://one.example/a?x=1").await.unwrap();
    assert!(!is_kept("http://one.example/a?x=1").await);
    assert!(is_kept("http://two.example/a?x=1").await);
    warm().await;
    purger.prefix("http://one.example/a").await.unwrap();
    assert!(!is_kept("http://one.example/a?x=1").await && !is_kept("http://one.example/a/b").await);
    assert!(is_kept("http://one.example/b").await && is_kept("http://two.example/a/b").await);
    warm().await;
    let query = purger.prefix("http://one.example/a?x=").await.unwrap_err();
    assert!(
        query
            .to_string()
            .contains("expected the beginning of a path, as \"/a\"")
    );
    purger.all().await;
    assert!(!is_kept("http://two.example/b").await);
    for odd in ["", "one.example/a", "no url", "http://"] {
        let error = purger.uri(odd).await.unwrap_err().to_string();
        assert!(error.contains("expected a URL"), "{odd}: {error}");
    }
}

#[tokio::test]
async fn by_tag_whatever_field_tells_it() {
    for tag in ["org:1", "page", "all"] {
        let site = pages();
        site.get("/tagged").await;
        assert!(site.get("/tagged").await.is_hit());
        site.layer.purger().tags(&["org:2"]).await;
        assert!(site.get("/tagged").await.is_hit());
        site.layer.purger().tags(&[tag]).await;
        assert_eq!(
            site.get("/tagged").await.cache(),
            "fwd=uri-miss; fwd-status=200; stored"
        );
    }
}

#[tokio::test]
async fn tags_can_be_told_by_other_fields_and_hidden() {
    let site = pages().with(CacheLayerExt::hidden);
    let first = site.get("/tagged").await;
    let hit = site.get("/tagged").await;
    for answer in [&first, &hit] {
        assert_eq!(answer.field("cache-tag"), None);
        assert_eq!(answer.field("surrogate-key"), Some("page all"));
    }
    site.layer.purger().tags(&["page"]).await;
    assert!(site.get("/tagged").await.is_hit());
    site.layer.purger().tags(&["org:1"]).await;
    assert!(!site.get("/tagged").await.is_hit());
}

trait CacheLayerExt {
    fn hidden(self) -> Self;
}

impl CacheLayerExt for tower_redis::middleware::http_cache::CacheLayer {
    fn hidden(self) -> Self {
        self.tag_fields([HeaderName::from_static("cache-tag")])
            .hide_tags()
    }
}

#[tokio::test]
async fn by_group_within_an_origin() {
    let site = pages();
    site.get("http://one.example/grouped").await;
    site.get("http://two.example/grouped").await;
    // a field on an answer to a safe request says nothing
    site.get("http://one.example/changes").await;
    assert!(site.get("http://one.example/grouped").await.is_hit());
    site.ask("POST", "http://one.example/changes").await;
    assert!(!site.get("http://one.example/grouped").await.is_hit());
    assert!(site.get("http://two.example/grouped").await.is_hit());
    let purger = site.layer.purger();
    purger
        .groups("http://two.example", &["home"])
        .await
        .unwrap();
    assert!(!site.get("http://two.example/grouped").await.is_hit());
    assert!(site.get("http://one.example/grouped").await.is_hit());
}

#[tokio::test]
async fn softly_it_is_stale_and_helps_when_the_origin_fails() {
    for by_tag in [true, false] {
        let failing = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let fails = failing.clone();
        let site = Site::new(move |_| {
            if fails.load(std::sync::atomic::Ordering::SeqCst) {
                return respond(503, &[], "sorry");
            }
            let fields = [
                ("cache-control", "max-age=60, stale-if-error=600"),
                ("cache-tag", "a"),
            ];
            respond(200, &fields, "x")
        });
        site.get("/").await;
        let soft = site.layer.purger().soft();
        if by_tag {
            soft.tags(&["a"]).await;
        } else {
            soft.uri("/").await.unwrap();
        }
        failing.store(true, std::sync::atomic::Ordering::SeqCst);
        let stale = site.get("/").await;
        assert_eq!(
            stale.cache(),
            "fwd=stale; ttl=0; fwd-status=503; detail=\"stale-if-error\""
        );
        failing.store(false, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(
            site.get("/").await.cache(),
            "fwd=stale; fwd-status=200; stored"
        );
        assert!(site.get("/").await.is_hit());
    }
}

#[tokio::test]
async fn it_reaches_every_process() {
    let site = pages();
    let server = FarServer::new(&site.clock);
    let ((one, _feed), (other, _feed_too)) = (beside(&site, &server), beside(&site, &server));
    let warm = async || {
        for site in [&one, &other] {
            for path in ["/tagged", "/grouped", "/plain"] {
                site.get(path).await;
                settle().await;
                assert!(site.get(path).await.is_hit());
            }
        }
    };
    let purger = one.layer.purger();
    warm().await;
    purger.uri("/plain").await.unwrap();
    assert!(!other.get("/plain").await.is_hit());
    settle().await;
    warm().await;
    purger.tags(&["page"]).await;
    assert!(!other.get("/tagged").await.is_hit());
    settle().await;
    warm().await;
    purger.prefix("/gr").await.unwrap();
    assert!(!other.get("/grouped").await.is_hit());
    settle().await;
    warm().await;
    purger.all().await;
    assert!(!other.get("/plain").await.is_hit());
}
