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
    /// Not while a caller waits for it: what is then left is owed, and done where nobody waits.
    async fn patiently(&self, ops: Vec<Op>) -> Result<Replies, Error> {
        const MORE: usize = 2;
        let more = if self.wire.is_at_home() { MORE } else { 0 };
        for _ in 0..more {
            match self.batch(Lane::Cache, ops.clone()).await {
                Err(error) if error.is_timeout() => {}
                other => return other,
            }
        }
        self.batch(Lane::Cache, ops).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ::tests::{Proxy, RedisServer, Target, eventually_async};

    use super::*;
    use crate::clock::Clock;
    use crate::config::RedisSettings;
    use crate::store::contract::Store;
    use crate::store::message::Instance;
    use crate::store::names::Names;
    use crate::store::watch::Watch;
    use crate::wire::Wire;

    #[tokio::test]
    async fn a_caller_waits_for_one_answer_and_who_scans_for_nobody_for_three() {
        let server = RedisServer::start();
        let proxy = Proxy::before(Target::Unix(server.socket()));
        let clock = Clock::system();
        let wire = Wire::new(&RedisSettings::of(&proxy.url(), "500ms"), &clock);
        let names = Names::new("tr", 0);
        let watch = Watch::new(Instance::draw(), &names, clock);
        let store = Arc::new(RedisStore::new(wire.clone(), names, Arc::new(watch)));
        let answers = async |lane| {
            let ping = || {
                let wire = wire.clone();
                async move { wire.one(lane, Op::keyless("PING")).await }
            };
            eventually_async("a call is answered", ping).await;
            let at_home = || async { wire.at_home(ping()).await.unwrap() };
            eventually_async("a call is answered at home", at_home).await;
        };
        let remove = || {
            let store = Arc::clone(&store);
            async move { store.remove_matching(&Pattern::prefix(b"a:")).await }
        };
        // nothing comes back any more where it scans
        answers(Lane::Cache).await;
        proxy.black_hole();
        proxy.restore();
        answers(Lane::Control).await;
        let before = wire.state().timeouts;
        let error = remove().await.unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!(wire.state().timeouts, before + 1);
        let error = wire.at_home(remove()).await.unwrap().unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!(wire.state().timeouts, before + 4);
    }
}
