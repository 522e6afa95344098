//! Talking to Redis without fear of it.
//!
//! A [`Wire`] is one Redis server as the rest of the library sees it: [`Wire::one`] and [`Wire::batch`]
//! ask it something, [`Wire::read`] asks for a value together with whoever else does so, [`Wire::listen`]
//! hears what others publish. Nothing above this module knows how many connections that takes, or that
//! some of them have just been replaced.
//!
//! # What a call can count on
//! - It ends. A deadline (`REDIS_TIMEOUT`) covers all of it: waiting for a connection, sending,
//!   waiting for the answer, and a second try where one is allowed. It is checked in steps of an eighth,
//!   so a call may last that much longer.
//! - An error says what is known. *Unavailable*: Redis did not do it. *Timeout*: it was sent and nothing
//!   came back, or the connection broke: Redis may have done it, or may do it later. *Refused*: Redis
//!   answered that it will not.
//! - What may have been done is not repeated, unless it is a [`Op::read`] whose connection broke.
//! - An answer that comes too late is dropped.
//!
//! # When Redis is away
//! The [breaker](breaker::Breaker) opens when a connection cannot be made and there is no other, or when
//! several calls in a row got no answer. While it is open calls are refused at once, and a probe asks every
//! 250 ms, more often at first; it closes on the first answer. Connections on which nothing is answered any
//! more are replaced, since a connection can be dead without either end being told.
//!
//! Where there are others a connection that cannot be made, as when the server takes no more clients, is
//! tried again after the same pauses, in whole steps of a deadline. In between only those calls are refused that
//! need it, unless a probe finds that nobody answers on the others either.
//!
//! # Where things run
//! A connection is driven by the Tokio runtime its callers are on, so an answer does not have to cross
//! threads; each runtime has its own connections, one a [`Lane`]. Callers outside any runtime, on one
//! without I/O, or beyond the ceiling of `REDIS_MAX_CONNECTIONS`, use those of the [home
//! thread](home::Home), which also probes, listens and counts deadlines. It starts with the first
//! call and ends with the last handle. The name of a host is [looked up](host::Host) on a thread that ends
//! with the answer.

#[cfg(feature = "macros")]
mod apart;
mod breaker;
mod call;
mod connection;
mod counts;
mod ear;
mod fault;
mod handle;
mod hearer;
mod home;
mod host;
mod join;
mod joined;
mod keeper;
mod lane;
mod link;
mod links;
mod listen;
mod op;
mod queue;
mod read;
mod reads;
mod script;
mod server_clock;
mod session;
mod set;
mod shared;
mod state;
mod target;
#[cfg(test)]
mod tests;
mod timing;
mod wanted;
mod wheel;

#[cfg(feature = "macros")]
pub(crate) use apart::apart;
pub(crate) use handle::Wire;
pub(crate) use hearer::{Hearer, Interest};
pub(crate) use lane::Lane;
pub(crate) use listen::Listening;
pub(crate) use op::Op;
pub(crate) use read::Read;
pub(crate) use script::Script;
