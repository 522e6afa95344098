//! What a toolkit is connected to.

use crate::cache::far::FarSettings;
use crate::cache::tagging::Tagging;
use crate::pubsub::Bus;

#[cfg(feature = "redis")]
use crate::wire::Wire;

#[cfg(feature = "redis")]
use super::server::Server;

/// Everything that leads out of this process; by default nothing does.
pub(crate) struct Connections {
    pub(super) tags: Tagging,
    pub(super) far: Option<FarSettings>,
    pub(super) bus: Bus,
    #[cfg(feature = "redis")]
    pub(super) server: Option<Server>,
    /// The way to a Redis that caches have for themselves.
    #[cfg(feature = "redis")]
    pub(super) caches_own: Option<Wire>,
}

impl Connections {
    /// None: everything stays in this process.
    pub(crate) fn none() -> Self {
        Self {
            tags: Tagging::default(),
            far: None,
            bus: Bus::local(),
            #[cfg(feature = "redis")]
            server: None,
            #[cfg(feature = "redis")]
            caches_own: None,
        }
    }
}
