//! What the cache keeps for one URI, as the engine holds it.

use std::sync::Arc;
use std::time::Duration;

use crate::cache::hold::Hold;
use crate::clock::Moment;

use super::variants::Variants;

/// What the cache keeps for one URI, as the engine holds it.
#[derive(Debug, Clone)]
pub(crate) struct Kept(Arc<Variants>);

impl Hold for Kept {
    type Value = Arc<Variants>;

    fn hold(value: Arc<Variants>) -> Self {
        Self(value)
    }

    fn value(&self) -> &Arc<Variants> {
        &self.0
    }

    fn into_value(self) -> Arc<Variants> {
        self.0
    }

    fn arrived(self, left: Option<Duration>, now: Moment) -> Self {
        // it has just been read, so nobody else has it
        match Arc::try_unwrap(self.0) {
            Ok(variants) => Self(Arc::new(variants.arrived(left, now))),
            Err(shared) => Self(shared),
        }
    }
}
