//! Several processes that share what is stored through Redis.

use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, Response};
use http_body_util::BodyExt as _;
use tower::Layer as _;

use tower_redis::Toolkit;
use tower_redis::testing::{FarProcess, FarServer};

use crate::bodies::{data, fed, next, open};
use crate::origin::{Content, Site, ok, request, respond, settle};

/// A process whose cache stands in front of the same origin as that of `site`.
pub(crate) fn beside(site: &Site, server: &FarServer) -> (Site, FarProcess) {
    let far = server.process();
    let toolkit = Toolkit::builder().clock(site.clock.clock()).far(&far);
    let layer = toolkit.build().unwrap().cache_layer();
    let process = Site {
        clock: site.clock.clone(),
        service: layer.layer(site.origin.clone()),
        origin: site.origin.clone(),
        layer,
    };
    (process, far)
}

/// Two processes in front of one origin.
struct Two {
    server: FarServer,
    one: Site,
    other: Site,
    feeds: [FarProcess; 2],
}

fn two(script: impl Fn(&Request<()>) -> Response<Content> + Send + Sync + 'static) -> Two {
    let site = Site::new(script);
    let server = FarServer::new(&site.clock);
    let ((one, feed), (other, feed_of_other)) = (beside(&site, &server), beside(&site, &server));
    Two {
        server,
        one,
        other,
        feeds: [feed, feed_of_other],
    }
}

impl Two {
    /// Both hear of Redis meanwhile.
    fn pass_time(&self, seconds: u64) {
        self.one.pass_time(seconds);
        self.feeds.iter().for_each(FarProcess::beat);
    }
}

fn counting(cache_control: &'static str) -> impl Fn(&Request<()>) -> Response<Content> {
    let calls = AtomicUsize::new(0);
    move |_| {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        ok(cache_control, format!("{call}"))
    }
}

#[tokio::test]
async fn what_one_process_stored_the_other_serves_at_its_true_age() {
    let all = two(|_| {
        let fields = [
            ("cache-control", "max-age=60"),
            ("age", "5"),
            ("etag", "\"1\""),
            ("set-cookie", "a=b"),
            ("set-cookie", "c=d"),
        ];
        respond(203, &fields, "body")
    });
    let (one, other) = (&all.one, &all.other);
    let first = one.get("/?q=1").await;
    settle().await;
    all.pass_time(10);
    let second = other.get("/?q=1").await;
    assert_eq!(second.cache(), "hit; ttl=45");
    assert_eq!((second.age(), second.status.as_u16()), (Some(15), 203));
    assert_eq!(second.body, "body");
    for name in ["date", "etag", "cache-control"] {
        assert_eq!(second.field(name), first.field(name));
    }
    assert_eq!(second.fields.get_all("set-cookie").iter().count(), 2);
    all.pass_time(1);
    assert_eq!(
        other.get("/?q=1").await.cache(),
        "hit; ttl=44",
        "from here on it is near"
    );
    assert_eq!(one.calls(), 1);
    let stats = other.layer.stats();
    assert_eq!((stats.far_hits, stats.near_hits, stats.misses), (1, 1, 0));
}

#[tokio::test]
async fn what_one_validated_the_other_need_not() {
    let all = two(|request| {
        let fields = [("cache-control", "max-age=10"), ("etag", "\"1\"")];
        if request.headers().contains_key("if-none-match") {
            return respond(304, &fields, "");
        }
        respond(200, &fields, "body")
    });
    let (one, other) = (&all.one, &all.other);
    one.get("/").await;
    settle().await;
    other.get("/").await;
    all.pass_time(11);
    let renewed = one.get("/").await;
    assert_eq!(renewed.cache(), "fwd=stale; fwd-status=304; stored");
    settle().await;
    let second = other.get("/").await;
    assert_eq!(
        (second.cache(), &*second.body),
        ("hit; ttl=10", &b"body"[..])
    );
    assert_eq!(one.calls(), 2);
}

#[tokio::test]
async fn each_variant_reaches_the_other_process() {
    let all = two(|request| {
        let language = request.headers()["accept-language"]
            .to_str()
            .unwrap()
            .to_owned();
        let fields = [("cache-control", "max-age=60"), ("vary", "accept-language")];
        respond(200, &fields, language)
    });
    let (one, other) = (&all.one, &all.other);
    let get = async |site: &Site, language: &'static str| {
        let answer = site.get_with("/", &[("accept-language", language)]).await;
        settle().await;
        assert_eq!(answer.body, language);
        answer.cache().to_owned()
    };
    assert_eq!(get(one, "en").await, "fwd=uri-miss; fwd-status=200; stored");
    assert_eq!(
        get(other, "de").await,
        "fwd=uri-miss; fwd-status=200; stored"
    );
    assert_eq!(get(other, "en").await, "hit; ttl=60");
    assert_eq!(get(one, "de").await, "hit; ttl=60");
    assert_eq!(one.calls(), 2);
}

#[tokio::test]
async fn an_unsafe_request_to_one_invalidates_in_the_other_before_it_is_answered() {
    let all = two(counting("max-age=60"));
    let (one, other) = (&all.one, &all.other);
    for site in [one, other] {
        site.get("/").await;
        settle().await;
    }
    assert_eq!(one.calls(), 1);
    one.ask("POST", "/").await;
    for site in [other, one] {
        assert_eq!(site.get("/").await.body, "2");
        settle().await;
    }
}

/// An instance whose caching is off may be the one that changes something.
#[tokio::test]
async fn an_unsafe_request_to_one_that_caches_nothing_invalidates_in_the_others() {
    let site = Site::new(counting("max-age=60"));
    let server = FarServer::new(&site.clock);
    let (one, _feed) = beside(&site, &server);
    let far = server.process();
    let toolkit = Toolkit::builder().clock(site.clock.clock()).far(&far);
    let off = toolkit.caching(false).build().unwrap().cache_layer();
    let off = Site {
        clock: site.clock.clone(),
        service: off.layer(site.origin.clone()),
        origin: site.origin.clone(),
        layer: off,
    };
    one.get("/").await;
    settle().await;
    for method in ["GET", "HEAD"] {
        assert!(off.ask(method, "/").await.cache().contains("disabled"));
    }
    assert!(one.get("/").await.is_hit());
    off.ask("POST", "/").await;
    settle().await;
    assert!(!one.get("/").await.is_hit());
}

#[tokio::test]
async fn an_unsafe_request_whose_client_leaves_invalidates_everywhere() {
    let site = Site::later(|request| {
        if *request.method() == http::Method::POST {
            return Box::pin(std::future::pending());
        }
        Box::pin(std::future::ready(Ok(ok("max-age=60", "x"))))
    });
    let server = FarServer::new(&site.clock);
    let ((one, _), (other, _)) = (beside(&site, &server), beside(&site, &server));
    for site in [&one, &other] {
        site.get("/").await;
        settle().await;
    }
    {
        let post = one.send(request("POST", "/", &[]));
        tokio::select! {
            biased;
            _ = post => unreachable!("the origin never answers"),
            () = settle() => {}
        }
    }
    settle().await;
    for site in [&other, &one] {
        let answer = site.get("/").await;
        settle().await;
        assert!(answer.cache().starts_with("fwd=") || site.calls() == 3);
    }
    assert_eq!(one.calls(), 3);
}

#[tokio::test]
async fn a_response_that_was_loading_when_it_was_invalidated_elsewhere_is_not_stored() {
    let (release, gate) = tokio::sync::watch::channel(false);
    let site = Site::later(move |request| {
        let mut gate = gate.clone();
        Box::pin(async move {
            if *request.method() == http::Method::GET {
                let _ = gate.wait_for(|open| *open).await;
            }
            Ok(ok("max-age=60", "old"))
        })
    });
    let server = FarServer::new(&site.clock);
    let ((one, _), (other, _)) = (beside(&site, &server), beside(&site, &server));
    let slow = tokio::spawn({
        let one = one.clone();
        async move { one.get("/").await }
    });
    settle().await;
    other.ask("DELETE", "/").await;
    release.send_replace(true);
    slow.await.unwrap();
    settle().await;
    for site in [&one, &other] {
        assert!(!site.get("/").await.is_hit());
        site.ask("DELETE", "/").await;
    }
}

#[tokio::test]
async fn head_and_only_if_cached_are_answered_from_redis() {
    let all = two(counting("max-age=60"));
    let (one, other) = (&all.one, &all.other);
    one.get("/").await;
    settle().await;
    let head = other.ask("HEAD", "/").await;
    assert_eq!((head.cache(), head.body.len()), ("hit; ttl=60", 0));
    let server = FarServer::new(&one.clock);
    let (third, _) = beside(one, &server);
    let cached = [("cache-control", "only-if-cached")];
    assert_eq!(third.get_with("/", &cached).await.status, 504);
    let (fourth, _) = beside(one, &all.server);
    assert_eq!(fourth.get_with("/", &cached).await.cache(), "hit; ttl=60");
    assert_eq!(one.calls(), 1);
}

#[tokio::test]
async fn when_redis_is_away_the_service_goes_on() {
    let site = Site::new(counting("max-age=60"));
    let server = FarServer::new(&site.clock);
    let ((one, far), (other, _)) = (beside(&site, &server), beside(&site, &server));
    one.get("/").await;
    settle().await;
    far.cut_data();
    assert!(
        one.get("/").await.is_hit(),
        "what is here may be used for the grace"
    );
    let missed = one.get("/other").await;
    assert_eq!(missed.cache(), "fwd=uri-miss; fwd-status=200; stored");
    settle().await;
    assert!(one.get("/other").await.is_hit());
    assert!(!one.ask("POST", "/").await.is_hit());
    let again = one.get("/").await;
    assert!(!again.is_hit(), "an invalidation counts here at once");
    far.join_data();
    far.beat();
    settle().await;
    let theirs = other.get("/").await;
    assert!(
        !theirs.is_hit() || theirs.body == again.body,
        "and elsewhere when Redis is back"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_a_miss() {
    let site = Site::new(counting("max-age=60"));
    let server = FarServer::new(&site.clock);
    let ((one, _), (other, _)) = (beside(&site, &server), beside(&site, &server));
    one.get("/").await;
    settle().await;
    let keys = server.keys();
    let key = keys.iter().find(|key| key.contains("tower-redis")).unwrap();
    let mut bytes = server.get(key).unwrap();
    bytes.pop();
    server.set(key, bytes, None);
    let answer = other.get("/").await;
    assert_eq!(answer.cache(), "fwd=uri-miss; fwd-status=200; stored");
}

#[tokio::test]
async fn what_is_stale_in_redis_answers_while_it_is_validated() {
    let all = two(counting("max-age=10, stale-while-revalidate=60"));
    let (one, other) = (&all.one, &all.other);
    one.get("/").await;
    settle().await;
    all.pass_time(15);
    let stale = other.get("/").await;
    assert_eq!(
        (stale.cache(), &*stale.body, stale.age()),
        (
            "hit; ttl=-5; detail=\"stale-while-revalidate\"",
            &b"0"[..],
            Some(15)
        )
    );
    settle().await;
    assert_eq!(one.calls(), 2, "it was validated behind");
    let renewed = other.get("/").await;
    assert_eq!(
        (renewed.cache(), &*renewed.body),
        ("hit; ttl=10", &b"1"[..])
    );
    let stats = other.layer.stats();
    assert_eq!((stats.stale_hits, stats.misses, stats.refreshes), (1, 0, 1));
}

#[tokio::test]
async fn a_body_that_streams_reaches_redis_once_it_is_whole() {
    let (site, feeds) = fed(None);
    let server = FarServer::new(&site.clock);
    let ((one, _one), (other, _other)) = (beside(&site, &server), beside(&site, &server));
    let mut body = open(&one).await.into_body();
    let feed = feeds.lock().unwrap().remove(0);
    feed.send(data("one")).unwrap();
    assert_eq!(next(&mut body).await, Some(Ok("one".into())));
    // who comes to this process reads along; another one asks the origin itself
    let along = open(&one).await;
    let own = open(&other).await;
    assert_eq!(site.calls(), 2);
    feed.send(data("two")).unwrap();
    drop(feed);
    let along = along.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(along, "onetwo");
    settle().await;
    drop((own, feeds.lock().unwrap().remove(0)));
    let (third, _third) = beside(&site, &server);
    let found = third.get("/").await;
    assert_eq!(
        (found.cache(), &*found.body),
        ("hit; ttl=60", &b"onetwo"[..])
    );
}

#[tokio::test]
async fn a_body_that_breaks_reaches_redis_never() {
    let (site, feeds) = fed(Some("6"));
    let server = FarServer::new(&site.clock);
    let ((one, _one), (other, _other)) = (beside(&site, &server), beside(&site, &server));
    let mut body = open(&one).await.into_body();
    let feed = feeds.lock().unwrap().remove(0);
    feed.send(data("one")).unwrap();
    drop(feed);
    assert_eq!(next(&mut body).await, Some(Ok("one".into())));
    assert!(body.frame().await.unwrap().is_err());
    settle().await;
    drop(open(&other).await);
    assert_eq!(site.calls(), 2);
}
