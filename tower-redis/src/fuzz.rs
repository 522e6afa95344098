//! What the fuzz targets call: any bytes, and what has to hold of them.

pub use crate::middleware::http_cache::fuzz::{
    cache_control, cdn_cache_control, http_date, ranges, stored_response, vary,
};
