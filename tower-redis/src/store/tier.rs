//! The far tier as a whole.

use std::sync::Arc;

#[cfg(feature = "redis")]
use crate::clock::Clock;
#[cfg(feature = "redis")]
use crate::wire::Wire;

use super::contract::Store;
#[cfg(feature = "redis")]
use super::message::Instance;
use super::names::Names;
#[cfg(feature = "redis")]
use super::pending::Remembering;
#[cfg(feature = "redis")]
use super::redis::RedisStore;
use super::watch::Watch;

/// What a process shares with others, and what it hears of them.
#[derive(Debug, Clone)]
pub(crate) struct FarTier {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) names: Names,
}

#[cfg(feature = "redis")]
impl FarTier {
    /// The far tier in the Redis behind `wire`. It listens from now on, so that the first lookups may trust
    /// what they find, and waits for nothing.
    pub(crate) fn over(wire: Wire, names: Names, clock: Clock) -> Self {
        let watch = Arc::new(Watch::new(Instance::draw(), &names, clock.clone()));
        let home = wire.downgrade();
        let spawn = move |task| {
            if let Some(wire) = home.upgrade() {
                wire.spawn(task);
            }
        };
        let store = RedisStore::new(wire, names.clone(), Arc::clone(&watch));
        let store = Arc::new(store);
        let calls: Arc<dyn Store> = Arc::clone(&store) as _;
        let remembering = Remembering::over(
            calls,
            Arc::clone(&watch),
            names.clone(),
            clock,
            Box::new(spawn),
        );
        store.listen();
        Self {
            store: remembering,
            watch,
            names,
        }
    }
}
