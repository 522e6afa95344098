//! A layer that caches HTTP responses as RFC 9111 says: a shared cache in front of any service.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//! use tower_redis::Toolkit;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut service = ServiceBuilder::new()
//!     .layer(Toolkit::in_memory().cache_layer())
//!     .service(service_fn(async |_: Request<String>| {
//!         let response = Response::builder().header("cache-control", "max-age=10");
//!         Ok::<_, Infallible>(response.body(Full::<Bytes>::from("report")).unwrap())
//!     }));
//!
//! let ask = || Request::get("http://example.com/report").body(String::new());
//! let first = service.ready().await?.call(ask()?).await?;
//! assert_eq!(first.headers()["cache-status"], "tower-redis; fwd=uri-miss; fwd-status=200; stored");
//!
//! let second = service.ready().await?.call(ask()?).await?;
//! assert_eq!(second.headers()["age"], "0");
//! # let status = second.headers()["cache-status"].to_str()?;
//! assert!(status.starts_with("tower-redis; hit; ttl="));
//! # Ok(())
//! # }
//! ```
//!
//! With axum it goes in front of a router, where a hit is not even routed; under `Router::layer`; or
//! on one route:
//!
//! ```
//! use std::time::Duration;
//!
//! use axum::Router;
//! use axum::routing::get;
//! use tower_redis::Toolkit;
//!
//! let toolkit = Toolkit::in_memory();
//! // for handlers that say nothing about caching
//! let pages = toolkit.cache_layer().name("pages").default_ttl(Duration::from_secs(5));
//!
//! let app: Router = Router::new()
//!     .route("/page", get(async || "hello").layer(pages))
//!     .route("/live", get(async || "never stored"));
//! ```
//!
//! # What is stored, and for how long
//!
//! The response decides, by its own fields: `Cache-Control`, `Expires`, `Age`, `Vary`; or by
//! `CDN-Cache-Control` (RFC 9213), which takes the place of the first two, so that an origin can say something
//! else to this cache than to browsers. One that does not say how long it is fresh is not reused, unless
//! [`CacheLayer::default_ttl`], [`default_ttl_of`](CacheLayer::default_ttl_of) or
//! [`heuristic_freshness`](CacheLayer::heuristic_freshness) gives a time. Responses to GET are stored, with any
//! final status code but those that no cache may store (428, 429, 431, 511: RFC 6585); HEAD is answered
//! from them, and an answer to HEAD freshens them. A 200 to POST is stored for GET where it says that it is what a GET
//! gets: with explicit freshness, and its own URL in `Content-Location` (RFC 9110 section 9.3.3). `private`, `no-store` and `Vary: *` are not stored, nor are
//! answers to requests with `Authorization` that do not allow sharing it (a `s-maxage` that cannot be read allows
//! nothing). In a `Cache-Control` that is malformed, as `private; max-age=60`, the words `private`, `no-store` and
//! `no-cache` count wherever they stand. Up to 16 responses for one URL are kept
//! side by side, as `Vary` asks; the order, the case and the spaces of what a client says it prefers (`Accept`,
//! `Accept-Language` and their like) do not count. Of several that a request selects the newest answers, one without
//! `Vary` only where there is no other (RFC 9111 section 4.1). A request that selects none asks the origin which of those
//! with a strong `ETag` it gets.
//!
//! A full answer takes the place of what is stored even where it is not stored itself, because it says `no-store`, or 404
//! without a lifetime: what was there is not what there is any more (RFC 9111 section 4.3.3). What says nothing of that
//! leaves it: a 5xx, a 4xx about the request or who sent it (other than 404, 405, 410, 414 and 451), and an answer that is
//! not stored only because of who asked, with `Authorization` or `no-store`. So a client that is refused with 401 or 403
//! takes nothing from the others; an origin that closes to all what was open to all says 404 or 410, or removes it.
//!
//! What is stale is validated with its `ETag` or `Last-Modified` if it has one, for which it is kept for a day,
//! and fetched again otherwise. (A 304 that names another validator than it was asked about says nothing of what
//! is stored, which then answers this one request: `detail="other-validator"`.) It gives what is stored its fields, but for
//! those that tell how to read the bytes: `Content-Length`, `Content-Range`, `Content-Encoding`, `Content-Digest` and
//! `Content-MD5`.
//!
//! # When something stale answers
//!
//! Never when the response says `must-revalidate`, `proxy-revalidate`, `no-cache` or `s-maxage` (RFC 9111 section
//! 4.2.4), nor when the request insists on more. Otherwise:
//!
//! | when | `detail` in `Cache-Status` |
//! |---|---|
//! | the client takes it: `max-stale` | `max-stale` |
//! | within the response's `stale-while-revalidate` (RFC 5861); one request, with the fields of one of those answered, validates it meanwhile | `stale-while-revalidate` |
//! | within `stale-if-error` of the response or the request, and the origin answers 500, 502, 503 or 504 | `stale-if-error` |
//! | the inner service fails with an error | `disconnected` |
//!
//! HEAD is answered as GET is.
//!
//! To validate behind the answer takes a service that is `Clone`, `Send` and `'static` (for others there is
//! [`CacheLayer::foreground`]), and a request body to send, an empty one; see [`CacheLayer::empty_body`] for
//! the types that are known. For others one request validates before it is answered, and those that come
//! meanwhile get what is stale. What was invalidated is gone, and never comes back as stale.
//!
//! # What clients can ask for
//!
//! A client's `If-None-Match` and `If-Modified-Since` are answered with 304 from what is stored; its
//! `no-cache`, `max-age`, `max-stale`, `min-fresh`, `no-store`, `stale-if-error` and `only-if-cached` are honoured,
//! each unless [`CacheLayer::ignore`] says otherwise. A request with `If-Match` or `If-Unmodified-Since` passes.
//! An unsafe method (POST, PUT, DELETE, any that is not known) that succeeds drops what is stored for its URL and
//! for those its `Location` and `Content-Location` name on the same host.
//!
//! Times run on a monotonic clock, so a calendar that is set changes nothing; it is read for `Date`
//! and `Expires` alone.
//!
//! # Ranges
//!
//! A GET with `Range: bytes=` is answered with 206 from what is stored, or with 416 where that has none of the bytes;
//! conditions come first, and `If-Range` counts by a strong `ETag`, or by a `Last-Modified` a minute older than `Date`.
//! Ranges that overlap or touch are one; where several are left, or more than 32 were asked for, all of the response
//! is sent, as for a range that cannot be read: RFC 9110 section 14.2 leaves that to the server. A GET for a range waits
//! for no other one.
//!
//! A range that is not stored is asked for as it came. The 206 is stored as a part if its length is what its
//! `Content-Range` says, and answers whatever is within it; the answer to a range with `If-Range` may leave fields
//! out, and is stored only where parts of the same are. Of one URL up to 8 parts are kept. A 200 is stored as any
//! other; an error that a range has brought about is not.
//!
//! Parts with the same strong `ETag`, or without one with the same `Last-Modified` a minute older than `Date`, are
//! joined as soon as they touch, under the fields of the newest. Where one range
//! is missing of what a client wants, that is asked for with `If-Range`: the client gets what is there at once, and
//! the rest as it comes. For this, and to ask for variants, the request may have to be sent again, so it takes a body
//! type that is known; see [`CacheLayer::empty_body`]. For others the origin is asked for all. Without a strong
//! validator parts are never joined (RFC 9110 section 15.3.7.3).
//!
//! # What every answer says
//!
//! `Cache-Status` (RFC 9211), but for the 504 to `only-if-cached`, which is nothing that was stored; and the same in a debug
//! line of the log: `hit; ttl=9`;
//! `fwd=uri-miss; fwd-status=200; stored`; with the reason when nothing was stored,
//! `detail="no-freshness"`. A request that waited for another one says `collapsed`, or `collapsed=?0`
//! when that one's answer was not for it. `stored` is said before the body has come; if the body then
//! ends early or grows too long, nothing is stored after all.
//!
//! # Bodies and misses
//!
//! A body passes to the client as it comes, while a copy is kept, up to [`CacheLayer::max_body`]. One
//! that ends early, fails, or contradicts its `Content-Length` is never stored; everybody who reads it gets a
//! [`CacheBodyError`] in place of an end. Trailers pass, and are not stored (RFC 9110 section 6.5.1 lets a cache
//! discard them).
//!
//! Of many requests that miss the same URL one goes to the inner service, and the others wait for its
//! head. If that may be shared, all whom its `Vary` selects and whose directives accept it are answered with it at
//! once, and read the body while it comes, each at its own pace; so does whoever comes before the end of it, and
//! HEAD is answered from the head. Those whom `Vary` gives another response wait for the next one, for three in all, and
//! then ask. If it may not be shared, they are sent on together, and for the next ten minutes, or until something is
//! stored, nobody waits at that URL; nor where what is stored has to be validated by each, as with `no-cache` or
//! `max-age=0`. Requests that ask for an upgrade, or say
//! `no-store`, `no-cache` or `max-age=0` wait for nobody. Those with `If-None-Match` or `If-Modified-Since` wait as
//! others do, and get their 304 from what comes. The first of them is asked as it is where nothing is stored that could
//! be validated; if the origin answers it with 304, which brings the others nothing, the next one is asked without its
//! condition.
//!
//! All bodies on their way hold at most a quarter of [`CacheLayer::capacity_bytes`] together. What comes while they hold
//! that much passes, one piece at a time, and is not stored.
//!
//! Nobody depends on the client that came first. A body that is kept is read by a task, not by the connection. A client
//! that leaves takes nothing from the others, and what is being stored is stored; only if nobody reads it and the
//! origin brings nothing for 30 seconds it is given up. A client that leaves before the head has come
//! leaves its request to a task if others wait for it; otherwise the request is dropped.
//!
//! A body that is announced longer than `max_body` is not shared. One that turns out to be is not stored, and nobody
//! joins any more. If one client reads it, the rest passes at its pace. If several do, the slowest sets the pace, and
//! no more is held than `max_body` and one piece of the inner service's. Who then takes nothing for 30 seconds while
//! others have read all there is and wait is cut off with an error. A response that is invalidated while its body
//! comes goes on to those who read it, is not stored, and nobody joins it.
//!
//! Outside a Tokio runtime, and after the toolkit was shut down, there are no tasks: then the client's connection does
//! the reading, nobody joins, and a client that leaves ends it. In a runtime without timers the 30 seconds are
//! never over.
//!
//! # The key
//!
//! Scheme, authority, path and query of the request, as they are written. The authority is that of the URI or the
//! `Host` field; a request whose two differ, with several `Host` fields, or with an `@` in it, passes. A
//! request whose URI has no scheme, which is usual in HTTP/1.1, counts as `http`. Extensions of a
//! response are not stored. [`CacheLayer::key`] leaves parts out, or takes headers and cookies in.
//!
//! What a service may go by although it is not in the key is how caches are poisoned. So a request with a field that
//! names another URL (`X-Forwarded-Host`, `X-Original-URL` and their like, `host` and `proto` in `Forwarded`) keeps what
//! it brings to requests with the
//! same field; and one with content, or with `X-HTTP-Method-Override` and its like, goes by the cache. Other fields that
//! the handler goes by belong in `Vary` or in the key.
//!
//! Under axum's `nest` a service sees the path without the prefix; with the feature `axum` the layer
//! goes by the URI that was asked for, unless a middleware has rewritten it. Without it, give each
//! nested router a layer of its own (call [`Toolkit::cache_layer`](crate::Toolkit::cache_layer)
//! again), or put one in front.
//!
//! # Removing what is stored
//!
//! An unsafe method that succeeds removes what is stored for its URL (see above), and so it does when its client leaves
//! before it is answered. An answer to one can name groups of its origin that go too, in `Cache-Group-Invalidation`;
//! responses tell theirs in `Cache-Groups` (RFC 9875). [`CacheLayer::purger`] removes by URL, by beginning of a URL, by
//! group, and by tag, as responses tell them in `Cache-Tag` or `Surrogate-Key`; or it makes stale.
//!
//! # Shared through Redis
//!
//! With `REDIS_URL` set, instances share what is stored, under the [name](CacheLayer::name) of the layer: what one has
//! fetched or validated the others serve at its true age. What is removed in one is gone from Redis, and the others are
//! told, before the answer to the unsafe request goes out; they have heard within 100 ms while messages flow. All responses of one URL are one value in Redis, compressed where it pays
//! (`CACHE_COMPRESSION`). Each instance keeps copies, and asks Redis before it asks the inner service; of instances that
//! miss the same URL at once each asks once.
//!
//! An instance whose caching is off (`CACHE_ENABLED=false`) stores and serves nothing, and an unsafe request through it
//! removes in Redis and in the others all the same.
//!
//! When Redis is away nothing fails: what is in this process is used for `CACHE_OUTAGE_GRACE`, what is fetched meanwhile
//! is kept for a short time, and removals are done here at once and told when Redis is back.
//!
//! # Cost
//!
//! An answer from the cache is made in `call`: it boxes nothing, copies the header map and shares the
//! body. A miss boxes one future, and the body of a response that will be kept.
//!
//! What is read while it comes is copied once, into pieces that all its readers share, and once more into one piece
//! when it is stored.

mod alike;
mod allowance;
mod answer;
mod ask;
mod behind;
mod between;
mod body;
mod body_error;
mod cache_status;
mod combine;
mod course;
mod empty;
mod exchange;
#[cfg(any(test, feature = "testing"))]
mod fault;
mod foreground;
mod form;
mod forward;
mod freshens;
mod future;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod handed;
mod inner_body;
mod keeper;
mod kept;
mod key;
mod key_parts;
mod layer;
mod look;
mod options;
mod passage;
mod pick;
mod plan;
mod post;
mod pump;
mod purge;
mod reader;
mod received;
mod recent;
mod reel;
mod rfc9110;
mod rfc9111;
mod right;
mod rules;
mod safety;
mod service;
mod settings;
mod shared;
mod stored;
mod tags;
mod tape;
mod variants;
mod waiting;

pub use body::CacheBody;
pub use body_error::CacheBodyError;
#[cfg(any(test, feature = "testing"))]
pub use fault::{HttpCacheCommitted, HttpCacheFault};
pub use foreground::{ForegroundFuture, ForegroundLayer, ForegroundService};
pub use future::CacheFuture;
pub use key_parts::KeyParts;
pub use layer::CacheLayer;
pub use purge::Purger;
pub use rules::{RequestDirective, RequestHead};
pub use service::CacheService;
