//! The far tier in Redis.

mod claims;
mod contract;
mod fleet;
mod handle;
mod many;
mod sweep;
mod tier;
mod tokens;
mod values;
