//! A server in memory with any number of processes, for tests: what [`Store`](super::contract::Store)
//! promises, on a clock that a test turns, and every promise can be broken.

mod clears;
mod connected;
mod content;
mod double;
mod expiring;
mod fault;
mod inside;
mod leases;
mod link;
mod lying;
mod pace;
mod process;
mod server;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

pub use fault::Fault;
pub use process::FarProcess;
pub use server::FarServer;
