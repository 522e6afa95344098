//! The layer around a scripted origin, with the clock in hand.

mod origin;

mod bodies;
mod freshness;
mod invalidation;
mod misses;
mod safety;
mod stacks;
mod storing;
mod validation;
mod vary;
