//! A small service whose answers come from the caches and limits of tower-redis.
//!
//! [`app`] is the router, for tests as well as for [`run`], which is the whole program.

mod app;
mod dotenv;
mod extract;
mod input;
mod log;
mod problem;
mod recent;
mod routes;
mod run;
mod serve;
mod settings;
mod state;
mod timestamp;
mod user;

pub use app::app;
pub use run::run;
pub use serve::serve;
pub use settings::{Settings, Work};
