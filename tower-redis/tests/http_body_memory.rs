//! What is held of a body that is longer than what is kept.
#![cfg(feature = "http-cache")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use allocation_counter::measure;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_redis::Toolkit;
use tower_redis::middleware::http_cache::CacheBody;

const LENGTH: u64 = 1 << 30;
const PIECE: &[u8] = &[0; 64 * 1024];
const MAX_BODY: usize = 256 * 1024;

/// A body of a gibibyte, each piece of its own and made when it is asked for. Nothing comes at first.
struct Long {
    left: u64,
    begun: bool,
}

impl Body for Long {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.begun {
            self.begun = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let length = self.left.min(PIECE.len() as u64);
        self.left -= length;
        let piece = &PIECE[..length as usize];
        Poll::Ready((length > 0).then(|| Ok(Frame::data(Bytes::copy_from_slice(piece)))))
    }
}

async fn length(mut body: CacheBody<Long>) -> u64 {
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame.unwrap().into_data().unwrap().len() as u64;
        // the others have their turn
        tokio::task::yield_now().await;
    }
    length
}

/// The most bytes that are allocated at once while so many `clients` read it.
fn held(clients: usize) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let measured = measure(|| {
        runtime.block_on(async {
            let origin = service_fn(async |_: Request<()>| {
                let response = Response::builder().header("cache-control", "max-age=60");
                let (left, begun) = (LENGTH, false);
                Ok::<_, Infallible>(response.body(Long { left, begun }).unwrap())
            });
            let layer = Toolkit::in_memory().cache_layer().max_body(MAX_BODY);
            let service = layer.layer(origin);
            let mut all = Vec::new();
            for _ in 0..clients {
                let answer = service.clone().oneshot(Request::new(()));
                all.push(tokio::spawn(async move {
                    length(answer.await.unwrap().into_body()).await
                }));
            }
            for one in all {
                assert_eq!(one.await.unwrap(), LENGTH);
            }
            assert_eq!(layer.stats().loads, 1);
        });
    });
    measured.bytes_max
}

#[test]
fn a_gibibyte_passes_with_bounded_memory() {
    for clients in [1, 3] {
        let held = held(clients);
        println!("{clients} clients: at most {held} bytes were held");
        // what is kept up to the limit and one piece more, the piece itself, and the rest of the world
        let bound = (MAX_BODY + 2 * PIECE.len() + 256 * 1024) as u64;
        assert!(
            held <= bound,
            "{clients} clients: {held} bytes, {bound} allowed"
        );
    }
}

/// Bodies of 64 KiB whose origin stops before their end.
const MANY: usize = 400;

/// What is held of many bodies that are on their way at once, each at a URL of its own.
#[test]
fn many_bodies_on_their_way_hold_no_more_than_they_may_together() {
    const CAPACITY: u64 = 8 << 20;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let measured = measure(|| {
        runtime.block_on(async {
            let (open, gate) = tokio::sync::watch::channel(false);
            let origin = service_fn(move |_: Request<()>| {
                let response = Response::builder().header("cache-control", "max-age=60");
                let body = Halting::new(gate.clone());
                std::future::ready(Ok::<_, Infallible>(response.body(body).unwrap()))
            });
            let layer = Toolkit::in_memory().cache_layer().capacity_bytes(CAPACITY);
            let service = layer.layer(origin);
            let mut bodies = Vec::new();
            for at in 0..MANY {
                let request = Request::get(format!("/{at}")).body(()).unwrap();
                let answer = service.clone().oneshot(request).await.unwrap();
                bodies.push(answer.into_body());
            }
            for _ in 0..MANY {
                tokio::task::yield_now().await;
            }
            open.send_replace(true);
            for body in bodies {
                let all = body.collect().await.unwrap().to_bytes();
                assert_eq!(all.len(), PIECE.len() + 1);
            }
        });
    });
    println!("at most {} bytes were held", measured.bytes_max);
    // what may be on its way, what is stored of it, and the rest of the world; without a bound 26 MiB would be held
    let bound = CAPACITY / 4 + CAPACITY + (4 << 20);
    assert!(
        measured.bytes_max <= bound,
        "{} bytes, {bound} allowed",
        measured.bytes_max
    );
}

/// A body of one piece that comes after a while, and another one once the test lets it.
struct Halting {
    open: Pin<Box<dyn Future<Output = ()> + Send>>,
    sent: u8,
}

impl Halting {
    fn new(mut gate: tokio::sync::watch::Receiver<bool>) -> Self {
        let open = Box::pin(async move {
            let _ = gate.wait_for(|open| *open).await;
        });
        Self { open, sent: 0 }
    }
}

impl Body for Halting {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let sent = self.sent;
        let piece = match sent {
            0 => {
                self.sent = 1;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            1 => PIECE,
            2 if self.open.as_mut().poll(cx).is_pending() => return Poll::Pending,
            2 => b"x",
            _ => return Poll::Ready(None),
        };
        self.sent += 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(piece)))))
    }
}
