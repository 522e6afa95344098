//! The far tier in Redis.

mod claims;
mod contract;
mod handle;
mod sweep;
mod tier;
mod tokens;
mod values;
