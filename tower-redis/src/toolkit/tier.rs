//! A far tier for the caches of a toolkit.

use std::sync::Arc;

use crate::cache::far::{FarSettings, Outage};
use crate::cache::tagging::{Ear, Tagging};
use crate::cache::tags::Tags;
use crate::clock::Clock;
use crate::config;
use crate::config::CacheSettings;
use crate::store::{Hears, Names, Store, Watch};

use super::connections::Connections;

/// A far tier: the store, what is heard of it, and how keys are called there.
pub(super) struct Tier {
    pub(super) store: Arc<dyn Store>,
    pub(super) watch: Arc<Watch>,
    pub(super) names: Names,
}

impl Connections {
    /// The caches share `tier`.
    pub(super) fn share_caches(&mut self, tier: Tier, settings: &CacheSettings, clock: &Clock) {
        let cells = Arc::<Tags>::default();
        let ear: Arc<dyn Hears> = Arc::new(Ear {
            cells: Arc::clone(&cells),
            watch: Arc::clone(&tier.watch),
            clock: clock.clone(),
        });
        tier.watch.listen(Arc::downgrade(&ear));
        self._ear = Some(ear);
        self.tags = Tagging {
            cells,
            far: Some(Arc::clone(&tier.store)),
        };
        self.far = Some(FarSettings {
            store: tier.store,
            watch: tier.watch,
            names: tier.names,
            outage: outage(settings),
            compress_from: settings.compress_from.unwrap_or(usize::MAX),
        });
    }
}

fn outage(settings: &CacheSettings) -> Outage {
    match settings.outage {
        config::Outage::Strict => Outage::Strict,
        config::Outage::Grace => Outage::Grace {
            grace: settings.outage_grace,
            ttl: settings.outage_ttl,
        },
    }
}
