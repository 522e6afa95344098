//! Limits: how often something may happen, for each key.
//!
//! A [`Quota`] says how much in how long, a [`Policy`] names it and chooses the algorithm, a
//! [`Limiter`] decides:
//!
//! ```
//! use tower_redis::Toolkit;
//! use tower_redis::limit::{Policy, Quota};
//!
//! # fn main() -> Result<(), tower_redis::Error> {
//! let toolkit = Toolkit::from_env()?;
//! let logins = toolkit.limiter(&Policy::new("logins", Quota::per_minute(2)))?;
//! # pollster::block_on(async {
//! assert!(logins.check("ada").await.is_allowed());
//! assert!(logins.check("ada").await.is_allowed());
//!
//! let decision = logins.check("ada").await;
//! assert!(!decision.is_allowed());
//! println!("try again in {:?}", decision.retry_after());
//!
//! assert!(logins.check("grace").await.is_allowed()); // each key has the whole quota
//! # });
//! # Ok(())
//! # }
//! ```
//!
//! # Which algorithm
//!
//! | [`Algorithm`] | lets through, N in each period | state of a key in this process |
//! |---|---|---|
//! | [`StrictWindow`](Algorithm::StrictWindow): the default | never more than N in any period, wherever it starts | an entry for each admission of the last period, at most 130 |
//! | [`Gcra`](Algorithm::Gcra): the default with a [burst](Quota::burst) | a burst at once, then an even flow; at most burst + N in any period | 16 bytes |
//! | [`TokenBucket`](Algorithm::TokenBucket) | a burst at once, then N after each period; at most burst + N in any period | 16 bytes |
//! | [`FixedWindow`](Algorithm::FixedWindow) | at most N in each window, at most 2N in any period | 16 bytes |
//! | [`SlidingCounter`](Algorithm::SlidingCounter) | at most N in each window, fewer than 2N in any period, N where calls come evenly | 24 bytes |
//! | [`Concurrency`](Algorithm::Concurrency) | never more than N held at once, each until it is given back or was not renewed for a period | as a strict window |
//!
//! All are exact: integers only, no rounding that adds up, and `retry_after` is the first
//! instant at which the same call passes if nothing else is admitted before. (A strict window of more
//! than 128 permits gives them back in slots of a 128th of the period: never too early, at most one
//! slot late, and `retry_after` tells when.) A refused call charges
//! nothing, so a client that keeps knocking is let in as early as one that waits.
//!
//! [`Limiter::peek`] looks, [`explain`](Limiter::explain) says why, [`reserve`](Limiter::reserve) takes what may
//! be given back, [`hold`](Limiter::hold) what is held meanwhile, [`wait`](Limiter::wait) waits; a policy in
//! [shadow](Policy::shadow) refuses nothing and counts what it would have.
//!
//! Several limits on one call are a [`LimiterSet`], each with a [key of its own](Each) or all with one: all of them
//! charge it, or none.
//!
//! # Shared through Redis
//!
//! With `REDIS_URL` the counts of all processes lie in Redis, without any change to the code above. They
//! count together if name, algorithm and quota of their policies are the same; where a quota changes,
//! counting begins anew, so while old and new processes run side by side a key may use both quotas. Two
//! limiters that one toolkit makes from one policy count apart, there as in memory: the first one with
//! the first one of every process, the second one with the second. A check
//! is one round trip and one script, which decides by the server's clock: the processes' own need not
//! agree. If that clock goes back, as it may when another server takes over, what a key has in use counts as charged
//! at its next call: nothing more is let through for it, and no key waits for longer than the [window](Limiter::window)
//! of its policy. What the clock leaps over has passed, so a clock that goes back and forth gives back as much as it
//! leaps. A key expires when it is at rest. Redis must not evict keys before that:
//! under `maxmemory` with a policy of `allkeys-*` it may, and an evicted key has its whole quota again.
//!
//! A [reset](Limiter::reset) and a [ban](Policy::ban) that one process begins hold in all; lists, and who is
//! [refused most](Limiter::top_denied), are of each process.
//!
//! Calls of one key that come while one is under way wait for it and go together: an idle key waits for nothing,
//! and a busy one asks once a round trip, exactly. Of many keys that are checked at once, those that come while four
//! calls are under way go together, and each is decided about by itself. A key that was refused is refused by this process until it may
//! pass, for a second at most, since somebody else may give something back.
//!
//! # When Redis is away
//!
//! A check never fails and never hangs: after at most about `REDIS_TIMEOUT` (50 ms), and at once while the
//! connection is known to be down, [`Policy::on_unavailable`] decides: by the counts of this process, which
//! is the default, by those with the quota divided among the processes that are alive, or by letting all pass, or none. [`Decision::basis`] says for each answer what it rests
//! on, and [`LimiterStats`] counts them.
//!
//! | what happened | charged in Redis | [`Basis`] |
//! |---|---|---|
//! | Redis answered | if it was allowed | [`Shared`](Basis::Shared) |
//! | this process had [taken it ahead](Policy::leases) | before | [`Leased`](Basis::Leased) |
//! | it is away, or refuses: a right is missing, something else lies under the key | no | [`Unavailable`](Basis::Unavailable) |
//! | it was asked and did not answer in time | at most once; it is not asked again | [`Unknown`](Basis::Unknown) |
//!
//! # Memory
//!
//! The number of keys in this process is bounded ([`Policy::max_keys`]). An entry is removed when its key is *at
//! rest*, that is when forgetting it changes no decision; a key that was charged is never forgotten
//! early, whatever other keys arrive. When the bound is reached and no key is at rest, [`Policy::on_full`] decides
//! about new ones: they share what one key gets, which is the default, or all pass, or none.

#[cfg(feature = "redis")]
mod abroad;
mod acts;
mod algorithm;
#[cfg(any(feature = "rate-limit", feature = "macros", feature = "redis"))]
mod asked;
#[cfg(feature = "redis")]
mod asking;
mod ban;
mod basis;
#[cfg(test)]
mod behaviour;
#[cfg(feature = "macros")]
mod blocking;
mod charge;
mod checking;
mod contract;
mod decision;
mod decisions;
mod engine;
mod explanation;
#[cfg(feature = "redis")]
mod far;
#[cfg(feature = "redis")]
mod flights;
mod full;
#[cfg(feature = "redis")]
mod gathering;
mod guard;
#[cfg(feature = "redis")]
mod heartbeat;
#[cfg(any(feature = "rate-limit", feature = "macros"))]
mod kept;
#[cfg(feature = "redis")]
mod leases;
#[cfg(feature = "redis")]
mod leasing;
mod limiter;
mod lines;
mod lists;
mod local;
mod member;
mod offenders;
#[cfg(test)]
#[cfg(feature = "redis")]
mod over_redis;
mod permit;
mod policy;
mod quota;
mod quotas;
mod ranking;
mod rate_limited;
mod reason;
#[cfg(feature = "redis")]
mod refusals;
#[cfg(feature = "redis")]
mod remembered;
mod reporting;
mod reservation;
#[cfg(any(feature = "rate-limit", feature = "macros"))]
mod reserving;
mod resets;
mod set;
mod set_acts;
#[cfg(test)]
mod set_behaviour;
#[cfg(feature = "redis")]
mod set_far;
mod set_judging;
mod set_reservation;
mod shaping;
mod state;
mod stats;
mod subjects;
#[cfg(feature = "redis")]
mod telling;
mod together;

#[cfg(any(feature = "rate-limit", feature = "macros"))]
pub(crate) use asked::Asked;
#[cfg(all(feature = "redis", feature = "rate-limit"))]
pub(crate) use asked::Asking;
pub use ban::Ban;
pub use basis::{Basis, OnUnavailable};
pub use decision::{Decision, Outcome};
pub use decisions::Decisions;
pub use explanation::Explanation;
pub use full::OnFull;
#[cfg(feature = "redis")]
pub(crate) use heartbeat::start as count_processes;
#[cfg(any(feature = "rate-limit", feature = "macros"))]
pub(crate) use kept::Kept;
pub use limiter::Limiter;
pub use offenders::Offender;
pub use permit::Permit;
pub use policy::{Algorithm, Policy, Unkeyed};
pub use quota::Quota;
#[cfg(feature = "macros")]
pub(crate) use quota::{LARGEST_COUNT, LONGEST_PERIOD};
pub use quotas::Quotas;
pub use rate_limited::RateLimited;
#[cfg(feature = "rate-limit")]
pub(crate) use reason::Reason;
pub use reservation::Reservation;
#[cfg(any(feature = "rate-limit", feature = "macros"))]
pub(crate) use reserving::Reserving;
pub use set::LimiterSet;
pub use set_reservation::SetReservation;
#[cfg(feature = "redis")]
pub(crate) use state::Shared;
pub use stats::LimiterStats;
#[cfg(feature = "rate-limit")]
pub(crate) use subjects::Subjects;
pub use subjects::{Each, SetKey};
