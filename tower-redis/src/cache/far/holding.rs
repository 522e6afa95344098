//! Being the one of all processes who loads.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::store::{Lease, Place, Store};

/// How long the others wait for a leader that is not heard of.
pub(super) const HOLD: Duration = Duration::from_millis(300);

/// Held by the one process that loads: keeps the others waiting as long as it lives, and tells them how it
/// ended.
pub(super) struct Holding {
    store: Arc<dyn Store>,
    place: Place,
    lease: Lease,
    runtime: Handle,
    renewing: AbortHandle,
    end: End,
}

/// How a load ended.
#[derive(Debug, Clone, Copy)]
enum End {
    /// It was given up: the next who asks takes over.
    GivenUp,
    /// It failed, or brought nothing to store: for so long nobody loads for all.
    Failed(Duration),
    /// What it brought is stored, or refused: the others have been told.
    Filled,
}

impl Holding {
    /// Keeps `lease` from now on. `None` outside a Tokio runtime.
    pub(super) fn begin(store: &Arc<dyn Store>, place: &Place, lease: &Lease) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let held = (Arc::clone(store), place.clone(), lease.clone());
        let renewing = runtime.spawn(async move {
            let (store, place, lease) = held;
            loop {
                tokio::time::sleep(HOLD / 3).await;
                // one that gets no answer is tried again; one that is not ours any more is let go
                if let Ok(false) = store.renew(&place, &lease, HOLD).await {
                    return;
                }
            }
        });
        Some(Self {
            store: Arc::clone(store),
            place: place.clone(),
            lease: lease.clone(),
            runtime,
            renewing: renewing.abort_handle(),
            end: End::GivenUp,
        })
    }

    /// The load failed, or what it brought is not stored.
    pub(super) fn failed(mut self, rest: Duration) {
        self.end = End::Failed(rest);
    }

    /// What it brought is stored, or was refused.
    pub(super) fn filled(mut self) {
        self.end = End::Filled;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.renewing.abort();
        if let End::Filled = self.end {
            return;
        }
        let (end, store) = (self.end, Arc::clone(&self.store));
        let (place, lease) = (self.place.clone(), self.lease.clone());
        // where the runtime is gone, the others wait for as long as the lease is held
        self.runtime.spawn(async move {
            let told = match end {
                End::Failed(rest) => store.fail(&place, &lease, rest).await,
                End::GivenUp | End::Filled => store.release(&place, &lease).await,
            };
            if let Err(error) = told {
                tracing::debug!(%error, "the end of a load could not be told");
            }
        });
    }
}

impl fmt::Debug for Holding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holding")
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
