//! Intent to tokens. Nothing here can fail: what could has been refused before.
//!
//! Generated names are those of the user's scope, except for local variables, which no code of the
//! user's can see or shadow.

mod attributes;
mod body;
mod cached;
mod companion;
mod companions;
mod docs;
mod generics;
mod hidden;
mod invalidates;
mod load;
mod local;
mod parts;
mod place;
mod shape;
mod stale;
mod uncached;

pub(crate) use cached::cached;
pub(crate) use invalidates::invalidates;
