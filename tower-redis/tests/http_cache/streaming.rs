//! Bodies that several clients read while they come.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};
use tower::{Layer as _, ServiceExt as _, service_fn};

use tower_redis::middleware::http_cache::{CacheBody, CacheBodyError};
use tower_redis::testing::ManualClock;

use crate::bodies::{Endless, Step, data, fed, next, open, trailers, with_body};
use crate::origin::{Broken, Content, Site, layer, ok, request, settle};

/// As long as a reader or an origin may hold up others.
const PATIENCE: Duration = Duration::from_secs(30);

async fn ask(site: &Site, fields: &[(&str, &str)]) -> Response<CacheBody<Content>> {
    let request = request("GET", "/", fields);
    site.service.clone().oneshot(request).await.unwrap()
}

fn status<B>(response: &Response<B>) -> &str {
    let status = response.headers()["cache-status"].to_str().unwrap();
    status.strip_prefix("tower-redis; ").unwrap()
}

async fn text(body: CacheBody<Content>) -> Result<String, CacheBodyError> {
    let body = body.collect().await?.to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

async fn until(what: impl Fn() -> bool) {
    let wait = async {
        while !what() {
            tokio::task::yield_now().await;
        }
    };
    let deadline = Duration::from_secs(120);
    tokio::time::timeout(deadline, wait).await.unwrap();
}

type Feed = UnboundedSender<Step>;

fn first(feeds: &Mutex<Vec<Feed>>) -> Feed {
    feeds.lock().unwrap().remove(0)
}

#[tokio::test]
async fn whoever_comes_while_a_body_comes_reads_it_from_its_beginning() {
    let (site, feeds) = fed(None);
    let mut leader = open(&site).await.into_body();
    let feed = first(&feeds);
    feed.send(data("one")).unwrap();
    assert_eq!(next(&mut leader).await, Some(Ok("one".into())));
    let follower = ask(&site, &[]).await;
    assert_eq!(status(&follower), "fwd=uri-miss; collapsed");
    assert_eq!(follower.headers()["age"], "0");
    let mut follower = follower.into_body();
    assert_eq!(next(&mut follower).await, Some(Ok("one".into())));
    feed.send(data("two")).unwrap();
    assert_eq!(next(&mut follower).await, Some(Ok("two".into())));
    let late = open(&site).await.into_body();
    assert!(!late.is_end_stream() && !follower.is_end_stream());
    feed.send(trailers()).unwrap();
    drop(feed);
    for (body, expected) in [(leader, "two"), (follower, ""), (late, "onetwo")] {
        let body = body.collect().await.unwrap();
        assert_eq!(body.trailers().unwrap()["x-sum"], "9");
        assert_eq!(body.to_bytes(), expected);
    }
    let hit = site.get("/").await;
    assert!(hit.is_hit());
    assert_eq!((&*hit.body, hit.trailers), (&b"onetwo"[..], None));
    assert_eq!(site.calls(), 1);
    let stats = site.layer.stats();
    assert_eq!((stats.misses, stats.coalesced, stats.loads), (3, 2, 1));
}

/// Asks `clients` times for one cold URL; answers how many have read the first byte, and each body.
async fn crowd(
    site: &Site,
    clients: usize,
) -> (
    Arc<AtomicUsize>,
    Vec<tokio::task::JoinHandle<(String, usize)>>,
) {
    let begun = Arc::<AtomicUsize>::default();
    let ask = |_| {
        let (site, begun) = (site.clone(), Arc::clone(&begun));
        tokio::spawn(async move {
            let response = ask(&site, &[]).await;
            let status = status(&response).to_owned();
            let mut body = response.into_body();
            let first = next(&mut body).await.unwrap().unwrap();
            begun.fetch_add(1, Ordering::SeqCst);
            (status, first.len() + text(body).await.unwrap().len())
        })
    };
    let all = (0..clients).map(ask).collect();
    (begun, all)
}

async fn ten_thousand_at_once() {
    const CLIENTS: usize = 10_000;
    let (release, gate) = watch::channel(false);
    let (sender, feed) = unbounded_channel();
    let feed = Arc::new(Mutex::new(Some(feed)));
    let site = Site::later(move |_| {
        let (mut gate, feed) = (gate.clone(), feed.lock().unwrap().take());
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            let mut feed = feed.expect("one request");
            let frames = std::future::poll_fn(move |cx| feed.poll_recv(cx));
            Ok(with_body(None, Frames(Box::pin(frames)).boxed_unsync()))
        })
    });
    let (begun, all) = crowd(&site, CLIENTS).await;
    until(|| site.layer.stats().misses > 0).await;
    release.send_replace(true);
    sender.send(data("first")).unwrap();
    // none of them waits for more than the first byte of the origin
    until(|| begun.load(Ordering::SeqCst) == CLIENTS).await;
    sender.send(data(" and last")).unwrap();
    drop(sender);
    let mut collapsed = 0;
    for one in all {
        let (status, length) = one.await.unwrap();
        assert_eq!(length, "first and last".len());
        collapsed += usize::from(status == "fwd=uri-miss; collapsed");
    }
    assert_eq!((collapsed, site.calls()), (CLIENTS - 1, 1));
    assert_eq!(site.layer.stats().loading, 0);
}

/// A body of what a function brings.
struct Frames<F>(Pin<Box<F>>);

impl<F: Future<Output = Option<Step>>> Body for Frames<F> {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Step>> {
        self.0.as_mut().poll(cx)
    }
}

#[tokio::test]
async fn ten_thousand_misses_are_one_request_and_get_its_first_byte_at_once() {
    ten_thousand_at_once().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_misses_on_threads_are_one_request_and_get_its_first_byte_at_once() {
    ten_thousand_at_once().await;
}

#[tokio::test]
async fn hundreds_of_connections_read_one_body_as_it_comes() {
    const CLIENTS: usize = 300;
    let (sender, feed) = unbounded_channel::<Step>();
    let feed = Arc::new(Mutex::new(Some(feed)));
    let origin = service_fn(move |_: Request<hyper::body::Incoming>| {
        let mut feed = feed.lock().unwrap().take().expect("one request");
        let frames = std::future::poll_fn(move |cx| feed.poll_recv(cx));
        let body = Frames(Box::pin(frames)).boxed_unsync();
        std::future::ready(Ok::<_, Broken>(with_body(None, body)))
    });
    let service = layer(&ManualClock::new(), true).layer(origin);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = hyper_util::service::TowerToHyperService::new(service.clone());
            let connection = hyper::server::conn::http1::Builder::new();
            tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
        }
    });
    let begun = Arc::<AtomicUsize>::default();
    let client = |_| {
        let begun = Arc::clone(&begun);
        tokio::spawn(async move {
            let mut connection = TcpStream::connect(address).await.unwrap();
            let get = b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n";
            connection.write_all(get).await.unwrap();
            let mut answer = Vec::new();
            while !answer.windows(5).any(|part| part == b"first") {
                assert_ne!(connection.read_buf(&mut answer).await.unwrap(), 0);
            }
            begun.fetch_add(1, Ordering::SeqCst);
            connection.read_to_end(&mut answer).await.unwrap();
            String::from_utf8(answer).unwrap()
        })
    };
    let all: Vec<_> = (0..CLIENTS).map(client).collect();
    sender.send(data("first")).unwrap();
    until(|| begun.load(Ordering::SeqCst) == CLIENTS).await;
    sender.send(data("last")).unwrap();
    drop(sender);
    for one in all {
        let answer = one.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with("4\r\nlast\r\n0\r\n\r\n"), "{answer}");
    }
    server.abort();
}

#[tokio::test]
async fn every_reader_sees_that_a_body_broke() {
    for (length, fails) in [(None, true), (Some("9"), true), (Some("9"), false)] {
        let (site, feeds) = fed(length);
        let mut bodies = vec![open(&site).await.into_body()];
        settle().await;
        bodies.push(open(&site).await.into_body());
        let feed = first(&feeds);
        feed.send(data("part")).unwrap();
        settle().await;
        bodies.push(open(&site).await.into_body());
        assert_eq!(site.calls(), 1);
        if fails {
            feed.send(Err(Broken)).unwrap();
        }
        drop(feed);
        settle().await;
        for mut body in bodies {
            assert_eq!(next(&mut body).await, Some(Ok("part".into())));
            let error = body.frame().await.unwrap().unwrap_err();
            let source = std::error::Error::source(&error);
            let own = source.and_then(|source| source.downcast_ref::<Broken>());
            assert_eq!(own.is_some(), fails);
            let expected = match own {
                Some(Broken) => "the body of the inner service failed",
                None => "the body of the inner service is shorter than it was announced",
            };
            assert_eq!(error.to_string(), expected);
        }
        assert_eq!(site.layer.stats().entries, 0);
        drop(open(&site).await);
        assert_eq!(site.calls(), 2);
    }
}

#[tokio::test]
async fn every_reader_sees_that_a_body_panicked() {
    let (panic, panics) = oneshot::channel::<()>();
    let panics = Mutex::new(Some(panics));
    let site = Site::new(move |_| {
        let panics = panics.lock().unwrap().take().unwrap();
        let frames = async move {
            panics.await.unwrap();
            unreachable!("its sender is dropped")
        };
        with_body(None, Frames(Box::pin(frames)).boxed_unsync())
    });
    let leader = open(&site).await.into_body();
    settle().await;
    let follower = open(&site).await.into_body();
    drop(panic);
    for body in [leader, follower] {
        let error = text(body).await.unwrap_err();
        assert!(error.to_string().contains("panicked"), "{error}");
    }
    assert_eq!(site.layer.stats().loading, 0);
}

#[tokio::test]
async fn an_invalidation_while_a_body_comes_leaves_its_readers_alone_and_lets_nobody_in() {
    let (feeding, feeds) = fed(None);
    let site = Site::later(move |request| {
        let feeding = feeding.clone();
        Box::pin(async move {
            match *request.method() {
                http::Method::GET => feeding.origin.clone().oneshot(request).await,
                _ => Ok(ok("no-store", "done")),
            }
        })
    });
    let leader = open(&site).await.into_body();
    settle().await;
    let follower = open(&site).await.into_body();
    site.ask("DELETE", "/").await;
    let newcomer = open(&site).await;
    assert_eq!(status(&newcomer), "fwd=uri-miss; fwd-status=200; stored");
    assert_eq!(site.calls(), 3);
    settle().await;
    let after = open(&site).await;
    assert_eq!(status(&after), "fwd=uri-miss; collapsed");
    let (old, new) = (first(&feeds), first(&feeds));
    new.send(data("new")).unwrap();
    drop(new);
    for body in [newcomer.into_body(), after.into_body()] {
        assert_eq!(text(body).await.unwrap(), "new");
    }
    // the one that began before comes last, and is not stored over it
    old.send(data("old")).unwrap();
    drop(old);
    for body in [leader, follower] {
        assert_eq!(text(body).await.unwrap(), "old");
    }
    settle().await;
    let hit = site.get("/").await;
    assert!(hit.is_hit());
    assert_eq!((&*hit.body, site.calls()), (&b"new"[..], 3));
}

/// [`fed`], and each answer has one field more, or another one.
fn fed_with(name: &'static str, value: &'static str) -> (Site, Arc<Mutex<Vec<Feed>>>) {
    let (feeding, feeds) = fed(None);
    let site = Site::later(move |request| {
        let feeding = feeding.clone();
        Box::pin(async move {
            let mut response = feeding.origin.clone().oneshot(request).await?;
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
            Ok(response)
        })
    });
    (site, feeds)
}

#[tokio::test]
async fn variants_of_one_url_come_side_by_side() {
    let (site, feeds) = fed_with("vary", "lang");
    let mut bodies = Vec::new();
    for (lang, calls) in [("de", 1), ("de", 1), ("fr", 2), ("de", 2), ("fr", 2)] {
        let response = ask(&site, &[("lang", lang)]).await;
        bodies.push((lang, response.into_body()));
        settle().await;
        assert_eq!(site.calls(), calls);
    }
    for lang in ["de", "fr"] {
        first(&feeds).send(data(lang)).unwrap();
    }
    for (lang, body) in bodies {
        assert_eq!(text(body).await.unwrap(), lang);
    }
    for lang in ["de", "fr"] {
        assert!(site.get_with("/", &[("lang", lang)]).await.is_hit());
    }
}

#[tokio::test]
async fn who_asks_for_more_than_what_is_coming_asks_the_origin() {
    for (fields, joins) in [
        (("cache-control", "max-stale"), true),
        (("cache-control", "min-fresh=60"), true),
        (("cache-control", "min-fresh=61"), false),
        (("cache-control", "no-cache"), false),
        (("cache-control", "max-age=0"), false),
        (("cache-control", "no-store"), false),
        (("if-none-match", "\"1\""), true),
    ] {
        let (site, _feeds) = fed(None);
        let _leader = open(&site).await;
        settle().await;
        let other = ask(&site, &[fields]).await;
        assert_eq!(site.calls(), if joins { 1 } else { 2 }, "{fields:?}");
        assert_eq!(status(&other).ends_with("collapsed"), joins, "{fields:?}");
    }
}

#[tokio::test]
async fn what_is_stale_before_all_of_it_has_come_lets_nobody_in() {
    let (site, _feeds) = fed(None);
    let _leader = open(&site).await;
    settle().await;
    site.pass_time(59);
    let follower = open(&site).await;
    assert_eq!(follower.headers()["age"], "59");
    site.pass_time(1);
    open(&site).await;
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn head_is_answered_from_what_is_coming() {
    let (site, _feeds) = fed(Some("5"));
    let _leader = open(&site).await;
    settle().await;
    let head = site.ask("HEAD", "/").await;
    assert_eq!(head.cache(), "fwd=uri-miss; collapsed");
    assert_eq!(head.field("content-length"), Some("5"));
    assert_eq!((&*head.body, site.calls()), (&b""[..], 1));
    let more = request("HEAD", "/", &[("cache-control", "no-cache")]);
    drop(site.service.clone().oneshot(more).await);
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn who_has_what_is_coming_is_told_so_at_once() {
    let (site, feeds) = fed_with("etag", "\"1\"");
    let unchanged = site.get_with("/", &[("if-none-match", "\"1\"")]).await;
    assert_eq!(unchanged.status, 304);
    let feed = first(&feeds);
    feed.send(data("x")).unwrap();
    drop(feed);
    settle().await;
    assert_eq!(site.get("/").await.body, "x");
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn what_is_coming_is_not_validated_behind_another_answer() {
    let control = "max-age=10, stale-while-revalidate=60";
    let (site, feeds) = fed_with("cache-control", control);
    for text in ["old", "new"] {
        let answer = open(&site).await.into_body();
        settle().await;
        for _ in 0..3 {
            drop(open(&site).await);
            settle().await;
        }
        let feed = first(&feeds);
        feed.send(data(text)).unwrap();
        drop(feed);
        settle().await;
        drop(answer);
        assert_eq!(site.get("/").await.body, text);
        site.pass_time(10);
    }
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn a_body_that_asks_for_its_own_url_does_not_wait_for_itself() {
    let own = Arc::new(std::sync::OnceLock::<Site>::new());
    let inner = Arc::clone(&own);
    let site = Site::new(move |request| {
        if request.headers().contains_key("again") {
            return ok("max-age=60", "inner");
        }
        let inner = Arc::clone(&inner);
        let frames = async_stream(async move {
            tokio::task::yield_now().await;
            let site = inner.get().unwrap();
            site.get_with("/", &[("again", "")]).await.body
        });
        with_body(None, frames)
    });
    own.set(site.clone()).ok();
    let deadline = Duration::from_secs(60);
    let answer = tokio::time::timeout(deadline, site.get("/")).await;
    assert_eq!(answer.unwrap().body, "inner");
    assert_eq!(site.calls(), 2);
}

/// A body of one frame that takes a while to make.
fn async_stream(frame: impl Future<Output = Bytes> + Send + 'static) -> Content {
    let mut frame = Some(Box::pin(frame));
    let frames = std::future::poll_fn(move |cx| match &mut frame {
        None => Poll::Ready(None),
        Some(made) => made.as_mut().poll(cx).map(|data| {
            frame = None;
            Some(Ok(Frame::data(data)))
        }),
    });
    Frames(Box::pin(frames)).boxed_unsync()
}

#[tokio::test]
async fn a_body_that_is_announced_too_long_is_not_shared() {
    let (feeding, _feeds) = fed(Some("6"));
    let feeding = feeding.with(|layer| layer.max_body(5));
    let (release, gate) = watch::channel(false);
    let site = Site::later(move |request| {
        let (mut gate, origin) = (gate.clone(), feeding.origin.clone());
        Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
            origin.oneshot(request).await
        })
    });
    let site = site.with(|layer| layer.max_body(5));
    let ask = |_| tokio::spawn(site.service.clone().oneshot(request("GET", "/", &[])));
    let all: Vec<_> = (0..10).map(ask).collect();
    settle().await;
    assert_eq!(site.calls(), 1);
    release.send_replace(true);
    settle().await;
    assert_eq!(site.calls(), 10, "all of them at once");
    for one in all {
        let response = one.await.unwrap().unwrap();
        assert!(status(&response).ends_with("detail=\"too-large\""));
    }
    release.send_replace(false);
    for _ in 0..3 {
        drop(tokio::spawn(site.service.clone().oneshot(request(
            "GET",
            "/",
            &[],
        ))));
    }
    settle().await;
    assert_eq!(site.calls(), 13, "and nobody waits for a while");
}

/// A site with a body of pieces of ten bytes, without end; counts those that have been pulled.
fn endless(limit: usize) -> (Site, Arc<AtomicUsize>, watch::Sender<bool>) {
    let pulled = Arc::<AtomicUsize>::default();
    let counter = Arc::clone(&pulled);
    let (open, gate) = watch::channel(false);
    let site = Site::new(move |_| {
        let (counter, mut gate) = (Arc::clone(&counter), gate.clone());
        let pieces = std::iter::from_fn(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            Some(data("0123456789"))
        });
        let mut pieces = Endless(Box::new(pieces));
        let mut opened = Some(Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
        }));
        let frames = std::future::poll_fn(move |cx| {
            if let Some(waiting) = &mut opened {
                std::task::ready!(waiting.as_mut().poll(cx));
                opened = None;
            }
            Pin::new(&mut pieces).poll_frame(cx)
        });
        with_body(None, Frames(Box::pin(frames)).boxed_unsync())
    });
    let site = site.with(|layer| layer.max_body(limit));
    (site, pulled, open)
}

#[tokio::test]
async fn beyond_the_limit_the_slowest_of_several_readers_sets_the_pace() {
    let (site, pulled, release) = endless(100);
    let mut fast = open(&site).await.into_body();
    settle().await;
    let mut slow = open(&site).await.into_body();
    release.send_replace(true);
    settle().await;
    assert_eq!(pulled.load(Ordering::SeqCst), 11, "the limit and one more");
    let count = async |body: &mut CacheBody<Content>| next(body).await.unwrap().unwrap().len();
    assert_eq!(count(&mut fast).await, 110);
    settle().await;
    assert_eq!(
        pulled.load(Ordering::SeqCst),
        11,
        "the slow one has them all"
    );
    // nobody joins any more
    drop(open(&site).await);
    assert_eq!(site.calls(), 2);
    let before = pulled.load(Ordering::SeqCst);
    assert_eq!(count(&mut slow).await, 110);
    settle().await;
    assert_eq!(pulled.load(Ordering::SeqCst) - before, 10, "a window");
    // the last one that is there reads by itself
    drop(fast);
    settle().await;
    assert_eq!(count(&mut slow).await, 100);
    let before = pulled.load(Ordering::SeqCst);
    assert_eq!(count(&mut slow).await, 10);
    assert_eq!(pulled.load(Ordering::SeqCst), before + 1);
    assert_eq!(site.layer.stats().entries, 0);
}

/// Lets time pass on the clock and on the timers of the runtime.
async fn wait(site: &Site, duration: Duration) {
    settle().await;
    site.clock.advance(duration);
    tokio::time::advance(duration).await;
    settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_holds_others_up_for_too_long_is_cut_off() {
    let (site, pulled, release) = endless(100);
    let mut fast = open(&site).await.into_body();
    settle().await;
    let mut slow = open(&site).await.into_body();
    let mut slower = open(&site).await.into_body();
    release.send_replace(true);
    settle().await;
    // nobody is held up: nobody has read all there is
    wait(&site, 3 * PATIENCE).await;
    assert_eq!(next(&mut slow).await.unwrap().unwrap().len(), 110);
    assert_eq!(next(&mut fast).await.unwrap().unwrap().len(), 110);
    let before = pulled.load(Ordering::SeqCst);
    wait(&site, PATIENCE - Duration::from_secs(1)).await;
    assert_eq!(pulled.load(Ordering::SeqCst), before);
    wait(&site, PATIENCE).await;
    assert!(pulled.load(Ordering::SeqCst) > before, "they go on");
    for body in [&mut slow, &mut fast] {
        assert_eq!(next(body).await.unwrap().unwrap().len(), 100);
    }
    let error = slower.frame().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("cut off"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_origin_that_brings_nothing_for_nobody_is_given_up() {
    let (site, feeds) = fed_with("cache-control", "max-age=600");
    let body = open(&site).await.into_body();
    let feed = first(&feeds);
    wait(&site, 3 * PATIENCE).await;
    assert!(!feed.is_closed(), "somebody reads");
    drop(body);
    wait(&site, PATIENCE - Duration::from_secs(1)).await;
    feed.send(data("x")).unwrap();
    wait(&site, PATIENCE - Duration::from_secs(1)).await;
    assert!(!feed.is_closed());
    let follower = open(&site).await;
    assert_eq!(status(&follower), "fwd=uri-miss; collapsed");
    wait(&site, 3 * PATIENCE).await;
    assert!(!feed.is_closed(), "somebody reads again");
    drop(follower);
    wait(&site, PATIENCE).await;
    assert!(feed.is_closed());
    assert_eq!(site.layer.stats().loading, 0);
    assert_eq!((site.layer.stats().entries, site.calls()), (0, 1));
}

#[test]
fn a_runtime_without_timers_reads_on_for_nobody() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.build().unwrap().block_on(async {
        let (site, feeds) = fed(None);
        let leader = open(&site).await;
        let feed = first(&feeds);
        feed.send(data("one")).unwrap();
        settle().await;
        drop(leader);
        // nobody reads, nothing comes, and nothing tells how long
        settle().await;
        feed.send(data("two")).unwrap();
        drop(feed);
        settle().await;
        let hit = site.get("/").await;
        assert!(hit.is_hit());
        assert_eq!(&*hit.body, b"onetwo");
    });
}
