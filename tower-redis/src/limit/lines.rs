//! Who waits for a permit of a key, one behind the other.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Turns, OwnedMutexGuard};

type Waiting = HashMap<Box<[u8]>, Arc<Turns<()>>, foldhash::fast::RandomState>;

/// The lines of one limiter. A key for which nobody waits has none.
#[derive(Default)]
pub(super) struct Lines(Mutex<Waiting>);

/// A place in the line of a key, until it is dropped.
pub(super) struct Place<'a> {
    lines: &'a Lines,
    key: &'a [u8],
    /// Fair: it is given to who asked first.
    turns: Arc<Turns<()>>,
}

/// It is at the head of its line.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(super) fn enter<'a>(&'a self, key: &'a [u8]) -> Place<'a> {
        let turns = Arc::clone(self.lock().entry(key.into()).or_default());
        Place {
            lines: self,
            key,
            turns,
        }
    }
}

impl Place<'_> {
    /// The turn, if nobody is before it.
    pub(super) fn now(&self) -> Option<Turn> {
        Arc::clone(&self.turns).try_lock_owned().ok()
    }

    /// The turn, once all who came before have passed or left.
    pub(super) async fn turn(&self) -> Turn {
        Arc::clone(&self.turns).lock_owned().await
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut lines = self.lines.lock();
        // this one and that of the map: whoever enters does it under the lock
        if Arc::strong_count(&self.turns) == 2 {
            lines.remove(self.key);
        }
    }
}

// keys may be secrets
impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}
