//! The Redis of a toolkit.

use crate::limit::Shared;
use crate::wire::Wire;

/// The Redis of everything but perhaps the caches.
pub(super) struct Server {
    pub(super) wire: Wire,
    pub(super) limits: Shared,
}
