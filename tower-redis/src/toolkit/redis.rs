//! The Redis that a toolkit's settings name.

use crate::clock::Clock;
use crate::config::{RedisSettings, Settings};
use crate::limit::Shared;
use crate::pubsub::Bus;
use crate::store::{FarTier, Names};
use crate::wire::Wire;

use super::connections::Connections;
use super::server::Server;

/// Connects nothing yet: each connection is made when it is needed first.
pub(super) fn connections(settings: &Settings, clock: &Clock) -> Connections {
    let mut connections = Connections::none();
    let everything = settings.redis.as_ref();
    let wire = everything.map(|settings| Wire::new(settings, clock));
    // also where caching is off: what this process invalidates others may have
    let of_caches = match (&settings.cache.redis, everything, &wire) {
        (Some(own), _, _) => Some((own, Wire::new(own, clock))),
        (None, Some(settings), Some(wire)) => Some((settings, wire.clone())),
        (None, _, _) => None,
    };
    if let Some((server, wire)) = of_caches {
        connections.caches_own = settings.cache.redis.is_some().then(|| wire.clone());
        connections.share_caches(tier(server, wire, clock), &settings.cache);
    }
    if let (Some(settings), Some(wire)) = (everything, wire) {
        connections.bus = Bus::redis(&wire, &settings.namespace);
        connections.server = Some(Server {
            limits: Shared::new(wire.clone(), &settings.namespace),
            wire,
        });
    }
    connections
}

fn tier(settings: &RedisSettings, wire: Wire, clock: &Clock) -> FarTier {
    let names = Names::new(&settings.namespace, settings.server.database.into());
    FarTier::over(wire, names, clock.clone())
}
