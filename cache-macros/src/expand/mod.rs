//! Intent to tokens. Nothing here can fail: what could has been refused before.
//!
//! Generated names are those of the user's scope, except for local variables, which no code of the
//! user's can see or shadow.

mod attributes;
mod body;
mod cached;
mod closure;
mod companion;
mod companions;
mod docs;
mod generics;
mod hidden;
mod invalidates;
mod keyed;
mod load;
mod local;
mod parts;
mod place;
mod rated;
mod rule;
mod shape;
mod stale;
mod uncached;

pub(crate) use cached::cached;
pub(crate) use invalidates::invalidates;
pub(crate) use keyed::keyed;
pub(crate) use rated::rated;
