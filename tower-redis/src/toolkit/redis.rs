//! The Redis that a toolkit's settings name.

use crate::clock::Clock;
use crate::config::Settings;
use crate::error::Error;
use crate::limit::Shared;
use crate::pubsub::Bus;
use crate::wire::Wire;

use super::connections::Connections;

/// The Redis of everything but perhaps the caches.
pub(super) struct Server {
    pub(super) wire: Wire,
    pub(super) limits: Shared,
}

/// Connects nothing yet: each connection is made when it is needed first.
pub(super) fn connections(settings: &Settings, clock: &Clock) -> Result<Connections, Error> {
    let mut connections = Connections::none();
    let everything = settings.redis.as_ref();
    let wire = everything
        .map(|settings| Wire::new(settings, clock))
        .transpose()?;
    if let (Some(settings), Some(wire)) = (everything, wire) {
        connections.bus = Bus::redis(&wire, &settings.namespace);
        connections.server = Some(Server {
            limits: Shared::new(wire.clone(), &settings.namespace),
            wire,
        });
    }
    Ok(connections)
}
