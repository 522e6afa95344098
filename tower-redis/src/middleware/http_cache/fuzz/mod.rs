//! What the fuzz targets call: each function takes any bytes, and panics where something does not hold that has to
//! hold of all. What is read is held against a second reader, in `plain/`, that is written from the RFC one byte after
//! the other. See "Fuzzing" in `CONTRIBUTING.md`.

mod cache_control;
mod form;
mod lines;
mod plain;
mod ranges;
mod targeted;
mod time;
mod vary;

pub use cache_control::cache_control;
pub use form::stored_response;
pub use ranges::ranges;
pub use targeted::cdn_cache_control;
pub use time::http_date;
pub use vary::vary;
