//! A far tier for the caches of a toolkit.

use std::sync::{Arc, Weak};

use crate::cache::far::{FarSettings, Outage};
use crate::cache::tagging::{Ear, Tagging};
use crate::cache::tags::Tags;
use crate::config;
use crate::config::CacheSettings;
use crate::store::{FarTier, Hears};

use super::connections::Connections;

impl Connections {
    /// The caches share `tier`.
    pub(super) fn share_caches(&mut self, tier: FarTier, settings: &CacheSettings) {
        let cells = Arc::<Tags>::default();
        let ear = Arc::new(Ear {
            cells: Arc::clone(&cells),
        });
        let weak: Weak<dyn Hears> = Arc::<Ear>::downgrade(&ear);
        tier.watch.listen(weak);
        self.tags = Tagging {
            cells,
            far: Some(Arc::clone(&tier.store)),
            ear: Some(ear),
        };
        self.far = Some(FarSettings {
            tier,
            claims: Arc::default(),
            outage: outage(settings),
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
