//! Limiters over a real server, and without one.

mod gathered;
mod keys;
mod outage;
mod refusal;
mod sharing;
mod support;
mod together;
mod traps;
