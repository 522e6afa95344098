//! The protocol of Redis as far as tests speak it: replies read and commands written by a few lines of
//! our own, so that what the library sends is looked at by something that shares no code with it.

pub(crate) mod client;
pub(crate) mod reply;

pub use client::Client;
pub use reply::Reply;
