//! A `redis-server` of a test's own.

mod answers;
mod loading;
mod options;
mod place;
mod server;

pub use options::RedisOptions;
pub use server::RedisServer;

pub(crate) use options::Login;
pub(crate) use place::url_at;
