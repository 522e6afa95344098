//! Who removes what a foreign message named.

use std::time::Duration;

use crate::store::contract::{Answer, Store};
use crate::store::foreign::{CLAIM, Claim, Clears};
use crate::store::message::Told;
use crate::store::pattern::Pattern;
use crate::wire::Lane;

use super::handle::RedisStore;

impl Clears for RedisStore {
    fn claim<'a>(&'a self, prefix: &'a [u8]) -> Answer<'a, Claim> {
        Box::pin(async move {
            let ops = self.names.claim(prefix, self.watch.instance(), CLAIM);
            let mut replies = self.batch(Lane::Control, ops.into()).await?;
            if replies.flag()? {
                return Ok(Claim::Ours);
            }
            Ok(Claim::Theirs(replies.left()?.unwrap_or(CLAIM)))
        })
    }

    fn hold<'a>(&'a self, prefix: &'a [u8], time: Duration) -> Answer<'a, ()> {
        Box::pin(async move {
            let op = self.names.hold(prefix, time);
            self.one(Lane::Control, op).await?.done()
        })
    }

    fn say<'a>(&'a self, told: &'a Told) -> Answer<'a, ()> {
        Box::pin(async move { self.one(Lane::Control, self.tell(told)).await?.done() })
    }

    fn clear<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64> {
        self.remove_matching(pattern)
    }
}
