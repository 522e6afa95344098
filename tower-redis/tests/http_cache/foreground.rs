//! Services that are not `Clone`, and not `Send`.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use tokio::sync::watch;
use tokio::task::LocalSet;
use tower::{Layer as _, Service, ServiceExt as _};
use tower_redis::middleware::http_cache::{CacheLayer, ForegroundService};
use tower_redis::testing::{FarServer, ManualClock};

/// It counts its calls, is `!Send` and not `Clone`, and is called only after it was ready. It answers once the test lets
/// it.
struct Local {
    calls: Rc<Cell<usize>>,
    cache_control: &'static str,
    open: watch::Receiver<bool>,
    ready: bool,
}

impl Service<Request<()>> for Local {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // at the second look
        if !std::mem::replace(&mut self.ready, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        assert!(self.ready, "called without having been ready");
        self.ready = false;
        let call = self.calls.get();
        self.calls.set(call + 1);
        let (mut open, cache_control) = (self.open.clone(), self.cache_control);
        Box::pin(async move {
            let _ = open.wait_for(|open| *open).await;
            let mut response = Response::builder().header("cache-control", cache_control);
            response = response.header("x-method", request.method().as_str());
            Ok(response.body(Full::from(format!("{call}"))).unwrap())
        })
    }
}

struct Site {
    clock: ManualClock,
    calls: Rc<Cell<usize>>,
    open: watch::Sender<bool>,
    service: ForegroundService<Local>,
}

impl Site {
    fn of(clock: &ManualClock, layer: CacheLayer, cache_control: &'static str) -> Self {
        let (open, gate) = watch::channel(true);
        let calls = Rc::<Cell<usize>>::default();
        let local = Local {
            calls: Rc::clone(&calls),
            cache_control,
            open: gate,
            ready: false,
        };
        Self {
            clock: clock.clone(),
            calls,
            open,
            service: layer.foreground().layer(local),
        }
    }

    fn new(cache_control: &'static str) -> Self {
        let clock = ManualClock::new();
        let layer = crate::origin::layer(&clock, true);
        Self::of(&clock, layer, cache_control)
    }

    fn ask(&self, method: &str) -> impl Future<Output = (String, Bytes)> + use<> {
        let request = Request::builder().method(method).uri("/").body(()).unwrap();
        let service = self.service.clone();
        async move {
            let answer = service.oneshot(request).await.unwrap();
            let status = answer.headers()["cache-status"].to_str().unwrap();
            let status = status.trim_start_matches("tower-redis; ").to_owned();
            (
                status,
                answer.into_body().collect().await.unwrap().to_bytes(),
            )
        }
    }
}

#[tokio::test]
async fn it_stores_and_answers_and_invalidates() {
    let site = Site::new("max-age=10");
    assert_eq!(
        site.ask("GET").await.0,
        "fwd=uri-miss; fwd-status=200; stored"
    );
    assert_eq!(
        site.ask("GET").await,
        ("hit; ttl=10".to_owned(), "0".into())
    );
    assert_eq!(site.ask("HEAD").await.0, "hit; ttl=10");
    assert_eq!(site.ask("POST").await.0, "fwd=method; fwd-status=200");
    assert_eq!(
        site.ask("HEAD").await.0,
        "fwd=uri-miss; fwd-status=200; detail=\"method\""
    );
    assert_eq!(site.ask("GET").await.1, "3");
    assert_eq!(site.calls.get(), 4);
}

#[tokio::test]
async fn misses_are_one_request() {
    let site = Site::new("max-age=10");
    site.open.send_replace(false);
    let local = LocalSet::new();
    let all: Vec<_> = (0..20)
        .map(|_| local.spawn_local(site.ask("GET")))
        .collect();
    local
        .run_until(async {
            crate::origin::settle().await;
            assert_eq!(site.calls.get(), 1);
            site.open.send_replace(true);
            for one in all {
                assert_eq!(one.await.unwrap().1, "0");
            }
        })
        .await;
    assert_eq!(site.calls.get(), 1);
}

/// RFC 5861 section 3 lets a cache serve what is stale while it validates; it need not. One validates it and waits,
/// and the others need not wait for that.
#[tokio::test]
async fn what_is_stale_is_validated_before_the_answer_and_others_get_it_meanwhile() {
    let site = Site::new("max-age=10, stale-while-revalidate=60");
    site.ask("GET").await;
    site.clock.advance(std::time::Duration::from_secs(20));
    site.open.send_replace(false);
    let local = LocalSet::new();
    let first = local.spawn_local(site.ask("GET"));
    local
        .run_until(async {
            crate::origin::settle().await;
            assert_eq!(site.calls.get(), 2);
            let stale = site.ask("GET").await;
            assert_eq!(stale.0, "hit; ttl=-10; detail=\"stale-while-revalidate\"");
            site.open.send_replace(true);
            assert_eq!(
                first.await.unwrap(),
                ("fwd=stale; fwd-status=200; stored".to_owned(), "1".into())
            );
        })
        .await;
    assert_eq!(site.ask("GET").await.1, "1");
    assert_eq!(site.calls.get(), 2);
}

#[tokio::test]
async fn one_who_leaves_lets_another_ask() {
    let site = Site::new("max-age=10");
    site.open.send_replace(false);
    let local = LocalSet::new();
    let first = local.spawn_local(site.ask("GET"));
    let second = local.spawn_local(site.ask("GET"));
    local
        .run_until(async {
            crate::origin::settle().await;
            first.abort();
            crate::origin::settle().await;
            assert_eq!(site.calls.get(), 2);
            site.open.send_replace(true);
            assert_eq!(second.await.unwrap().1, "1");
        })
        .await;
}

#[tokio::test]
async fn what_another_process_stored_it_serves_too() {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let (one, other) = (server.process(), server.process());
    let site = |far| {
        let toolkit = tower_redis::Toolkit::builder()
            .clock(clock.clock())
            .far(far);
        Site::of(
            &clock,
            toolkit.build().unwrap().cache_layer(),
            "max-age=10, stale-while-revalidate=60",
        )
    };
    let (one, other) = (site(&one), site(&other));
    one.ask("GET").await;
    crate::origin::settle().await;
    assert_eq!(other.ask("GET").await.0, "hit; ttl=10");
    assert_eq!(other.ask("HEAD").await.0, "hit; ttl=10");
    assert_eq!(other.calls.get(), 0);
}
