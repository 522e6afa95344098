//! The contract, in terms of Redis.

use std::time::Duration;

use crate::store::contract::{Answer, Store};
use crate::store::entry::{EntryId, Found, Lease, Leased, New, Place};
use crate::store::message::Told;
use crate::store::ops::{self, Claim, NAMED, Rejected};
use crate::store::pattern::Pattern;
use crate::store::token::{Given, Part, Stamp, Token, TokenKey};
use crate::wire::Lane;

use super::handle::RedisStore;
use super::many::AT_ONCE;

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

    fn get_many<'a>(
        &'a self,
        at: &'a [Place],
        tokens: &'a [TokenKey],
    ) -> Answer<'a, (Vec<Found>, Vec<Given>)> {
        Box::pin(self.found_many(at, tokens))
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

    fn lease_many<'a>(&'a self, wanted: &'a [(Place, Option<EntryId>)]) -> Answer<'a, Vec<Leased>> {
        Box::pin(self.leased_many(wanted))
    }

    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased> {
        Box::pin(async {
            Ok(match self.leased(at, Rejected::Everything).await? {
                Leased::Granted(lease) => Leased::Granted(lease.anew()),
                other => other,
            })
        })
    }

    fn lease_fleet<'a>(
        &'a self,
        at: &'a Place,
        rejected: Option<EntryId>,
        hold: Duration,
    ) -> Answer<'a, Leased> {
        let rejected = rejected.map_or(Rejected::Nothing, Rejected::Entry);
        Box::pin(self.leased_for_all(at, rejected, hold))
    }

    fn renew<'a>(&'a self, at: &'a Place, lease: &'a Lease, hold: Duration) -> Answer<'a, bool> {
        Box::pin(self.renewed(at, lease, hold))
    }

    fn fail<'a>(&'a self, at: &'a Place, lease: &'a Lease, throttle: Duration) -> Answer<'a, ()> {
        Box::pin(self.settled(at, lease, Claim::Failed(throttle)))
    }

    fn release<'a>(&'a self, at: &'a Place, lease: &'a Lease) -> Answer<'a, ()> {
        Box::pin(self.settled(at, lease, Claim::Released))
    }

    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>> {
        Box::pin(async move {
            if new.is_late() {
                self.settled(at, lease, Claim::Released).await?;
                return Ok(None);
            }
            self.store(at, Some(lease), new).await
        })
    }

    fn fill_many<'a>(
        &'a self,
        entries: &'a [(Place, Lease, New)],
    ) -> Answer<'a, Vec<Option<EntryId>>> {
        Box::pin(self.filled_many(entries))
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

    fn touch<'a>(&'a self, at: &'a Place, keep: Duration) -> Answer<'a, ()> {
        Box::pin(async move {
            let touched = self.one(Lane::Control, ops::touch(at, keep)).await;
            touched?.done()
        })
    }

    fn expire<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        Box::pin(async move {
            for places in at.chunks(AT_ONCE) {
                let mut ops: Vec<_> = places.iter().map(ops::expire).collect();
                let keys =
                    |places: &[Place]| places.iter().map(|place| place.key.clone()).collect();
                let tell = |places| self.tell(&Told::Expired(keys(places)));
                ops.extend(places.chunks(NAMED).map(tell));
                self.batch(Lane::Control, ops).await?.all_done()?;
            }
            Ok(())
        })
    }

    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey], part: Part) -> Answer<'a, Vec<Token>> {
        Box::pin(async move {
            let mut replaced = Vec::with_capacity(of.len());
            for keys in of.chunks(AT_ONCE) {
                replaced.extend(self.replace(keys, part).await?);
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
