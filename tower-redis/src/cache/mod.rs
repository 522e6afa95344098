//! A typed cache: bounded, with one load for many callers and invalidation that beats loads; shared by
//! all processes where there is Redis.
//!
//! ```
//! use std::io;
//! use std::time::Duration;
//! use tower_redis::Toolkit;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let toolkit = Toolkit::in_memory();
//! let users = toolkit
//!     .cache::<u64, String>("users")
//!     .ttl(Duration::from_secs(60))
//!     .build()?;
//!
//! let load = || async { Ok::<_, io::Error>("Ada".to_owned()) };
//! assert_eq!(users.get_or_load(&7, load).await?, "Ada");
//! assert_eq!(users.get(&7).await.as_deref(), Some("Ada"));
//! users.invalidate(&7).await;
//! assert_eq!(users.get(&7).await, None);
//! # Ok(())
//! # }
//! ```
//!
//! Tags, a TTL of the call's own and how a lookup was answered go through [`Cache::entry`]:
//!
//! ```
//! # use std::convert::Infallible;
//! # use tower_redis::{Toolkit, cache::Status};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let toolkit = Toolkit::in_memory();
//! let members = toolkit.cache::<(String, u64), String>("members").build()?;
//! let load = || async { Ok::<_, Infallible>("Ada".to_owned()) };
//!
//! let found = members.entry(&("acme", 7)).tags(&["org:acme"]).get_or_load(load).await;
//! assert_eq!(found.status, Status::Loaded);
//! toolkit.invalidate_tags(&["org:acme"]).await;
//! assert_eq!(members.get(&("acme", 7)).await, None);
//! # Ok(())
//! # }
//! ```
//!
//! # Fresh, stale, gone
//!
//! A value is *fresh* until its TTL is over, *stale* for as long as one of the windows of its cache allows,
//! and then gone. What is stale answers at once while it is loaded anew
//! ([`stale_while_revalidate`](CacheBuilder::stale_while_revalidate)), when that fails
//! ([`stale_if_error`](CacheBuilder::stale_if_error)) or takes too long
//! ([`soft_timeout`](CacheBuilder::soft_timeout)). The windows count from the end of the last value that was
//! loaded: no failure lengthens them. What was invalidated is gone and never answers again; what
//! [expires](Cache::expire) becomes stale.
//!
//! ```
//! use std::io;
//! use std::time::Duration;
//! use tower_redis::Toolkit;
//! use tower_redis::cache::Status;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rates = Toolkit::in_memory()
//!     .cache::<String, f64>("rates")
//!     .ttl(Duration::from_secs(60))
//!     .refresh_after(0.9)
//!     .stale_if_error(Duration::from_secs(3_600))
//!     .build()?;
//!
//! let bank = |open: bool| async move {
//!     if open { Ok(1.08) } else { Err(io::Error::other("the bank is closed")) }
//! };
//! rates.get_or_load("EUR", || bank(true)).await?;
//! rates.expire("EUR").await;
//! let found = rates.entry("EUR").get_or_load(|| bank(false)).await;
//! assert_eq!(found.status, Status::Stale);
//! assert_eq!(found.value?, 1.08);
//! # Ok(())
//! # }
//! ```
//!
//! A value can be loaded before it ends, after a part of its life
//! ([`refresh_after`](CacheBuilder::refresh_after)) or by chance
//! ([`refresh_by_chance`](CacheBuilder::refresh_by_chance)); end when it is not used
//! ([`time_to_idle`](CacheBuilder::time_to_idle)); and live for a time that it says itself
//! ([`ttl_with`](CacheBuilder::ttl_with), [`Fresh`]). A load that is shown what was there
//! ([`CacheEntry::load_with`]) may answer that it is unchanged.
//!
//! # Many keys at once
//!
//! [`Cache::get_or_load_many`] answers a list of keys in its order: what is here, what comes from Redis in one
//! round trip, and what one call of the load brings for all that is missing. [`Cache::entries`] adds tags and a TTL.
//!
//! ```
//! # use std::convert::Infallible;
//! # use tower_redis::Toolkit;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let toolkit = Toolkit::in_memory();
//! let users = toolkit.cache::<u64, String>("users").build()?;
//! let select = |ids: Vec<&u64>| {
//!     let rows: Vec<_> = ids.into_iter().map(|id| (*id, format!("user {id}"))).collect();
//!     async { Ok::<_, Infallible>(rows) }
//! };
//! let found = users.entries(&[7, 8, 7]).tags(&["org:acme"]).get_or_load(select).await?;
//! assert_eq!(found[1].as_deref(), Some("user 8"));
//! assert_eq!(users.get_many(&[8, 9]).await, [Some("user 8".to_owned()), None]);
//! # Ok(())
//! # }
//! ```
//!
//! # Before anybody asks
//!
//! [`Cache::warm`] loads keys a few at a time and never in the way of requests, once or again and again
//! ([`Warm::every`]).
//!
//! ```
//! # use std::convert::Infallible;
//! # use tower_redis::Toolkit;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let toolkit = Toolkit::in_memory();
//! let users = toolkit.cache::<u64, String>("users").build()?;
//! let warm = users.warm(1..=20).concurrency(4);
//! let warm = warm.progress(|warmed| println!("{} of {:?}", warmed.done(), warmed.total));
//! let warmed = warm.run(|id| async move { Ok::<_, Infallible>(format!("user {id}")) }).await;
//! assert_eq!((warmed.loaded, warmed.failed), (20, 0));
//! # Ok(())
//! # }
//! ```
//!
//! # Seen from outside
//!
//! [`Cache::stats`] counts, and `Toolkit::record_metrics` tells it to the `metrics` facade. Each load is a span of
//! `tracing`, `cache.load` or `cache.refresh`, at the level of `debug`, with the name of its cache. A listener is
//! told of each value that leaves this process, and why, and of loads that fail or come too late.
//!
//! ```
//! # use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
//! # use {std::time::Duration, tower_redis::Toolkit};
//! use tower_redis::cache::{CacheEvent, Leaving};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let toolkit = Toolkit::in_memory();
//! let pushed_out = Arc::new(AtomicU64::new(0));
//! let count = Arc::clone(&pushed_out);
//! let users = toolkit
//!     .cache::<u64, String>("users")
//!     .capacity(1)
//!     .on_event(move |event| {
//!         if let CacheEvent::Left { why: Leaving::Capacity, .. } = event {
//!             count.fetch_add(1, Ordering::Relaxed);
//!         }
//!     })
//!     .build()?;
//! for id in [7, 8] {
//!     users.put(&id, format!("user {id}"), Duration::from_secs(60)).await;
//! }
//! assert_eq!(pushed_out.load(Ordering::Relaxed), 1);
//! assert_eq!(users.stats().evictions, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Changed while it is used
//!
//! [`Cache::set_capacity`] and [`Cache::set_ttl`] change what the builder said:
//! ```
//! # use {std::time::Duration, tower_redis::Toolkit};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let toolkit = Toolkit::in_memory();
//! let users = toolkit.cache::<u64, String>("users").capacity(100_000).build()?;
//! users.set_capacity(10_000)?;
//! users.set_ttl(Duration::from_secs(30))?;
//! # Ok(())
//! # }
//! ```
//!
//! # Shared through Redis
//!
//! With `REDIS_URL` set, what one process loads the others find: a lookup asks this process (*near*), then
//! Redis (*far*), and then loads. An invalidation returns when Redis has done it and told everybody
//! ([`Reach::Everywhere`]); it is seen by every later lookup of this process, and by the others within
//! milliseconds, or within 2.1 seconds when its message is lost without a sign.
//!
//! When Redis does not answer, lookups go on. What was here before is served for at most `CACHE_OUTAGE_GRACE` after the
//! last sign of life ([`Status::Suspect`]), and what is loaded meanwhile is kept for at most `CACHE_OUTAGE_TTL`; with
//! `CACHE_OUTAGE=strict` neither is. Invalidations are done here at once and answer [`Reach::Pending`]; Redis is told before
//! this process reads there what they concern. Afterwards all that is here is compared with Redis before it is used.
//!
//! # Guarantees
//!
//! - *One load.* Of many concurrent lookups of a key one loads. When it is dropped half-way another takes over;
//!   when it panics or fails, nobody hangs: an error is shared with those who waited for it, and what cannot be
//!   shared lets them load on their own, a few at a time. A thread that would hold up the load it waits for loads.
//! - *No waiting for oneself.* A load may look up other keys, or its own. Lookups that would wait for each other in
//!   a circle run their loads instead, also where the loads are those of several tasks. A task that a load starts
//!   itself, and waits for, is not seen to belong to it: see [`part_of_load`].
//! - *Invalidation wins.* An invalidation that returned before a lookup began is seen by that lookup. A load that
//!   began before it is not joined and not stored; its own callers get its result.
//! - *Bounded.* By entries, or by bytes; a value that is asked for often stays (S3-FIFO).
//! - *Bounded staleness.* What is stale answers no longer than its window, and says so ([`Status::Stale`]).
//! - *Time.* Lifetimes are measured on a monotonic clock, to a tick of the coarse one,
//!   some milliseconds; the calendar may jump.
//! - Code of yours (`Clone`, `Drop`, loads, weighers) never runs under a lock of the cache.
//! - All works without an async runtime; [`Cache::get_or_load_detached`] starts a task where there is one.

mod answer;
pub(crate) mod assembly;
mod attempt;
mod batch;
mod builder;
pub(crate) mod caches;
#[cfg(feature = "macros")]
mod calls;
mod calm;
mod changes;
pub(crate) mod core;
mod detached;
pub(crate) mod engine;
mod entries;
pub(crate) mod entry;
mod event;
mod failures;
#[cfg_attr(
    not(all(feature = "macros", feature = "redis")),
    allow(
        dead_code,
        unused_imports,
        reason = "some of it is for functions, some for Redis"
    )
)]
pub(crate) mod far;
#[cfg(any(test, feature = "testing"))]
mod fault;
mod fill;
pub(crate) mod flight;
mod fresh;
pub(crate) mod freshness;
mod gather;
pub(crate) mod hold;
mod joining;
mod keyed;
mod known;
pub(crate) mod lineage;
mod load;
mod look;
pub(crate) mod made;
mod many;
mod missing;
pub(crate) mod near;
mod old;
pub(crate) mod premises;
mod refresh;
pub(crate) mod removes;
mod rewarm;
#[cfg(test)]
mod schedules;
pub(crate) mod share;
mod spans;
mod standing;
mod stats;
mod status;
mod sweep;
#[cfg_attr(
    not(all(feature = "macros", feature = "redis")),
    allow(
        dead_code,
        unused_imports,
        reason = "some of it is for functions, some for Redis"
    )
)]
pub(crate) mod tagging;
pub(crate) mod tags;
mod telling;
pub(crate) mod terms;
pub(crate) mod tie;
mod turn;
mod typed;
mod warm;
mod warming;
pub(crate) mod within;

pub use builder::CacheBuilder;
pub use entries::CacheEntries;
pub use event::{CacheEvent, Leaving};
#[cfg(any(test, feature = "testing"))]
pub use fault::{CacheFault, Committed};
pub use fresh::{Fresh, Previous};
pub use keyed::CacheEntry;
pub use lineage::part_of_load;
pub use rewarm::{Rewarm, Warming};
pub use share::Shared;
pub use stats::CacheStats;
pub use status::{Invalidated, Lookup, Reach, Status};
pub use typed::Cache;
pub use warm::{Warm, Warmed};
pub use within::{TimedOut, within};
