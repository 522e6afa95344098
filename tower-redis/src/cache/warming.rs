//! Loading one key before anybody asks for it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tracing::Instrument as _;

use crate::timers::at_most;

use super::engine::Engine;
use super::hold::Hold;
use super::lineage::is_within_load;
use super::look::Begun;
use super::made::Made;
use super::share::ByClone;
use super::status::Status;
use super::terms::Call;
use super::turn::Next;

/// How long a key stands back at most: loads that hang, or never cease, would keep it waiting for ever.
const PATIENCE: Duration = Duration::from_secs(1);

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Warmth {
    Loaded,
    Found,
    Skipped,
    Failed,
}

impl<V: Hold> Engine<V> {
    /// Loads `key` unless it is fresh, and not while somebody else loads.
    pub(super) async fn warm<E, F, Fut>(&self, key: &[u8], load: F) -> Warmth
    where
        E: Clone + Send + Sync + 'static,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Made<V>, E>>,
    {
        // the load that it is a part of does not end before it
        if !is_within_load() {
            at_most(PATIENCE, pin!(self.core().calm.wait())).await;
        }
        let call = &Call::default();
        let waits = match self.begin::<ByClone, E>(key, call) {
            Begun::Bypass => return Warmth::Skipped,
            Begun::Answer(answer) if answer.status == Status::Near => return Warmth::Skipped,
            // its load has failed a moment ago
            Begun::Answer(_) => return Warmth::Failed,
            Begun::Go(waits) => waits,
        };
        match self.take_turn::<ByClone, E>(key, call, waits).await {
            Next::Answer(answer) if answer.value.is_ok() => Warmth::Found,
            Next::Answer(_) => Warmth::Failed,
            Next::Load(loading) => {
                let attempt = self.attempt_quietly(|| self.rest_after_panic(key, &loading));
                let (node, span) = (loading.flight.permit.node(), self.load_span());
                let load = async { load().await }.instrument(span);
                let loaded = node.around(load).await;
                let took = attempt.ended(loaded.is_ok());
                let end = self.end::<ByClone, E>(key, call, loading, took, loaded);
                let answer = end.await;
                // something stale may answer in place of a load that failed
                if answer.status == Status::Loaded && answer.value.is_ok() {
                    Warmth::Loaded
                } else {
                    Warmth::Failed
                }
            }
        }
    }
}
