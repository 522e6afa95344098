//! What a process takes whose HTTP cache is asked for far more URLs than it has room for.
//!
//! `TORTURE_URLS=10000000 cargo test -p tower-redis --all-features --release --test http_memory -- --nocapture` asks for
//! so many.
#![cfg(all(feature = "http-cache", target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::fs;
use std::future::{Ready, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_redis::Toolkit;

/// What the rest of the process may take.
const REST: u64 = 64 * 1024 * 1024;
const URLS: u64 = 60_000;

/// What the layer is given for so many.
fn capacity(urls: u64) -> u64 {
    let mebibytes = if urls < 1_000_000 { 64 } else { 512 };
    mebibytes * 1024 * 1024
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kib * 1024
}

/// The length of the body of the `n`th URL.
type Length = fn(u64) -> usize;

const KINDS: [(&str, Length); 2] = [
    ("no body", |_| 0),
    ("up to 32 KiB, most far less", |n| {
        32 * 1024 / (1 + n as usize % 64)
    }),
];

fn answer(
    request: &Request<()>,
    length: Length,
) -> Ready<Result<Response<Full<Bytes>>, Infallible>> {
    let path = request.uri().path();
    let n = path.trim_start_matches('/').parse().unwrap();
    let response = Response::builder()
        .header("cache-control", "public, max-age=3600")
        .header("content-type", "text/plain; charset=utf-8")
        .header("etag", format!("\"{n:016x}\""))
        .header("vary", "accept-encoding");
    let body = Bytes::from(vec![b'x'; length(n)]);
    ready(Ok(response.body(Full::new(body)).unwrap()))
}

/// Asks for so many URLs, and tells what the process takes then.
fn after(urls: u64, length: Length) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let origin = service_fn(move |request: Request<()>| answer(&request, length));
        let layer = Toolkit::in_memory()
            .cache_layer()
            .capacity_bytes(capacity(urls));
        let service = layer.layer(origin);
        for n in 0..urls {
            let request = Request::get(format!("http://example.test/{n}"))
                .header("accept-encoding", "gzip")
                .body(());
            let response = service.clone().oneshot(request.unwrap()).await.unwrap();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body.len(), length(n));
        }
        let stats = layer.stats();
        assert_eq!(stats.loads, urls);
        // or nothing is proven
        assert!(stats.evictions > urls / 10, "{stats:?}");
        resident()
    })
}

#[test]
fn a_million_urls_take_what_was_configured() {
    let urls = tests::number("TORTURE_URLS").unwrap_or(URLS);
    let bound = capacity(urls) / 4 * 5 + REST;
    for (kind, length) in KINDS {
        let held = after(urls, length);
        println!("{urls} URLs, {kind}: {held} bytes are resident, {bound} allowed");
        assert!(held <= bound, "{kind}: {held} bytes, {bound} allowed");
    }
}
