//! Syntax to intent: every rule and every message.

mod arguments;
mod cached;
mod examples;
mod forms;
mod function;
mod handles;
mod key;
mod knobs;
mod lasting;
mod load;
mod options;
mod params;
mod part;
mod returns;
mod stale;
mod tags;
mod types;
mod when;
mod wishes;
mod writer;

pub(crate) use cached::{Cached, Home, Place, cached};
pub(crate) use function::mentions;
pub(crate) use key::Key;
pub(crate) use knobs::{Knob, Turn};
pub(crate) use lasting::Lasting;
pub(crate) use load::{Keeper, Load, Owning};
pub(crate) use options::Setup;
pub(crate) use params::Param;
pub(crate) use part::Part;
pub(crate) use returns::Runs;
pub(crate) use stale::{Stale, What};
pub(crate) use tags::Tag;
pub(crate) use when::When;
pub(crate) use writer::{Writer, writer};
