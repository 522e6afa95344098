//! A layer that limits how often each client may call, and says so in standard fields.
//!
//! ```
//! use std::convert::Infallible;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//! use tower_redis::Toolkit;
//! use tower_redis::limit::{Policy, Quota};
//! use tower_redis::middleware::PeerAddr;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let toolkit = Toolkit::from_env()?;
//! let policy = Policy::per_ip(Quota::per_minute(1));
//! let mut service = ServiceBuilder::new()
//!     .layer(toolkit.rate_limit_layer(policy)?)
//!     .service(service_fn(async |_: Request<String>| {
//!         Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("hello")))
//!     }));
//!
//! let mut call = Request::new(String::new());
//! call.extensions_mut().insert(PeerAddr(([192, 0, 2, 1], 4711).into()));
//!
//! let answer = service.ready().await?.call(call.clone()).await?;
//! assert_eq!(answer.status(), 200);
//! assert_eq!(answer.headers()["ratelimit-policy"], r#""per-ip";q=1;w=60"#);
//! assert_eq!(answer.headers()["ratelimit"], r#""per-ip";r=0;t=60"#);
//!
//! let answer = service.ready().await?.call(call).await?;
//! assert_eq!(answer.status(), 429);
//! assert_eq!(answer.headers()["retry-after"], "60");
//! # Ok(())
//! # }
//! ```
//!
//! It goes around any `Service` of `http` requests: a hyper service, an axum router (in front of it,
//! with `Router::layer`, with `route_layer` or on one route), a `ServiceBuilder` stack. The counts
//! belong to the layer: every service it makes, every clone and every connection share them. To
//! limit several routes *together*, give them clones of one layer; layers made from one policy
//! count apart.
//!
//! # With axum
//!
//! `axum::serve` wants axum's own body. Around the routes of a router that is seen to; in front of a
//! router, where a refused request is not routed either, it takes one more line:
//!
//! ```
//! use std::net::SocketAddr;
//!
//! use axum::response::IntoResponse;
//! use axum::routing::get;
//! use axum::{Router, ServiceExt, extract::Request};
//! use tower::ServiceBuilder;
//! use tower_redis::Toolkit;
//! use tower_redis::limit::{Policy, Quota};
//!
//! # fn main() -> Result<(), tower_redis::Error> {
//! let toolkit = Toolkit::from_env()?;
//! let per_ip = Policy::per_ip(Quota::per_minute(60).burst(10));
//! let strict = Policy::per_ip(Quota::per_minute(5)).name("reports");
//!
//! let reports = toolkit.rate_limit_layer(strict)?;
//! let router = Router::new()
//!     .route("/", get(async || "hello"))
//!     .route("/report", get(async || "slow").layer(reports));
//!
//! let app = ServiceBuilder::new()
//!     .map_response(IntoResponse::into_response)
//!     .layer(toolkit.rate_limit_layer(per_ip)?)
//!     .service(router);
//! let app = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(app);
//! // axum::serve(listener, app).await
//! # Ok(())
//! # }
//! ```
//!
//! The feature `axum` makes the peer address known that the last line tells, gives handlers the
//! [`Decision`](crate::limit::Decision) as an argument, and [`RateLimited`] as an answer.
//!
//! # Who is counted
//!
//! A [`RequestKey`] tells: [`PeerIp`], [`ForwardedIp`] behind proxies of yours, [`Header`], [`Cookie`],
//! [`Extension`] for what a layer outside has found out, [`FoundOut`] for what an async function does, [`Global`], a tuple of them, or your own; around the routes of
//! axum also [`MatchedPath`] and [`PathParam`]. Where a request lacks what tells, a warning says once what to do; with
//! [`strict`](RateLimitLayer::strict) it is an error.
//!
//! # Several policies
//!
//! A tuple of policies, each with its key, is one layer: one decision, all of them charge the request or none does.
//!
//! ```
//! use http::HeaderName;
//! use tower_redis::Toolkit;
//! use tower_redis::limit::{Policy, Quota};
//!
//! # fn main() -> Result<(), tower_redis::Error> {
//! let api_key = HeaderName::from_static("x-api-key");
//! let layer = Toolkit::from_env()?.rate_limit_layer((
//!     Policy::per_ip(Quota::per_minute(100)),
//!     Policy::per_header(api_key, Quota::per_hour(1_000)).name("per-key"),
//!     Policy::global(Quota::per_second(10_000)),
//! ))?;
//! # Ok(())
//! # }
//! ```
//!
//! With counts in Redis it is one round trip, as one policy is, but such requests do not wait for each other to go
//! together. What a layer is told, `cost`, `charge_if`, `skip`, holds for all of them,
//! except that [held](crate::limit::Algorithm::Concurrency) permits are held and others charged.
//!
//! | field | with several policies |
//! |---|---|
//! | `RateLimit-Policy`, `RateLimit` | a member for each: `"per-ip";r=99;t=1, "per-key";r=999;t=4`; the forms before version 8, and `X-RateLimit-*`, tell of the one that refuses longest, or has the fewest permits left |
//! | `Retry-After` | when the last of those that refuse lets the request pass |
//! | `violated-policies` | all that refuse |
//!
//! A quota from a function of the request, for tenants with plans of their own, is [`RateLimitLayer::by_quota`].
//!
//! [`RateLimitLayer::new`] takes a [`LimiterSet`](crate::limit::LimiterSet) of limiters that are used elsewhere as well,
//! with [`PerPolicy`] or with one key for all.
//!
//! # What a client sees
//!
//! On every answer `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers, the
//! form of its versions from 8 on; [`fields`](RateLimitLayer::fields) chooses an older one):
//!
//! | | |
//! |---|---|
//! | `"per-ip";q=5;w=60` | 5 requests, which take 60 seconds to come back if used at once: the quota, or the burst of a quota that has one |
//! | `"per-ip";r=4;t=60` | 4 are left, and it takes 60 seconds until there are more |
//!
//! Seconds are rounded up, so a client that waits as told is not early. An answer that carries such
//! fields already, from a limit further in, keeps them; these are added, which is how the fields
//! list several policies.
//!
//! `RateLimit` is left out where nothing was counted: while Redis cannot be asked and the policy lets
//! all pass, or none.
//!
//! A request over the limit does not reach the service. It is answered with 429 (RFC 6585, section
//! 4), `Retry-After` in seconds, at least 1 (RFC 9110, section 10.2.3), and a problem document (RFC
//! 9457) of the draft's type `quota-exceeded`. A 429 must not be stored by a cache (RFC 6585, section
//! 4); `Cache-Control: no-store` says so to those that do not know. See [`RateLimited`].
//!
//! A request that a policy [closes](crate::limit::OnUnavailable::Closed) to while Redis cannot be asked
//! did nothing wrong. It is answered with 503, `Retry-After: 1` and a problem document without a type,
//! which stands for the meaning of the status (RFC 9457, section 4.2.1).
//!
//! Where permits are [held](crate::limit::Algorithm::Concurrency) the fields are `"uploads";q=10;qu="concurrent-requests"`
//! and `"uploads";r=3`, without seconds, which nobody knows, and a refusal is 503 of the draft's type
//! `temporary-reduced-capacity`.
//!
//! Calls of gRPC are refused in its own way, see [`RateLimited`]. A policy in [shadow](crate::limit::Policy::shadow)
//! refuses nothing and tells nothing, but for [`shadow_field`](RateLimitLayer::shadow_field).
//! [`respond`](RateLimitLayer::respond) makes an answer of your own.
//!
//! # What counts
//!
//! Every request, once, unless the layer says otherwise: [`skip`](RateLimitLayer::skip),
//! [`cost`](RateLimitLayer::cost), and [`charge_if`](RateLimitLayer::charge_if) by the answer. Permits that are
//! [held](crate::limit::Algorithm::Concurrency) are held until the body of the answer is dropped, and
//! renewed meanwhile by a task of the Tokio runtime, so that the quota's period may be short: it says how long the
//! permit of a process is held that died. Outside a runtime with timers nobody renews, and the period has to be longer
//! than an exchange takes.
//!
//! # Where to put it
//!
//! Put it outside of a cache: inside, what comes from the cache is not counted. Inside a `CacheLayer` its fields
//! are on no answer that may be kept, or what one client has left would be told to others; other caches keep them.
//!
//! # When counts lie in Redis
//!
//! Then a request waits for one round trip, at most about `REDIS_TIMEOUT`, before it reaches the
//! service; [`OnUnavailable`](crate::limit::OnUnavailable) says what becomes of it without Redis. The
//! service that was polled ready is the one that is called, so the layer wants a service that is
//! `Clone`. A client that leaves while Redis is asked has been charged if it was sent: nobody can tell,
//! and a limit that could be escaped by leaving early would be none; with
//! [`refund_abandoned`](RateLimitLayer::refund_abandoned) Redis is heard out and the charge given back. Several layers are several round
//! trips, and an inner one that refuses does not give back what an outer one charged; one layer of
//! [several policies](#several-policies) decides together.
//!
//! # What a service sees
//!
//! The [`Decision`](crate::limit::Decision) is an extension of the request. Behind several limits it
//! is that of the innermost. One layer of several policies says there what the tightest of them decided, and
//! [`Decisions`](crate::limit::Decisions), an extension as well, what each did.

mod answers;
mod body;
mod charging;
mod fields;
mod future;
mod gate;
mod grpc;
mod held;
mod joint;
mod key;
mod layer;
mod line;
mod manner;
mod options;
#[cfg(test)]
#[cfg(feature = "redis")]
mod over_redis;
mod parked;
mod policies;
mod problem;
mod rejection;
mod rules;
mod ruling;
mod service;
mod several;
mod tenants;
mod version;

pub use body::RateLimitBody;
pub use future::RateLimitFuture;
pub use key::{
    Ahead, Cookie, Extension, ForwardedField, ForwardedIp, FoundOut, Global, Header, PeerIp,
    PerPolicy, RequestKey, Unidentified,
};
#[cfg(feature = "axum")]
pub use key::{MatchedPath, PathParam};
pub use layer::RateLimitLayer;
pub use policies::Policies;
pub use service::RateLimit;
pub use version::FieldVersion;

pub use crate::limit::RateLimited;
