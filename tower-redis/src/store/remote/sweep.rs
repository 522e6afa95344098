//! Removing by pattern.

use bytes::Bytes;

use crate::error::Error;
use crate::store::ops;
use crate::store::pattern::Pattern;
use crate::store::redis::Replies;
use crate::wire::{Lane, Op};

use super::handle::RedisStore;

impl RedisStore {
    /// Removes what matches and is `meant`, and tells how much that was.
    pub(super) async fn sweep(
        &self,
        pattern: &Pattern,
        meant: impl Fn(&[u8]) -> bool,
    ) -> Result<u64, Error> {
        let mut removed = 0;
        let mut next = Some(Bytes::from_static(b"0"));
        let mut page = Vec::new();
        while next.is_some() || !page.is_empty() {
            let mut ops: Vec<_> = page.iter().map(|key: &Bytes| ops::unlink(key)).collect();
            ops.extend(next.as_ref().map(|cursor| ops::scan(cursor, pattern)));
            let mut replies = self.patiently(ops).await?;
            for _ in page.drain(..) {
                removed += replies.count()?;
            }
            if next.is_some() {
                (next, page) = replies.page()?;
                page.retain(|key| meant(key));
            }
        }
        Ok(removed)
    }

    /// One answer that comes too late does not make a long scan begin again: a step may be taken twice.
    async fn patiently(&self, ops: Vec<Op>) -> Result<Replies, Error> {
        const TIMES: usize = 3;
        for _ in 1..TIMES {
            match self.batch(Lane::Cache, ops.clone()).await {
                Err(error) if error.is_timeout() => {}
                other => return other,
            }
        }
        self.batch(Lane::Cache, ops).await
    }
}
