//! Syntax to intent: every rule and every message.

mod arguments;
mod cached;
mod choices;
mod examples;
mod function;
mod key;
mod load;
mod part;
mod returns;
mod stale;
mod tags;
mod ttl;
mod when;
mod wishes;
mod writer;

pub(crate) use cached::{Cached, Home, cached};
pub(crate) use function::mentions;
pub(crate) use key::Key;
pub(crate) use load::{Load, Owner, Owning};
pub(crate) use part::Part;
pub(crate) use stale::{Stale, What};
pub(crate) use tags::Tag;
pub(crate) use ttl::Ttl;
pub(crate) use when::When;
pub(crate) use writer::{Runs, Writer, writer};
