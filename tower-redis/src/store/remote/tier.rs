//! Everything that belongs to a far tier in Redis, put together.

use std::sync::Arc;

use crate::clock::Clock;
use crate::store::background::{Apart, Spawn};
use crate::store::foreign::{Clears, Foreign, Waiting};
use crate::store::message::Instance;
use crate::store::names::Names;
use crate::store::pending::Remembering;
use crate::store::tier::FarTier;
use crate::store::watch::Watch;
use crate::wire::Wire;

use super::handle::RedisStore;

impl FarTier {
    /// The far tier in the Redis behind `wire`. It listens from now on, so that the first lookups may trust
    /// what they find, and waits for nothing.
    pub(crate) fn over(wire: Wire, names: Names, clock: Clock) -> Self {
        let watch = Arc::new(Watch::new(Instance::draw(), &names, clock.clone()));
        let (spawn, background) = (spawner(&wire), (spawner(&wire), apart(&wire)));
        let store = Arc::new(RedisStore::new(wire, names.clone(), Arc::clone(&watch)));
        let pause = |time| -> Waiting { Box::pin(tokio::time::sleep(time)) };
        let clears: Arc<dyn Clears> = Arc::<RedisStore>::clone(&store);
        let foreign = Foreign::new(clears, Arc::clone(&watch), spawn, pause);
        let remembering = Remembering::over(
            Arc::<RedisStore>::clone(&store),
            Arc::clone(&watch),
            names.clone(),
            clock,
            background,
            foreign,
        );
        // not before somebody hears what is to be done once it is connected
        store.listen();
        Self {
            store: remembering,
            watch,
            names,
        }
    }
}

/// Runs things on the home thread, as long as somebody else keeps the wire.
fn spawner(wire: &Wire) -> Spawn {
    let home = wire.downgrade();
    Box::new(move |task| {
        if let Some(wire) = home.upgrade() {
            wire.spawn(task);
        }
    })
}

/// Runs things there and waits for them.
fn apart(wire: &Wire) -> Apart {
    let home = wire.downgrade();
    Box::new(move |task| {
        let home = home.clone();
        Box::pin(async move {
            if let Some(wire) = home.upgrade() {
                // what cannot run there is dropped, and has failed
                let _ = wire.at_home(task).await;
            }
        })
    })
}
