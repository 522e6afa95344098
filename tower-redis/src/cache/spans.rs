//! Loads as spans: at the level of `debug`, with nothing in them but the name of the cache.

use tracing::Span;

use super::engine::Engine;
use super::hold::Hold;

impl<V: Hold> Engine<V> {
    /// A load that somebody waits for.
    pub(super) fn load_span(&self) -> Span {
        tracing::debug_span!("cache.load", cache = self.name())
    }

    /// A load of what is there.
    pub(super) fn refresh_span(&self) -> Span {
        tracing::debug_span!("cache.refresh", cache = self.name())
    }
}
