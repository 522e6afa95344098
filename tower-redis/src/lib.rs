//! Caching and rate limiting for Rust services, as Tower middleware and macros.
//!
//! Three doors, one engine room:
//!
//! | door | you write | you get |
//! |---|---|---|
//! | [macro](macro@cached) | `#[cached(ttl = 60)] async fn quote(symbol: &str) -> io::Result<Quote>` | a typed function cache with one load for many callers, and `quote::invalidate("ACME")` |
//! | [layers](middleware) | `.layer(toolkit.cache_layer())`, `.layer(toolkit.rate_limit_layer(Policy::per_ip(Quota::per_minute(5)))?)` | a shared HTTP cache by RFC 9111, and limits with standard fields, around any `tower::Service` over `http` types |
//! | library | [`toolkit.cache::<K, V>("users")`](Toolkit::cache), [`toolkit.limiter(..)`](Toolkit::limiter), [`toolkit.bus()`](Toolkit::bus) | the same engines without macro or HTTP |
//!
//! A [`Toolkit`] wires them. It works in memory and needs nothing:
//!
//! ```
//! # #[cfg(feature = "macros")]
//! # mod example {
//! use tower_redis::{Toolkit, cached};
//!
//! #[cached(ttl = 60)]
//! async fn length(word: &str) -> usize {
//!     println!("counting"); // once a minute for each word
//!     word.len()
//! }
//!
//! # pub async fn run() -> Result<(), tower_redis::Error> {
//! Toolkit::from_env()?.install()?;
//! assert_eq!(length("four").await, 4);
//! assert_eq!(length("four").await, 4);
//! length::invalidate("four").await;
//! # Ok(())
//! # }
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), tower_redis::Error> {
//! #     #[cfg(feature = "macros")]
//! #     example::run().await?;
//! #     Ok(())
//! # }
//! ```
//!
//! Longer ones are in the `examples` folder; settings are listed in [`config`].
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `macros` | yes | [`#[cached]`](macro@cached), [`#[invalidates]`](macro@invalidates), [`#[rate_limited]`](macro@rate_limited), [`#[derive(CacheKey)]`](derive@key::CacheKey) |
//! | `http-cache` | yes | [`CacheLayer`](middleware::http_cache::CacheLayer) |
//! | `rate-limit` | yes | [`RateLimitLayer`](middleware::rate_limit::RateLimitLayer) |
//! | `redis` | yes | caches, limits and events shared through Redis |
//! | `axum` | no | `IntoResponse` for rejections, extractors for the toolkit and the decision of a limit, `ConnectInfo` and `OriginalUri` |
//! | `msgpack` | no | values as [MessagePack](codec::Format::MessagePack) |
//! | `zstd` | no | values [compressed by Zstandard](codec::Compression::Zstd); builds C |
//! | `testing` | no | [`ManualClock`](testing::ManualClock), [a Redis in memory](testing::FarServer), [whether a value survives its codec](testing::assert_survives) |
//!
//! Features only add. `http` is what the layers share; it is not for users.

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod bounded;
pub mod cache;
pub mod clock;
pub mod codec;
pub mod config;
pub mod error;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
pub mod health;
pub mod key;
pub mod limit;
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod macro_support;
#[cfg(feature = "http")]
pub mod middleware;
pub mod pubsub;
#[cfg(all(
    doctest,
    feature = "axum",
    feature = "macros",
    feature = "http-cache",
    feature = "rate-limit"
))]
mod readme;
mod registry;
mod rng;
mod scope;
#[cfg_attr(
    not(all(feature = "macros", feature = "redis")),
    allow(
        dead_code,
        unused_imports,
        reason = "some of it is for functions, some for Redis"
    )
)]
mod store;
mod sync;
mod tasks;
mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod timers;
pub mod toolkit;
#[cfg(feature = "redis")]
mod wire;

#[cfg(feature = "macros")]
pub use cache_macros::{cached, invalidates, rate_limited};
pub use error::Error;
pub use toolkit::Toolkit;
