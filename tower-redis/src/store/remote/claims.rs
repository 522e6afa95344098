//! Who removes what a foreign message named.

use std::time::Duration;

use bytes::Bytes;

use crate::error::Error;
use crate::store::contract::Answer;
use crate::store::foreign::{CLAIM, Claim, Clears};
use crate::store::message::Told;
use crate::store::ops::NAMED;
use crate::store::pattern::Pattern;
use crate::store::prefixes::Prefixes;
use crate::wire::{Lane, Op};

use super::handle::RedisStore;

impl Clears for RedisStore {
    fn claim<'a>(&'a self, prefixes: &'a [Bytes]) -> Answer<'a, Vec<Claim>> {
        Box::pin(async move {
            let (by, mut claims) = (self.watch.instance(), Vec::with_capacity(prefixes.len()));
            for prefixes in prefixes.chunks(NAMED) {
                let ops = prefixes.iter();
                let ops = ops.flat_map(|prefix| self.names.claim(prefix, by, CLAIM));
                let mut replies = self.batch(Lane::Control, ops.collect()).await?;
                for _ in prefixes {
                    let got = replies.flag()?;
                    let whose = replies.text()?;
                    let left = replies.left()?;
                    // an earlier answer may have been lost
                    let ours = got || whose.is_some_and(|whose| whose == by.to_string());
                    claims.push(if ours {
                        Claim::Ours
                    } else {
                        Claim::Theirs(left.unwrap_or(CLAIM))
                    });
                }
            }
            Ok(claims)
        })
    }

    fn hold<'a>(&'a self, prefixes: &'a [Bytes], time: Duration) -> Answer<'a, ()> {
        Box::pin(self.each(prefixes, move |prefix| self.names.hold(prefix, time)))
    }

    fn say<'a>(&'a self, told: &'a [Told]) -> Answer<'a, ()> {
        Box::pin(self.each(told, |told| self.tell(told)))
    }

    fn clear<'a>(&'a self, prefixes: &'a [Bytes]) -> Answer<'a, u64> {
        Box::pin(async move {
            let told = |prefix: &Bytes| self.tell(&Told::Matching(Pattern::prefix(prefix)));
            self.each(prefixes, told).await?;
            let meant = Prefixes::new(prefixes);
            let around = meant.around();
            // in the order that `remove_matching` has
            self.sweep(&around.of_leases(), |lease| meant.start_key_of(lease))
                .await?;
            let removed = self.sweep(&around, |key| meant.start(key)).await?;
            self.each(prefixes, told).await?;
            Ok(removed)
        })
    }
}

impl RedisStore {
    /// Asks for something about each of `several`, a number of them in each round trip.
    async fn each<T>(&self, several: &[T], op: impl Fn(&T) -> Op) -> Result<(), Error> {
        for some in several.chunks(NAMED) {
            let ops = some.iter().map(&op).collect();
            self.batch(Lane::Control, ops).await?.all_done()?;
        }
        Ok(())
    }
}
