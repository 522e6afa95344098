//! Limiters over a real server, and without one.

mod bans;
mod gathered;
mod keys;
mod outage;
mod refusal;
mod sets;
mod sharing;
mod support;
mod together;
mod traps;
