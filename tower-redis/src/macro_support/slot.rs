//! Where the cache of one function is kept.

use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::cache::builder::Surroundings;
use crate::cache::engine::Engine;
use crate::cache::tags::Tags;
use crate::clock::Clock;

/// Stands in until the toolkit's own slot is there.
#[derive(Debug)]
pub struct Slot(OnceLock<Arc<dyn Any + Send + Sync>>);

impl Slot {
    /// An empty slot.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "made in a static")]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(super) fn with<V: Clone + Send + Sync + 'static, R>(
        &'static self,
        make: impl FnOnce(&Surroundings) -> Engine<V>,
        f: impl FnOnce(&Engine<V>) -> R,
    ) -> R {
        let surroundings = || Surroundings {
            enabled: true,
            default_ttl: Duration::from_secs(3600),
            tags: Arc::new(Tags::default()),
            clock: Clock::system(),
        };
        let any = self.0.get_or_init(|| Arc::new(make(&surroundings())));
        f(any.downcast_ref::<Engine<V>>().unwrap())
    }
}
