use std::future::Future as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use http_body_util::BodyExt as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::limit::ConcurrencyLimit;
use tower::{Layer as _, ServiceExt as _};

use crate::bodies::{data, fed, next};
use crate::origin::{Answer, Broken, Site, ok, request, respond, settle};

/// An origin whose answers are held back until the test lets them go.
fn held(
    script: impl Fn(&http::Request<()>) -> http::Response<crate::origin::Content>
    + Send
    + Sync
    + 'static,
) -> (Site, watch::Sender<bool>) {
    let (release, gate) = watch::channel(false);
    let script = Arc::new(script);
    let site = Site::later(move |request| {
        let (mut gate, script) = (gate.clone(), Arc::clone(&script));
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            Ok(script(&request))
        })
    });
    (site, release)
}

fn start(site: &Site, fields: &'static [(&'static str, &'static str)]) -> JoinHandle<Answer> {
    let site = site.clone();
    tokio::spawn(async move { site.get_with("/", fields).await })
}

#[tokio::test]
async fn a_hundred_misses_are_one_request() {
    let (site, release) = held(|_| ok("max-age=60", "x"));
    let all: Vec<_> = (0..100).map(|_| start(&site, &[])).collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(true);
    let mut collapsed = 0;
    for one in all {
        let answer = one.await.unwrap();
        assert_eq!(answer.body, "x");
        match answer.cache() {
            "fwd=uri-miss; collapsed" => {
                collapsed += 1;
                assert_eq!(answer.age(), Some(0));
            }
            other => assert_eq!(other, "fwd=uri-miss; fwd-status=200; stored"),
        }
    }
    assert_eq!((collapsed, site.calls()), (99, 1));
    let stats = site.layer.stats();
    assert_eq!((stats.misses, stats.coalesced, stats.loads), (100, 99, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_misses_on_threads_are_one_request() {
    let site = Site::later(|_| {
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(ok("max-age=60", "x"))
        })
    });
    let all: Vec<_> = (0..1_000).map(|_| start(&site, &[])).collect();
    for one in all {
        assert_eq!(one.await.unwrap().body, "x");
    }
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn when_the_client_leaves_whom_others_wait_for_its_request_goes_on() {
    let (site, release) = held(|_| ok("max-age=60", "x"));
    let leader = start(&site, &[]);
    settle().await;
    let followers: Vec<_> = (0..10).map(|_| start(&site, &[])).collect();
    settle().await;
    leader.abort();
    settle().await;
    assert_eq!((site.calls(), release.receiver_count()), (1, 2));
    release.send_replace(true);
    for one in followers {
        let answer = one.await.unwrap();
        assert_eq!(answer.cache(), "fwd=uri-miss; collapsed");
        assert_eq!(answer.body, "x");
    }
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn when_the_client_leaves_whom_nobody_waits_for_its_request_is_dropped() {
    let (site, release) = held(|_| ok("max-age=60", "x"));
    let leader = start(&site, &[]);
    settle().await;
    // one that has waited and left counts as nobody, and one that waits is no reason to go on for itself
    let follower = start(&site, &[]);
    settle().await;
    follower.abort();
    settle().await;
    assert_eq!((site.calls(), release.receiver_count()), (1, 2));
    leader.abort();
    settle().await;
    // the script itself has one
    assert_eq!((site.calls(), release.receiver_count()), (1, 1));
    assert_eq!(site.layer.stats().loading, 0);
}

#[test]
fn when_the_client_leaves_outside_a_runtime_another_one_asks() {
    let (site, release) = held(|_| ok("max-age=60", "x"));
    let ask = || Box::pin(site.get("/"));
    let (mut leader, mut follower) = (ask(), ask());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(leader.as_mut().poll(&mut cx).is_pending());
    assert!(follower.as_mut().poll(&mut cx).is_pending());
    drop(leader);
    assert!(follower.as_mut().poll(&mut cx).is_pending());
    assert_eq!(site.calls(), 2);
    release.send_replace(true);
    assert_eq!(pollster::block_on(follower).body, "x");
}

#[tokio::test]
async fn when_the_leader_s_client_leaves_during_the_body_the_others_get_all_of_it() {
    let (site, feeds) = fed(Some("1"));
    let leader = site
        .service
        .clone()
        .oneshot(request("GET", "/", &[]))
        .await
        .unwrap();
    let followers: Vec<_> = (0..10).map(|_| start(&site, &[])).collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    drop(leader);
    settle().await;
    let feed = feeds.lock().unwrap().remove(0);
    feed.send(data("x")).unwrap();
    drop(feed);
    for one in followers {
        assert_eq!(one.await.unwrap().body, "x");
    }
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_nobody_up() {
    let (site, feeds) = fed(Some("1000"));
    let stalled = site
        .service
        .clone()
        .oneshot(request("GET", "/", &[]))
        .await
        .unwrap();
    let followers: Vec<_> = (0..10).map(|_| start(&site, &[])).collect();
    settle().await;
    let feed = feeds.lock().unwrap().remove(0);
    for _ in 0..100 {
        feed.send(data("0123456789")).unwrap();
    }
    drop(feed);
    for one in followers {
        let answer = one.await.unwrap();
        assert_eq!(answer.body.len(), 1_000);
        assert_eq!(answer.cache(), "fwd=uri-miss; collapsed");
    }
    assert_eq!(site.calls(), 1);
    // it finds all of it when it comes back
    assert_eq!(
        stalled
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .len(),
        1_000
    );
}

#[tokio::test]
async fn a_body_that_may_never_end_holds_nobody_up() {
    let (site, feeds) = fed(None);
    let streaming = site
        .service
        .clone()
        .oneshot(request("GET", "/", &[]))
        .await
        .unwrap();
    // it is being kept all the same
    let status = streaming.headers()["cache-status"].to_str().unwrap();
    assert_eq!(status, "tower-redis; fwd=uri-miss; fwd-status=200; stored");
    let followers: Vec<_> = (0..10).map(|_| start(&site, &[])).collect();
    settle().await;
    assert_eq!(site.calls(), 1, "all of them read it");
    feeds.lock().unwrap()[0].send(data("x")).unwrap();
    feeds.lock().unwrap().clear();
    for one in followers {
        let answer = one.await.unwrap();
        assert_eq!(
            (&*answer.body, answer.cache()),
            (&b"x"[..], "fwd=uri-miss; collapsed")
        );
    }
    drop(streaming);
    assert!(site.get("/").await.is_hit());
}

#[tokio::test]
async fn those_who_wait_for_a_head_get_it_before_the_body() {
    let (release, gate) = watch::channel(false);
    let (feeding, feeds) = fed(None);
    let site = Site::later(move |_| {
        let (mut gate, feeding) = (gate.clone(), feeding.clone());
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            feeding
                .origin
                .clone()
                .oneshot(request("GET", "/", &[]))
                .await
        })
    });
    let ask = |_| tokio::spawn(site.service.clone().oneshot(request("GET", "/", &[])));
    let all: Vec<_> = (0..10).map(ask).collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(true);
    let mut bodies = Vec::new();
    for one in all {
        bodies.push(one.await.unwrap().unwrap().into_body());
    }
    assert_eq!(site.calls(), 1);
    feeds.lock().unwrap()[0].send(data("x")).unwrap();
    for body in &mut bodies {
        assert_eq!(next(body).await, Some(Ok("x".into())));
    }
}

#[tokio::test]
async fn an_answer_that_is_not_for_all_releases_all_at_once() {
    for (cache_control, age) in [
        ("no-store", "0"),
        ("private, max-age=60", "0"),
        ("max-age=0", "0"),
        ("max-age=60", "80"),
        ("no-cache", "0"),
    ] {
        let started = Arc::new(AtomicUsize::new(0));
        let (release, gate) = watch::channel(1);
        let counter = Arc::clone(&started);
        let site = Site::later(move |_| {
            let mine = counter.fetch_add(1, Ordering::SeqCst) + 1;
            let mut gate = gate.clone();
            Box::pin(async move {
                let _ = gate.wait_for(|open| mine < *open).await;
                Ok(respond(
                    200,
                    &[
                        ("cache-control", cache_control),
                        ("age", age),
                        ("etag", "\"1\""),
                    ],
                    "x",
                ))
            })
        });
        let all: Vec<_> = (0..20).map(|_| start(&site, &[])).collect();
        settle().await;
        assert_eq!(site.calls(), 1);
        // the first one's head is enough
        release.send_replace(2);
        settle().await;
        assert_eq!(site.calls(), 20, "{cache_control}");
        release.send_replace(100);
        let mut waited = 0;
        for one in all {
            waited += usize::from(one.await.unwrap().cache().contains("collapsed=?0"));
        }
        assert_eq!(waited, 19);
        // and those that come later do not wait at all
        release.send_replace(1);
        let later: Vec<_> = (0..3).map(|_| start(&site, &[])).collect();
        settle().await;
        assert_eq!(site.calls(), 23, "{cache_control}");
        release.send_replace(100);
        for one in later {
            assert!(!one.await.unwrap().cache().contains("collapsed"));
        }
    }
}

#[tokio::test]
async fn an_error_lets_the_others_try_a_few_at_a_time() {
    let started = AtomicUsize::new(0);
    let (release, gate) = watch::channel(1);
    let site = Site::later(move |_| {
        let mine = started.fetch_add(1, Ordering::SeqCst) + 1;
        let mut gate = gate.clone();
        Box::pin(async move {
            let _ = gate.wait_for(|open| mine < *open).await;
            Err(Broken)
        })
    });
    let all: Vec<_> = (0..20)
        .map(|_| {
            let site = site.clone();
            tokio::spawn(async move { site.send(request("GET", "/", &[])).await.is_err() })
        })
        .collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(2);
    settle().await;
    assert_eq!(site.calls(), 5, "four of them");
    release.send_replace(100);
    for one in all {
        assert!(one.await.unwrap());
    }
    assert_eq!(site.calls(), 20);
    assert_eq!(site.layer.stats().loading, 0);
}

#[tokio::test]
async fn a_follower_of_another_variant_asks_itself() {
    let (site, release) = held(|request| {
        let lang = request.headers()["lang"].to_str().unwrap().to_owned();
        respond(
            200,
            &[("cache-control", "max-age=60"), ("vary", "lang")],
            lang,
        )
    });
    let german = start(&site, &[("lang", "de")]);
    settle().await;
    let french = start(&site, &[("lang", "fr")]);
    settle().await;
    release.send_replace(true);
    assert_eq!(german.await.unwrap().body, "de");
    let french = french.await.unwrap();
    assert_eq!(
        (&*french.body, french.cache()),
        (
            &b"fr"[..],
            "fwd=uri-miss; fwd-status=200; stored; collapsed=?0"
        )
    );
    assert_eq!(site.calls(), 2);
}

/// Asks in `langs` at the same time; the origin answers one round of requests after the other, and has
/// then got as many as `rounds` say.
async fn ask_in(langs: impl Iterator<Item = &'static str>, rounds: &[usize]) {
    let asked = AtomicUsize::new(0);
    let (let_in, gate) = watch::channel(0);
    let site = Site::later(move |request| {
        let mine = asked.fetch_add(1, Ordering::SeqCst);
        let mut gate = gate.clone();
        Box::pin(async move {
            let _ = gate.wait_for(|open| mine < *open).await;
            let lang = request.headers()["lang"].to_str().unwrap().to_owned();
            let fields = [("cache-control", "max-age=60"), ("vary", "lang")];
            Ok(respond(200, &fields, lang))
        })
    });
    let ask = |lang| {
        let site = site.clone();
        tokio::spawn(async move { site.get_with("/", &[("lang", lang)]).await.body == lang })
    };
    let all: Vec<_> = langs.map(ask).collect();
    for calls in rounds {
        settle().await;
        assert_eq!(site.calls(), *calls);
        let_in.send_replace(*calls);
    }
    for one in all {
        assert!(one.await.unwrap());
    }
    assert_eq!(Some(&site.calls()), rounds.last());
}

#[tokio::test]
async fn of_many_misses_of_a_few_variants_each_variant_is_one_request() {
    let langs = ["de", "fr", "it"].into_iter();
    ask_in(langs.cycle().take(99), &[1, 2, 3]).await;
}

#[tokio::test]
async fn those_of_many_variants_wait_for_a_few_and_then_ask_together() {
    let langs = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    ask_in(langs.into_iter(), &[1, 2, 3, 10]).await;
}

#[tokio::test]
async fn some_requests_wait_for_nobody() {
    let (site, release) = held(|_| ok("max-age=60", "x"));
    let mut all = vec![start(&site, &[])];
    settle().await;
    for fields in [
        &[("range", "bytes=0-1")][..],
        &[("connection", "upgrade"), ("upgrade", "websocket")],
        &[("cache-control", "no-store")],
        &[("cache-control", "no-cache")],
    ] {
        let before = site.calls();
        all.push(start(&site, fields));
        settle().await;
        assert_eq!(site.calls(), before + 1, "{fields:?}");
    }
    release.send_replace(true);
    for one in all {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn one_of_many_validates_for_all() {
    let site = Site::later(|request| {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok(match request.headers().contains_key("if-none-match") {
                true => respond(304, &[], ""),
                false => respond(
                    200,
                    &[("cache-control", "max-age=10"), ("etag", "\"1\"")],
                    "x",
                ),
            })
        })
    });
    site.get("/").await;
    site.pass_time(10);
    let all: Vec<_> = (0..20).map(|_| start(&site, &[])).collect();
    for one in all {
        let answer = one.await.unwrap();
        assert_eq!(answer.body, "x");
        let cache = answer.cache();
        assert!(
            ["fwd=stale; fwd-status=304; stored", "fwd=stale; collapsed"].contains(&cache),
            "{cache}"
        );
    }
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn those_who_wait_take_no_room_in_what_is_inside() {
    let asked = AtomicUsize::new(0);
    let (release, gate) = watch::channel(0);
    let site = Site::later(move |request| {
        let mut gate = gate.clone();
        let mine = asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if request.uri().path() == "/slow" {
                let _ = gate.wait_for(|open| mine < *open).await;
            }
            match mine {
                0 => Err(Broken),
                _ => Ok(ok("max-age=60", "x")),
            }
        })
    });
    let limited = ConcurrencyLimit::new(site.origin.clone(), 2);
    let service = site.layer.layer(limited);
    let ask = |uri| tokio::spawn(service.clone().oneshot(request("GET", uri, &[])));
    let slow: Vec<_> = (0..5).map(|_| ask("/slow")).collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    let other = ask("/other");
    settle().await;
    assert!(other.is_finished(), "only one request is inside");
    // it fails, and the others ask: each becomes ready first
    release.send_replace(1);
    settle().await;
    assert_eq!(site.calls(), 4);
    release.send_replace(100);
    let mut slow = slow.into_iter();
    assert!(slow.next().unwrap().await.unwrap().is_err());
    for one in slow {
        assert_eq!(one.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn hits_leave_the_room_inside_to_others() {
    let site = Site::new(|_| ok("max-age=60", "x"));
    let limited = ConcurrencyLimit::new(site.origin.clone(), 1);
    let service = site.layer.layer(limited);
    for _ in 0..3 {
        for uri in ["/", "/", "/other"] {
            let answer = service.clone().oneshot(request("GET", uri, &[]));
            answer.await.unwrap();
        }
        let post = service.clone().oneshot(request("POST", "/", &[]));
        post.await.unwrap();
    }
}

#[tokio::test]
async fn an_origin_that_asks_for_its_own_url_does_not_wait_for_itself() {
    let inner = Arc::new(std::sync::OnceLock::<Site>::new());
    let own = Arc::clone(&inner);
    let site = Site::later(move |request| {
        let own = Arc::clone(&own);
        Box::pin(async move {
            if !request.headers().contains_key("again")
                && let Some(site) = own.get()
            {
                return Ok(ok(
                    "max-age=60",
                    site.get_with("/", &[("again", "")]).await.body,
                ));
            }
            Ok(ok("max-age=60", "inner"))
        })
    });
    inner.set(site.clone()).ok();
    assert_eq!(site.get("/").await.body, "inner");
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn a_leader_that_panics_leaves_nobody_waiting() {
    let (release, gate) = watch::channel(false);
    let first = Arc::new(AtomicUsize::new(0));
    let site = Site::later(move |_| {
        let (mut gate, mine) = (gate.clone(), first.fetch_add(1, Ordering::SeqCst));
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            assert_ne!(mine, 0, "the first one panics");
            Ok(ok("max-age=60", "x"))
        })
    });
    let leader = start(&site, &[]);
    settle().await;
    let followers: Vec<_> = (0..10).map(|_| start(&site, &[])).collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(true);
    assert!(leader.await.unwrap_err().is_panic());
    for one in followers {
        assert_eq!(one.await.unwrap().body, "x");
    }
    assert_eq!(site.layer.stats().loading, 0);
}

#[tokio::test]
async fn what_each_request_has_to_validate_is_validated_side_by_side() {
    let (site, release) = held(|request| {
        let known = request.headers().contains_key("if-none-match");
        let fields = [("cache-control", "no-cache"), ("etag", "\"1\"")];
        respond(
            if known { 304 } else { 200 },
            &fields,
            if known { "" } else { "x" },
        )
    });
    release.send_replace(true);
    site.get("/").await;
    release.send_replace(false);
    let all: Vec<_> = (0..10).map(|_| start(&site, &[])).collect();
    settle().await;
    assert_eq!(site.calls(), 11);
    release.send_replace(true);
    for one in all {
        let answer = one.await.unwrap();
        assert_eq!(answer.cache(), "fwd=stale; fwd-status=304; stored");
        assert_eq!(answer.body, "x");
    }
}

#[tokio::test]
async fn those_who_waited_in_vain_do_not_wait_again() {
    let stored = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let storing = Arc::clone(&stored);
    let (site, release) = held(move |_| match storing.load(Ordering::SeqCst) {
        true => ok("max-age=60", "x"),
        false => ok("private", "x"),
    });
    let batch = || (0..10).map(|_| start(&site, &[])).collect::<Vec<_>>();
    let first = batch();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(true);
    for one in first {
        one.await.unwrap();
    }
    release.send_replace(false);
    let second = batch();
    settle().await;
    assert_eq!(site.calls(), 20, "side by side");
    release.send_replace(true);
    for one in second {
        let answer = one.await.unwrap();
        assert_eq!(
            answer.cache(),
            "fwd=uri-miss; fwd-status=200; detail=\"private\""
        );
    }

    // what can be stored is stored, and from then on they wait again
    stored.store(true, Ordering::SeqCst);
    site.get("/").await;
    assert!(site.get("/").await.is_hit());
    site.pass_time(60);
    release.send_replace(false);
    let third = batch();
    settle().await;
    assert_eq!(site.calls(), 22);
    release.send_replace(true);
    for one in third {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn after_an_outage_they_wait_for_one_again() {
    let well = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let state = Arc::clone(&well);
    let (site, release) = held(move |_| match state.load(Ordering::SeqCst) {
        true => ok("max-age=60", "x"),
        false => respond(503, &[], "down"),
    });
    let batch = || (0..10).map(|_| start(&site, &[])).collect::<Vec<_>>();
    for (is_well, calls) in [(false, 10), (true, 11)] {
        well.store(is_well, Ordering::SeqCst);
        release.send_replace(false);
        let all = batch();
        settle().await;
        release.send_replace(true);
        for one in all {
            one.await.unwrap();
        }
        assert_eq!(site.calls(), calls);
    }
}

#[tokio::test]
async fn nobody_waits_for_a_body_that_each_would_have_to_validate() {
    let (feeding, _feeds) = fed(Some("1"));
    let (release, gate) = watch::channel(false);
    let site = Site::later(move |_| {
        let (mut gate, feeding) = (gate.clone(), feeding.clone());
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            let mut response = feeding
                .origin
                .clone()
                .oneshot(request("GET", "/", &[]))
                .await?;
            let fields = response.headers_mut();
            fields.insert("cache-control", http::HeaderValue::from_static("no-cache"));
            fields.insert("etag", http::HeaderValue::from_static("\"1\""));
            Ok(response)
        })
    });
    let all: Vec<_> = (0..10).map(|_| start(&site, &[])).collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(true);
    settle().await;
    assert_eq!(site.calls(), 10);
    all.iter().for_each(JoinHandle::abort);
}

/// An origin whose page has this tag, and that answers a condition about it with 304, once it is let go.
fn tagged() -> (Site, watch::Sender<bool>) {
    held(|request| {
        let known = request.headers().get("if-none-match");
        match known.is_some_and(|known| known == "\"1\"") {
            true => respond(304, &[("etag", "\"1\"")], ""),
            false => respond(
                200,
                &[("cache-control", "max-age=10"), ("etag", "\"1\"")],
                "page",
            ),
        }
    })
}

const KNOWN: &[(&str, &str)] = &[("if-none-match", "\"1\"")];
const OTHER: &[(&str, &str)] = &[("if-none-match", "\"0\"")];

/// Those with a condition wait for one without, and are answered from what that brings.
#[tokio::test]
async fn a_condition_is_answered_from_what_another_request_brings() {
    let (site, release) = tagged();
    let first = start(&site, &[]);
    settle().await;
    let all: Vec<_> = [KNOWN, OTHER, &[]]
        .into_iter()
        .map(|fields| start(&site, fields))
        .collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(true);
    first.await.unwrap();
    let mut answers = Vec::new();
    for one in all {
        let answer = one.await.unwrap();
        assert_eq!(answer.cache(), "fwd=uri-miss; collapsed");
        answers.push((answer.status.as_u16(), answer.body));
    }
    let page = || "page".into();
    assert_eq!(answers, [(304, "".into()), (200, page()), (200, page())]);
    assert_eq!(site.calls(), 1);
}

/// The first is asked as it is. When it is answered 304, which brings the others nothing, one of them asks for all.
#[tokio::test]
async fn many_with_a_condition_are_two_requests_where_nothing_is_stored() {
    let (site, release) = tagged();
    let all: Vec<_> = (0..50).map(|_| start(&site, KNOWN)).collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(true);
    for one in all {
        let answer = one.await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0));
        assert_eq!(answer.field("etag"), Some("\"1\""));
    }
    assert_eq!(site.calls(), 2);
    assert!(!site.last_seen().contains_key("if-none-match"));
    assert!(site.get("/").await.is_hit());
}

#[tokio::test]
async fn of_many_with_conditions_one_validates_what_is_stale() {
    let (site, release) = tagged();
    release.send_replace(true);
    site.get("/").await;
    site.pass_time(10);
    release.send_replace(false);
    let fields = [KNOWN, OTHER, &[]].into_iter().cycle().take(30);
    let all: Vec<_> = fields.map(|fields| start(&site, fields)).collect();
    settle().await;
    assert_eq!(site.calls(), 2);
    release.send_replace(true);
    for (at, one) in all.into_iter().enumerate() {
        let expected = if at % 3 == 0 { 304 } else { 200 };
        assert_eq!(one.await.unwrap().status.as_u16(), expected, "{at}");
    }
    assert_eq!(site.calls(), 2);
}

/// A condition that holds against a body that is on its way is answered without it.
#[tokio::test]
async fn a_condition_is_answered_while_the_body_comes() {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let feed = std::sync::Mutex::new(Some(receiver));
    let site = Site::new(move |_| {
        let body = crate::bodies::held(feed.lock().unwrap().take().unwrap());
        let mut response = crate::bodies::with_body(None, body);
        let tag = http::HeaderValue::from_static("\"1\"");
        response.headers_mut().insert("etag", tag);
        response
    });
    let first = start(&site, &[]);
    settle().await;
    let known = start(&site, KNOWN);
    let known = known.await.unwrap();
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    sender.send(data("page")).unwrap();
    drop(sender);
    assert_eq!(first.await.unwrap().body, "page");
    assert_eq!(site.calls(), 1);
}

/// An answer that is for nobody else sends those with a condition on with it: they get their 304.
#[tokio::test]
async fn a_condition_stays_where_the_answer_is_not_for_all() {
    let (site, release) = held(
        |request| match request.headers().contains_key("if-none-match") {
            true => respond(304, &[], ""),
            false => respond(200, &[("cache-control", "no-store")], "x"),
        },
    );
    let first = start(&site, &[]);
    settle().await;
    let known = start(&site, KNOWN);
    settle().await;
    release.send_replace(true);
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(known.await.unwrap().status, 304);
}
