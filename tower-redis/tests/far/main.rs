//! Caches of several processes over one far tier, here a Redis in memory whose clock a test turns.

mod exact;
mod invalidation;
mod lookups;
mod outage;
mod support;
mod tags;
