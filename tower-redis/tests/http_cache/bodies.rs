use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower::ServiceExt as _;
use tower_redis::middleware::http_cache::CacheBody;

use crate::origin::{Broken, Content, Site, request, settle};

pub(crate) type Step = Result<Frame<Bytes>, Broken>;

/// A body whose frames come from a channel.
struct Held(UnboundedReceiver<Step>);

impl Body for Held {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Step>> {
        self.0.poll_recv(cx)
    }
}

/// A body whose frames are all there, which never says that it has ended before it is asked.
struct There(VecDeque<Step>, SizeHint);

impl Body for There {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Step>> {
        Poll::Ready(self.0.pop_front())
    }

    fn size_hint(&self) -> SizeHint {
        self.1
    }
}

pub(crate) fn data(text: &'static str) -> Step {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

pub(crate) fn trailers() -> Step {
    let mut fields = HeaderMap::new();
    fields.insert("x-sum", HeaderValue::from_static("9"));
    Ok(Frame::trailers(fields))
}

pub(crate) fn held(steps: UnboundedReceiver<Step>) -> Content {
    Held(steps).boxed_unsync()
}

pub(crate) fn there(steps: Vec<Step>) -> Content {
    There(steps.into(), SizeHint::default()).boxed_unsync()
}

pub(crate) fn with_body(length: Option<&'static str>, body: Content) -> Response<Content> {
    let mut response = Response::new(body);
    let fields = response.headers_mut();
    fields.insert("cache-control", HeaderValue::from_static("max-age=60"));
    if let Some(length) = length {
        fields.insert("content-length", HeaderValue::from_static(length));
    }
    response
}

/// A site whose bodies are fed by the test, one sender for each call.
pub(crate) fn fed(length: Option<&'static str>) -> (Site, Arc<Mutex<Vec<UnboundedSender<Step>>>>) {
    let feeds = Arc::<Mutex<Vec<_>>>::default();
    let made = Arc::clone(&feeds);
    let site = Site::new(move |_| {
        let (sender, receiver) = unbounded_channel();
        made.lock().unwrap().push(sender);
        with_body(length, held(receiver))
    });
    (site, feeds)
}

pub(crate) async fn open(site: &Site) -> Response<CacheBody<Content>> {
    site.service
        .clone()
        .oneshot(request("GET", "/", &[]))
        .await
        .unwrap()
}

pub(crate) async fn next(body: &mut CacheBody<Content>) -> Option<Result<Bytes, Broken>> {
    let frame = body.frame().await?;
    let data = frame.map(|frame| frame.into_data().unwrap());
    Some(data.map_err(|error| {
        let source = std::error::Error::source(&error).expect("the origin's own");
        *source.downcast_ref::<Broken>().unwrap()
    }))
}

#[tokio::test]
async fn the_first_frame_does_not_wait_for_the_second() {
    let (site, feeds) = fed(None);
    let mut body = open(&site).await.into_body();
    let feed = feeds.lock().unwrap()[0].clone();
    feed.send(data("one")).unwrap();
    assert_eq!(next(&mut body).await, Some(Ok("one".into())));
    assert!(!body.is_end_stream());
    feed.send(data("two")).unwrap();
    feed.send(trailers()).unwrap();
    drop(feed);
    feeds.lock().unwrap().clear();
    assert_eq!(next(&mut body).await, Some(Ok("two".into())));
    assert_eq!(
        body.frame()
            .await
            .unwrap()
            .unwrap()
            .into_trailers()
            .unwrap()["x-sum"],
        "9"
    );
    assert!(body.frame().await.is_none());
    let hit = site.get("/").await;
    assert!(hit.is_hit());
    assert_eq!((&*hit.body, hit.trailers), (&b"onetwo"[..], None));
}

#[tokio::test]
async fn a_body_is_complete_without_anybody_asking_for_its_end() {
    // the last frame is there; the client reads it and, as hyper does after Content-Length bytes, no more
    let site = Site::new(|_| with_body(Some("3"), there(vec![data("abc")])));
    let mut body = open(&site).await.into_body();
    assert_eq!(next(&mut body).await, Some(Ok("abc".into())));
    drop(body);
    assert!(site.get("/").await.is_hit());

    // the frames come late and the body stays open
    let (site, feeds) = fed(Some("6"));
    let mut body = open(&site).await.into_body();
    let feed = feeds.lock().unwrap()[0].clone();
    feed.send(data("abc")).unwrap();
    feed.send(data("def")).unwrap();
    assert_eq!(next(&mut body).await, Some(Ok("abcdef".into())));
    drop(body);
    assert_eq!(site.get("/").await.body, "abcdef");
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn trailers_of_a_body_that_is_there_pass() {
    let site = Site::new(|_| {
        with_body(
            None,
            there(vec![data("ab"), data(""), data("c"), trailers()]),
        )
    });
    let first = site.get("/").await;
    assert_eq!(first.cache(), "fwd=uri-miss; fwd-status=200; stored");
    assert_eq!(
        (&*first.body, first.trailers.unwrap()["x-sum"].as_bytes()),
        (&b"abc"[..], &b"9"[..])
    );
    let hit = site.get("/").await;
    assert_eq!((&*hit.body, hit.trailers), (&b"abc"[..], None));
}

#[tokio::test]
async fn what_is_not_whole_is_not_stored() {
    let at_once: [fn() -> Response<Content>; 4] = [
        || with_body(None, there(vec![data("ab"), Err(Broken)])),
        || with_body(Some("3"), there(vec![data("ab")])),
        || with_body(Some("3"), there(vec![data("ab"), data("cd")])),
        || with_body(Some("3"), there(vec![])),
    ];
    for make in at_once {
        let site = Site::new(move |_| make());
        for _ in 0..2 {
            let response = open(&site).await;
            let status = response.headers()["cache-status"]
                .to_str()
                .unwrap()
                .to_owned();
            assert!(status.ends_with("detail=\"incomplete\""), "{status}");
            let _ = response.into_body().collect().await;
        }
        assert_eq!(site.calls(), 2);
    }

    // the same, late
    let ends: [Vec<Step>; 3] = [
        vec![data("ab"), Err(Broken)],
        vec![data("a"), data("b")],
        vec![data("abcd")],
    ];
    for steps in ends {
        let (site, feeds) = fed(Some("3"));
        let body = open(&site).await.into_body();
        let feed = feeds.lock().unwrap().remove(0);
        let is_short = steps.len() == 2 || steps.iter().any(Result::is_err);
        for step in steps {
            feed.send(step).unwrap();
        }
        drop(feed);
        let ended = body.collect().await;
        assert_eq!(ended.is_err(), is_short, "it has no clean end");
        open(&site).await;
        assert_eq!(site.calls(), 2);
    }
}

#[tokio::test]
async fn a_client_that_leaves_does_not_end_what_is_being_stored() {
    let (site, feeds) = fed(None);
    let mut body = open(&site).await.into_body();
    let feed = feeds.lock().unwrap().remove(0);
    feed.send(data("one")).unwrap();
    assert!(next(&mut body).await.is_some());
    drop(body);
    settle().await;
    feed.send(data("two")).unwrap();
    drop(feed);
    settle().await;
    let hit = site.get("/").await;
    assert!(hit.is_hit());
    assert_eq!((&*hit.body, site.calls()), (&b"onetwo"[..], 1));
}

#[tokio::test]
async fn a_client_that_leaves_ends_what_is_not_being_stored() {
    let (site, feeds) = fed(None);
    let site = site.with(|layer| layer.max_body(2));
    let body = open(&site).await.into_body();
    let feed = feeds.lock().unwrap().remove(0);
    feed.send(data("one")).unwrap();
    settle().await;
    drop(body);
    settle().await;
    assert!(feed.is_closed(), "nobody reads on for nobody");
    assert_eq!(site.layer.stats().loading, 0);
}

#[tokio::test]
async fn a_body_that_outgrows_the_limit_passes_at_the_client_s_pace() {
    let (site, feeds) = fed(None);
    let site = site.with(|layer| layer.max_body(5));
    let mut body = open(&site).await.into_body();
    let feed = feeds.lock().unwrap().remove(0);
    feed.send(data("123")).unwrap();
    feed.send(data("456")).unwrap();
    settle().await;
    for _ in 0..100 {
        feed.send(data("more")).unwrap();
    }
    settle().await;
    drop(feed);
    assert_eq!(next(&mut body).await, Some(Ok("123456".into())));
    let rest = body.collect().await.unwrap().to_bytes();
    assert_eq!(rest.len(), 400);
    assert_eq!(site.layer.stats().entries, 0);
}

#[tokio::test]
async fn a_limit_is_all_that_is_read_ahead() {
    let pulled = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&pulled);
    let site = Site::new(move |_| {
        let counter = Arc::clone(&counter);
        let endless = std::iter::from_fn(move || {
            *counter.lock().unwrap() += 1;
            Some(data("0123456789"))
        });
        with_body(None, Endless(Box::new(endless)).boxed_unsync())
    });
    let site = site.with(|layer| layer.max_body(100));
    let response = open(&site).await;
    assert!(
        response.headers()["cache-status"]
            .to_str()
            .unwrap()
            .ends_with("\"too-large\"")
    );
    settle().await;
    assert_eq!(*pulled.lock().unwrap(), 11);
    let mut body = response.into_body();
    for (length, calls) in [(110, 11), (10, 12), (10, 13)] {
        assert_eq!(next(&mut body).await.unwrap().unwrap().len(), length);
        assert_eq!(*pulled.lock().unwrap(), calls);
    }
}

pub(crate) struct Endless(pub(crate) Box<dyn Iterator<Item = Step> + Send>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Step>> {
        Poll::Ready(self.0.next())
    }
}

#[tokio::test]
async fn the_length_of_a_body_is_told_as_it_was() {
    let (site, _feeds) = fed(None);
    let body = open(&site).await.into_body();
    assert_eq!(body.size_hint().exact(), None);

    let site = Site::new(|_| {
        let steps = VecDeque::from([data("0123456789")]);
        with_body(None, There(steps, SizeHint::with_exact(10)).boxed_unsync())
    });
    let body = open(&site).await.into_body();
    assert_eq!(body.size_hint().exact(), Some(10));
    let hit = open(&site).await.into_body();
    assert_eq!(hit.size_hint().exact(), Some(10));
    let none = site
        .service
        .clone()
        .oneshot(request("HEAD", "/", &[]))
        .await
        .unwrap();
    assert!(none.into_body().is_end_stream());
}

#[test]
fn without_a_runtime_the_client_does_the_reading() {
    let (site, feeds) = fed(None);
    let mut opening = Box::pin(open(&site));
    let response = pollster::block_on(&mut opening);
    let mut body = response.into_body();
    let feed = feeds.lock().unwrap().remove(0);
    feed.send(data("one")).unwrap();
    assert_eq!(pollster::block_on(next(&mut body)), Some(Ok("one".into())));
    // and nobody waits for it
    let other = pollster::block_on(open(&site));
    assert_eq!(site.calls(), 2);
    drop(other);
    feed.send(data("two")).unwrap();
    drop(feed);
    assert_eq!(pollster::block_on(next(&mut body)), Some(Ok("two".into())));
    assert!(pollster::block_on(next(&mut body)).is_none());
    assert_eq!(pollster::block_on(site.get("/")).body, "onetwo");
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn a_body_that_panics_fails_for_its_client() {
    struct Panics(bool);
    impl Body for Panics {
        type Data = Bytes;
        type Error = Broken;
        fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Step>> {
            assert!(!self.0, "a body's own panic");
            self.0 = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }
    let site = Site::new(|_: &Request<()>| with_body(None, Panics(false).boxed_unsync()));
    let body = open(&site).await.into_body();
    let error = body.collect().await.unwrap_err();
    assert!(error.to_string().contains("panicked"), "{error}");
    assert_eq!(site.layer.stats().loading, 0);
}

#[tokio::test]
async fn a_call_of_grpc_passes_with_its_trailers_and_stores_nothing() {
    let site = Site::new(|_| {
        let mut status = HeaderMap::new();
        status.insert("grpc-status", HeaderValue::from_static("0"));
        let steps = vec![data("\0\0\0\0\u{1}x"), Ok(Frame::trailers(status))];
        let mut response = with_body(None, there(steps));
        let grpc = HeaderValue::from_static("application/grpc");
        response.headers_mut().insert("content-type", grpc);
        response
    });
    let fields = [("content-type", "application/grpc"), ("te", "trailers")];
    for call in 1..=2 {
        let answer = site
            .send(request("POST", "/a.Service/Call", &fields))
            .await
            .unwrap();
        assert_eq!(answer.cache(), "fwd=method; fwd-status=200");
        assert_eq!(answer.body, "\0\0\0\0\u{1}x");
        assert_eq!(answer.trailers.unwrap()["grpc-status"], "0");
        assert_eq!(answer.fields["content-type"], "application/grpc");
        assert_eq!(site.calls(), call);
    }
}
