//! Stands between a client and a server, counts what passes, and does to it what networks do.

mod connection;
mod counts;
mod door;
mod front;
mod rules;

pub use counts::Counts;
pub use door::Target;
pub use front::Proxy;
