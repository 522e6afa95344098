//! Whether Redis is there, and how it is.
//!
//! Two questions with two prices. [`RedisState`] is what is known already: reading it asks nobody, so it
//! suits an endpoint that a load balancer calls every second. [`RedisHealth`] is a probe: two round trips
//! to the server, bounded by `REDIS_TIMEOUT` each, with what an operator wants to see. Neither fails:
//! that Redis is away is an answer, and the caches and limits have their own ways to go on without it.
//!
//! [`Toolkit::redis_state`](crate::Toolkit::redis_state) and
//! [`Toolkit::redis_health`](crate::Toolkit::redis_health) ask for them.
//!
//! The probe sends `PING`, `INFO` and `DBSIZE`. A user that may not send one of them still gets an answer:
//! what that command would have told is `None`.

mod counts;
#[cfg(feature = "redis")]
mod info;
#[cfg(feature = "redis")]
mod redis;
mod report;
mod state;

pub use counts::RedisStats;
#[cfg(feature = "redis")]
pub(crate) use redis::{counts, last_known, probe};
pub use report::RedisHealth;
pub use state::RedisState;
