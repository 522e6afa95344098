//! The far tier as a whole.

use std::sync::Arc;

use super::contract::Store;
use super::names::Names;
use super::watch::Watch;

/// What a process shares with others, and what it hears of them.
#[derive(Debug, Clone)]
pub(crate) struct FarTier {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) names: Names,
}
