//! The far tier as one cache sees it: what a lookup finds there, what a load leaves there, and how
//! invalidations get there and come from there.
//!
//! `docs/protocol.md` says what goes over the wire, and why no interleaving serves what an
//! invalidation has made wrong.

mod again;
mod anew;
mod asked;
mod brought;
mod claim;
mod copy;
mod fetch;
mod fill;
mod hears;
mod holding;
mod judged;
mod learn;
mod lease;
mod look;
mod outage;
mod owes;
mod setup;
mod several;
mod siblings;
mod tell;
mod ticket;
mod tier;
mod together;
mod tokens;
mod trust;
#[cfg(feature = "http-cache")]
mod unless;

pub(crate) use brought::Brought;

pub(crate) use outage::Outage;
pub(crate) use setup::{FarSettings, Naming, Serial};
pub(crate) use several::{Wrong, invalidate};
pub(crate) use ticket::{Fetched, Flight};
pub(crate) use tier::Far;
pub(crate) use together::{Loaded, Wanted};
