//! What is held of a body that is longer than what is kept.
#![cfg(feature = "http-cache")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
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
