//! What a load is bringing, while it is on its way.

use std::num::NonZeroU64;
use std::sync::Arc;

use tokio::sync::watch;

use crate::cache::lineage::Node;

use super::leader::Basis;
use super::outcome::{Follower, Outcome};

/// What a load is bringing: its waiters have it already, and others may have it too.
#[derive(Debug)]
pub(super) struct Coming<V> {
    pub(super) number: NonZeroU64,
    pub(super) basis: Basis,
    /// Who takes it waits for this load until the end of it has come.
    pub(super) node: Arc<Node>,
    pub(super) value: V,
}

impl<V: Clone> Coming<V> {
    /// `None` when the caller is itself what this load waits for.
    pub(super) fn follow(&self) -> Option<Follower<V>> {
        let waiting = self.node.wait()?;
        let told = Some(Outcome::Value(self.value.clone()));
        let (_, outcome) = watch::channel(told);
        Some(Follower { outcome, waiting })
    }
}
