//! What a load leaves in the far tier.

use std::slice;
use std::time::Duration;

use crate::error::Error;
use crate::store::EntryId;

use crate::cache::engine::Engine;
use crate::cache::entry::Premises;
use crate::cache::flight::Permit;
use crate::cache::terms::Call;
use crate::cache::tie::Tie;

use super::again::Again;
use super::asked::Asked;
use super::brought::Brought;
use super::outage::Outage;
use super::ticket::{Flight, Granted, Ticket};
use super::tier::Far;

/// What the far tier said to a value.
enum Told {
    /// It lies there; or it does not concern the far tier.
    Stored(Option<EntryId>),
    /// An invalidation came first, or the load of another process.
    Refused,
    Away,
}

impl<V: Send + Sync + 'static> Engine<V> {
    /// Ends a load: stores what it brought in both tiers.
    pub(crate) async fn settle(&self, key: &[u8], flight: Flight<V>, brought: Brought<V>) {
        let Flight {
            mut permit,
            ticket,
            anew,
        } = flight;
        #[cfg(any(test, feature = "testing"))]
        permit.end_early().await;
        let replaced = self.far().filter(|_| anew);
        // dropped half-way, what lies far may be newer than what is near
        let again = replaced.map(|far| Again::only(|| self.drop_here(far, key)));
        let told = match (self.far(), ticket) {
            (Some(far), Ticket::Leased(granted)) if !brought.ttl.is_zero() => {
                // apart, so that a lookup in memory does not carry it
                Box::pin(self.fill_far(far, *granted, &brought)).await
            }
            (Some(_), Ticket::Away) => Told::Away,
            (Some(_) | None, _) => Told::Stored(None),
        };
        if let (Some(far), Told::Away) = (replaced, &told) {
            far.store.owe(slice::from_ref(&far.place(key, false)));
        }
        if let Some(far) = replaced {
            // a lookup may have fetched what was there before, and not stored it yet
            permit.outdo();
            self.tell_siblings(far, key);
        }
        let stored = self.keep_near(key, permit, brought, told);
        if let Some(again) = again {
            again.unless(stored);
        }
    }

    async fn fill_far(&self, far: &Far<V>, granted: Granted, brought: &Brought<V>) -> Told {
        let Some(new) = far.new_entry(brought, granted.tokens) else {
            return self.unwritable();
        };
        match far.store.fill(&granted.place, &granted.lease, &new).await {
            Ok(Some(id)) => Told::Stored(Some(id)),
            Ok(None) => Told::Refused,
            Err(error) => self.away(&error),
        }
    }

    /// Stores a value in both tiers whatever is there, and tells everybody.
    pub(super) async fn put_both(
        &self,
        far: &Far<V>,
        key: &[u8],
        call: &Call,
        brought: Brought<V>,
    ) {
        let (_, again) = Again::after(|| self.drop_here(far, key));
        let mut permit = self.permit(key, self.premises(&call.tags));
        let told = match self
            .put_far(far, key, call, &brought, permit.premises())
            .await
        {
            Ok(told) => told,
            Err(error) => self.away(&error),
        };
        // as above
        permit.outdo();
        self.tell_siblings(far, key);
        again.unless(self.keep_near(key, permit, brought, told));
    }

    async fn put_far(
        &self,
        far: &Far<V>,
        key: &[u8],
        call: &Call,
        brought: &Brought<V>,
        premises: &Premises,
    ) -> Result<Told, Error> {
        let asked = Asked::of(far, key, call, premises, self.now());
        let tokens = far.tokens(&asked.present()).await;
        let place = asked.place;
        let new = tokens.map(|tokens| far.new_entry(brought, tokens));
        if let Ok(Some(new)) = new {
            return Ok(match far.store.put(&place, &new).await? {
                Some(id) => Told::Stored(Some(id)),
                // what lies there is not ours to touch
                None => Told::Stored(None),
            });
        }
        // what lies there is older than this value
        let places = slice::from_ref(&place);
        if let Err(error) = new {
            far.store.owe(places);
            return Err(error);
        }
        far.store.remove(places).await?;
        Ok(self.unwritable())
    }

    fn away(&self, error: &Error) -> Told {
        self.far_failed(error);
        Told::Away
    }

    fn unwritable(&self) -> Told {
        self.counts().unwritable.bump();
        Told::Stored(None)
    }

    /// Answers whether it was stored near.
    fn keep_near(&self, key: &[u8], permit: Permit<V>, brought: Brought<V>, told: Told) -> bool {
        let premises = permit.premises().clone();
        let Brought { value, ttl, .. } = brought;
        let (ttl, tie) = match (told, self.far().map(|far| far.outage)) {
            (Told::Stored(id), _) => (ttl, Tie::to(id, premises.feed)),
            (Told::Refused, _) => {
                self.counts().refused_fills.bump();
                (Duration::ZERO, Tie::default())
            }
            (Told::Away, Some(Outage::Grace { ttl: most, .. })) => {
                (ttl.min(most), Tie::sheltered(premises.feed))
            }
            (Told::Away, Some(Outage::Strict) | None) => (Duration::ZERO, Tie::default()),
        };
        let entry = self.entry(key, value, ttl, premises, tie);
        self.fill(permit, entry)
    }
}
