//! Everybody together.

use http::Request;

use crate::key::KeyWriter;
use crate::limit::{Policy, Quota};

use super::contract::{RequestKey, Unidentified};

/// All requests share one quota. It is the key that `limiter.check(&())` asks about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Global;

impl Policy<Global> {
    /// One quota for all requests, under the name `global`.
    pub fn global(quota: Quota) -> Self {
        Policy::new("global", quota).key(Global)
    }
}

impl RequestKey for Global {
    fn write<B>(&self, _: &Request<B>, _: &mut KeyWriter) -> Result<(), Unidentified> {
        Ok(())
    }
}
