//! What is stale, and when it answers all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use http::Request;
use tower::{Layer as _, Service as _, ServiceExt as _};

use crate::origin::{Broken, Site, ok, request, respond, settle};

/// An origin that answers its first request with `first`, and each later one as it is told: by a status code, or
/// not at all (0).
fn failing(first: &'static str) -> (Site, Arc<AtomicU16>) {
    let (calls, how) = (AtomicUsize::new(0), Arc::new(AtomicU16::new(200)));
    let told = Arc::clone(&how);
    let site = Site::later(move |_| {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        let status = told.load(Ordering::SeqCst);
        let answer = match status {
            0 => Err(Broken),
            200 => Ok(ok(first, format!("{call}"))),
            status => Ok(respond(status, &[("cache-control", "no-store")], "sorry")),
        };
        Box::pin(std::future::ready(answer))
    });
    (site, how)
}

#[tokio::test]
async fn what_is_stale_answers_at_once_and_is_validated_once_behind() {
    let (site, _) = failing("max-age=10, stale-while-revalidate=5");
    site.get("/").await;
    site.pass_time(15);
    for _ in 0..3 {
        let stale = site.get_with("/", &[("x-trace", "7")]).await;
        assert_eq!(
            stale.cache(),
            "hit; ttl=-5; detail=\"stale-while-revalidate\""
        );
        assert_eq!((&*stale.body, stale.age()), (&b"0"[..], Some(15)));
    }
    settle().await;
    assert_eq!(site.calls(), 2, "one of the three has it validated");
    let seen = site.last_seen();
    assert_eq!(seen["x-trace"], "7", "with the fields of that request");
    let renewed = site.get("/").await;
    assert_eq!(
        (renewed.cache(), &*renewed.body),
        ("hit; ttl=10", &b"1"[..])
    );
    let stats = site.layer.stats();
    assert_eq!(
        (stats.stale_hits, stats.refreshes, stats.near_hits),
        (3, 1, 1)
    );
}

#[tokio::test]
async fn beyond_the_window_a_request_waits_for_the_answer() {
    let (site, _) = failing("max-age=10, stale-while-revalidate=5");
    site.get("/").await;
    site.pass_time(16);
    let answer = site.get("/").await;
    assert_eq!(answer.cache(), "fwd=stale; fwd-status=200; stored");
    assert_eq!(answer.body, "1");
}

#[tokio::test]
async fn a_body_of_a_type_that_the_cache_cannot_make_is_validated_before_the_answer() {
    #[derive(Debug)]
    struct Own;

    let (site, _) = failing("max-age=10, stale-while-revalidate=5");
    let origin = site.origin.clone();
    let inner = tower::service_fn(move |request: Request<Own>| {
        let request = request.map(|Own| ());
        origin.clone().oneshot(request)
    });
    for known in [false, true] {
        let layer = if known {
            site.layer.clone().empty_body(|| Own)
        } else {
            site.layer.clone()
        };
        let mut service = layer.layer(inner.clone());
        let uri = format!("/{known}");
        let mut get = async || {
            let request = Request::get(&uri).body(Own).unwrap();
            let response = service.ready().await.unwrap().call(request).await.unwrap();
            response.headers()["cache-status"]
                .to_str()
                .unwrap()
                .to_owned()
        };
        get().await;
        site.pass_time(11);
        let expected = if known {
            "tower-redis; hit; ttl=-1; detail=\"stale-while-revalidate\""
        } else {
            "tower-redis; fwd=stale; fwd-status=200; stored"
        };
        assert_eq!(get().await, expected);
    }
}

#[tokio::test]
async fn while_one_validates_in_the_foreground_others_take_what_is_stale() {
    #[derive(Debug)]
    struct Own;

    let (site, _) = failing("max-age=10, stale-while-revalidate=5");
    let (release, gate) = tokio::sync::watch::channel(true);
    let origin = site.origin.clone();
    let inner = tower::service_fn(move |request: Request<Own>| {
        let (origin, mut gate) = (origin.clone(), gate.clone());
        async move {
            let _ = gate.wait_for(|open| *open).await;
            origin.oneshot(request.map(|Own| ())).await
        }
    });
    let service = site.layer.layer(inner);
    let get = || {
        let request = Request::get("/").body(Own).unwrap();
        service.clone().oneshot(request)
    };
    get().await.unwrap();
    site.pass_time(11);
    release.send_replace(false);
    let first = tokio::spawn(get());
    settle().await;
    let other = get().await.unwrap();
    let status = other.headers()["cache-status"].to_str().unwrap();
    assert_eq!(
        status,
        "tower-redis; hit; ttl=-1; detail=\"stale-while-revalidate\""
    );
    release.send_replace(true);
    let first = first.await.unwrap().unwrap();
    let status = first.headers()["cache-status"].to_str().unwrap();
    assert_eq!(status, "tower-redis; fwd=stale; fwd-status=200; stored");
}

#[tokio::test]
async fn an_origin_that_says_it_has_failed_is_spared_its_clients_within_the_window() {
    let (site, how) = failing("max-age=10, stale-if-error=20");
    site.get("/").await;
    site.pass_time(30);
    for status in [500, 502, 503, 504] {
        how.store(status, Ordering::SeqCst);
        let answer = site.get("/").await;
        let expected =
            format!("fwd=stale; ttl=-20; fwd-status={status}; detail=\"stale-if-error\"");
        assert_eq!((answer.cache(), &*answer.body), (&*expected, &b"0"[..]));
        assert_eq!(answer.status, 200);
    }
    // that is an answer
    how.store(501, Ordering::SeqCst);
    assert_eq!(site.get("/").await.status, 501);
    how.store(503, Ordering::SeqCst);
    site.pass_time(1);
    assert_eq!(site.get("/").await.status, 503, "the window is over");
    let asked = [("cache-control", "stale-if-error=100")];
    assert_eq!(
        site.get_with("/", &asked).await.status,
        200,
        "the client takes it"
    );
    how.store(200, Ordering::SeqCst);
    assert_eq!(
        site.get("/").await.body,
        "8",
        "and the origin is well again"
    );
}

#[tokio::test]
async fn an_origin_that_cannot_be_reached_is_stood_in_for_unless_that_is_forbidden() {
    for (cache_control, allowed) in [
        ("max-age=10", true),
        ("max-age=10, stale-if-error=1", true),
        ("max-age=10, must-revalidate", false),
        ("max-age=10, proxy-revalidate", false),
        ("s-maxage=10", false),
        ("no-cache, max-age=10", false),
    ] {
        let (site, how) = failing(cache_control);
        site.get("/").await;
        site.pass_time(3600);
        how.store(0, Ordering::SeqCst);
        for method in ["GET", "HEAD"] {
            let answer = site.send(request(method, "/", &[])).await;
            if allowed {
                let answer = answer.unwrap();
                assert_eq!(
                    answer.cache(),
                    "fwd=stale; ttl=-3590; detail=\"disconnected\""
                );
                assert_eq!(answer.age(), Some(3600));
                assert_eq!(answer.body.is_empty(), method == "HEAD");
                let reload = request(method, "/", &[("cache-control", "no-cache")]);
                assert!(
                    site.send(reload).await.is_err(),
                    "who insists gets the error"
                );
            } else {
                assert!(answer.is_err(), "{cache_control}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_invalidated_does_not_come_back_when_the_origin_is_away() {
    let (site, how) = failing("max-age=10, stale-if-error=100, stale-while-revalidate=100");
    site.get("/").await;
    site.ask("POST", "/").await;
    how.store(0, Ordering::SeqCst);
    assert!(site.send(request("GET", "/", &[])).await.is_err());
}

#[tokio::test]
async fn those_who_wait_for_an_origin_that_fails_take_what_is_stale_too() {
    for status in [0, 503] {
        let (site, how) = failing("max-age=10, stale-if-error=20");
        let (release, gate) = tokio::sync::watch::channel(true);
        let origin = site.origin.clone();
        let inner = tower::service_fn(move |request: Request<()>| {
            let (origin, mut gate) = (origin.clone(), gate.clone());
            async move {
                let _ = gate.wait_for(|open| *open).await;
                origin.oneshot(request).await
            }
        });
        let service = site.layer.layer(inner);
        let get = || service.clone().oneshot(request("GET", "/", &[]));
        get().await.unwrap();
        site.pass_time(11);
        how.store(status, Ordering::SeqCst);
        release.send_replace(false);
        let all: Vec<_> = (0..10).map(|_| tokio::spawn(get())).collect();
        settle().await;
        release.send_replace(true);
        for one in all {
            let answer = one.await.unwrap().unwrap();
            assert_eq!(answer.status(), 200);
        }
        assert_eq!(site.calls(), 2, "one has asked for all");
        let stats = site.layer.stats();
        assert_eq!((stats.misses, stats.stale_hits), (1, 10));
    }
}

#[tokio::test]
async fn a_client_may_take_what_is_stale() {
    let (site, _) = failing("max-age=10");
    site.get("/").await;
    site.pass_time(15);
    let answer = site
        .get_with("/", &[("cache-control", "max-stale=5")])
        .await;
    assert_eq!(answer.cache(), "hit; ttl=-5; detail=\"max-stale\"");
    let answer = site
        .get_with("/", &[("cache-control", "max-stale=4")])
        .await;
    assert_eq!(answer.cache(), "fwd=stale; fwd-status=200; stored");
}

#[tokio::test]
async fn nothing_goes_forward_for_one_who_forbids_it() {
    let (site, _) = failing("max-age=10, stale-while-revalidate=5");
    site.get("/").await;
    site.pass_time(12);
    let cached = [("cache-control", "only-if-cached")];
    let answer = site.get_with("/", &cached).await;
    assert_eq!(
        answer.cache(),
        "hit; ttl=-2; detail=\"stale-while-revalidate\""
    );
    site.pass_time(10);
    let answer = site.get_with("/", &cached).await;
    assert_eq!(answer.status, 504);
    let accepting = [("cache-control", "only-if-cached, max-stale")];
    assert_eq!(site.get_with("/", &accepting).await.status, 200);
}

#[tokio::test]
async fn a_lookup_is_counted_once_by_what_it_got() {
    for status in [200, 503, 0] {
        let (site, how) = failing("max-age=10, stale-while-revalidate=5, stale-if-error=60");
        site.get("/").await;
        how.store(status, Ordering::SeqCst);
        // one is answered, and what validates behind it is nobody's lookup, whatever comes of it
        site.pass_time(11);
        site.get("/").await;
        settle().await;
        let stats = site.layer.stats();
        let lookups = (stats.misses, stats.stale_hits, stats.near_hits);
        assert_eq!((lookups, stats.refreshes), ((1, 1, 0), 1), "{status}");
    }
}
