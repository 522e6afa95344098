//! A shared cache as the RFCs describe it, slow and plain, on strings and whole seconds.
//!
//! It has nothing of the library's. Where RFC 9111 lets a cache choose, these are the choices:
//!
//! CHOICES
mod cache;
mod conditions;
mod date;
mod dictionary;
mod directives;
mod freshness;
mod storing;

pub(crate) use cache::{Reference, Verdict};
pub(crate) use date::{asctime, imf, rfc850};
pub(crate) use directives::Directives;
