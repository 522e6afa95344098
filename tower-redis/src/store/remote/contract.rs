//! The contract, in terms of Redis.

use crate::store::contract::{Answer, Store};
use crate::store::entry::{EntryId, Found, Lease, Leased, New, Place};
use crate::store::message::Told;
use crate::store::ops::{self, NAMED, Rejected};
use crate::store::pattern::Pattern;
use crate::store::token::{Given, Stamp, Token, TokenKey};
use crate::wire::Lane;

use super::handle::RedisStore;

/// How many keys one round trip names.
const AT_ONCE: usize = 4_096;

impl Store for RedisStore {
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Given>)> {
        if tokens.is_empty() && self.tells_life(at) {
            return Box::pin(self.found_alone(at));
        }
        Box::pin(self.found(at, tokens))
    }

    fn inspect<'a>(&'a self, at: &'a Place) -> Answer<'a, Found> {
        Box::pin(async move { Ok(self.found(at, &[]).await?.0) })
    }

    fn tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Given>> {
        Box::pin(async move {
            let ops = of.iter().map(|key| self.names.get_token(key)).collect();
            let texts = self.batch(Lane::Control, ops).await?.texts()?;
            self.complete(of, texts).await
        })
    }

    fn stamp(&self) -> Answer<'_, Stamp> {
        Box::pin(self.present_stamp())
    }

    fn lease<'a>(&'a self, at: &'a Place, rejected: Option<EntryId>) -> Answer<'a, Leased> {
        let rejected = rejected.map_or(Rejected::Nothing, Rejected::Entry);
        Box::pin(self.leased(at, rejected))
    }

    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased> {
        Box::pin(async {
            Ok(match self.leased(at, Rejected::Everything).await? {
                Leased::Granted(lease) => Leased::Granted(lease.anew()),
                other => other,
            })
        })
    }

    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>> {
        Box::pin(async move {
            if new.is_late() {
                return Ok(None);
            }
            self.store(at, Some(lease), new).await
        })
    }

    fn put<'a>(&'a self, at: &'a Place, new: &'a New) -> Answer<'a, Option<EntryId>> {
        Box::pin(async move {
            if !new.is_late() {
                return self.store(at, None, new).await;
            }
            let ops = vec![ops::discard(at), self.tell_of(std::slice::from_ref(at))];
            self.batch(Lane::Control, ops).await?.all_done()?;
            Ok(None)
        })
    }

    fn remove<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        Box::pin(async move {
            for places in at.chunks(AT_ONCE) {
                let mut ops: Vec<_> = places.iter().map(ops::remove).collect();
                ops.extend(places.chunks(NAMED).map(|places| self.tell_of(places)));
                self.batch(Lane::Control, ops).await?.all_done()?;
            }
            Ok(())
        })
    }

    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Token>> {
        Box::pin(async move {
            let mut replaced = Vec::with_capacity(of.len());
            for keys in of.chunks(AT_ONCE) {
                // raised first: what a load reads from here on is later than the stamp it has read
                let stamp = self.raise().await?;
                let draw = |key: &TokenKey| (key.clone(), Token::draw(stamp));
                let told: Vec<_> = keys.iter().map(draw).collect();
                replaced.extend(told.iter().map(|(_, token)| *token));
                let replace = |(key, token): &_| self.names.replace_token(key, *token);
                let mut ops: Vec<_> = told.iter().map(replace).collect();
                let tell = |told: &[_]| self.tell(&Told::Tokens(told.to_vec()));
                ops.extend(told.chunks(NAMED).map(tell));
                self.batch(Lane::Control, ops).await?.all_done()?;
            }
            Ok(replaced)
        })
    }

    fn remove_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64> {
        Box::pin(async move {
            let told = Told::Matching(pattern.clone());
            self.one(Lane::Control, self.tell(&told)).await?.done()?;
            // a load that began before has a lease that goes here, or a value that goes there
            self.sweep(&pattern.of_leases(), |_| true).await?;
            let removed = self.sweep(pattern, |_| true).await?;
            self.one(Lane::Control, self.tell(&told)).await?.done()?;
            Ok(removed)
        })
    }
}
