//! The layer: what is made once for all services.

use std::sync::{Arc, OnceLock};

use tower_layer::Layer;

use crate::cache::CacheStats;
use crate::cache::assembly::Surroundings;

use super::purge::Purger;
use super::service::CacheService;
use super::settings::Settings;
use super::shared::Shared;

/// Puts an HTTP cache around a service; made by `Toolkit::cache_layer`. See the [module](super).
///
/// All services it makes, and those of its clones, share what is stored. The methods that set it up
/// come before that: each of them gives a layer with an empty store.
///
/// Two layers that keep different things have to have different [names](Self::name) where there is Redis: those of
/// one name share what lies there, in this process and in others. In one process the second of two with one name,
/// made while the first is in use, logs an error and keeps what it has in memory.
// an axum router clones the layers of a handler for each request
#[derive(Debug, Clone)]
pub struct CacheLayer(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    settings: Settings,
    surroundings: Surroundings,
    /// Made when it is first needed: until then the settings may change.
    shared: OnceLock<Arc<Shared>>,
}

impl CacheLayer {
    pub(crate) fn new(surroundings: Surroundings) -> Self {
        Self::of(Settings::default(), surroundings)
    }

    fn of(settings: Settings, surroundings: Surroundings) -> Self {
        Self(Arc::new(Parts {
            settings,
            surroundings,
            shared: OnceLock::new(),
        }))
    }

    /// What the cache has done since its first service was made.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        self.shared().engine.stats()
    }

    /// What removes stored responses, in every process that shares them.
    #[must_use]
    pub fn purger(&self) -> Purger {
        Purger::new(Arc::clone(self.shared()))
    }

    pub(super) fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let Parts {
            settings,
            surroundings,
            ..
        } = &*self.0;
        let mut settings = settings.clone();
        change(&mut settings);
        Self::of(settings, surroundings.clone())
    }

    fn shared(&self) -> &Arc<Shared> {
        let Parts {
            settings,
            surroundings,
            shared,
        } = &*self.0;
        shared.get_or_init(|| Arc::new(settings.shared(surroundings)))
    }
}

impl<S> Layer<S> for CacheLayer {
    type Service = CacheService<S>;

    fn layer(&self, inner: S) -> CacheService<S> {
        CacheService::new(inner, Arc::clone(self.shared()))
    }
}

impl CacheLayer {
    /// What all services of this layer share, for services of another kind.
    pub(super) fn handle(&self) -> Arc<Shared> {
        Arc::clone(self.shared())
    }
}
