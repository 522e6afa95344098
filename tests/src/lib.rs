//! What the tests share: the laws of the house, and a harness that starts real servers, stands between
//! them and the code under test, and waits for what is bound to come.
//!
//! - [`RedisServer`]: a `redis-server` of a test's own, which dies with the test.
//! - [`Proxy`]: stands in front of a server, counts what passes, and cuts, delays, holds or loses it.
//! - [`Program`]: a built program as a process, with what it said.
//! - [`http`]: a client that shows both sides of an exchange when an assertion fails.
//! - [`eventually`]: waits for a condition, never for a time.
//! - [`torture`]: holds what caches of several processes answered against what was promised.
//! - [`canary`]: sees to it that nothing says what belongs to a user or an operator.
//! - [`features`]: holds the page that says which test shows what against what the tests said.
//! - [`Random`] and [`seeds`]: histories that come again with their number.
//! - [`cache_suite`]: judges a run of the public suite for HTTP caches.
//! - [`figure`]: prints how long something took, beside its bound.
//!
//! It depends on nothing that it tests, so that every crate of the workspace can use it in its tests.

pub mod architecture;
pub mod cache_suite;
pub mod canary;
mod eventually;
pub mod features;
mod figure;
mod folder;
pub mod http;
mod process;
mod proxy;
mod random;
mod redis_server;
pub mod resp;
pub mod torture;

pub use eventually::{DEADLINE, Settled, eventually, eventually_async};
pub use figure::{figure, timed, timed_async};
pub use folder::Folder;
pub use process::{Ended, Program, Serving};
pub use proxy::{Counts, Proxy, Target};
pub use random::{Random, number, seeds};
pub use redis_server::{RedisOptions, RedisServer};
