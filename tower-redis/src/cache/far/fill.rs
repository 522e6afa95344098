//! What a load leaves in the far tier.

use std::slice;
use std::time::Duration;

use crate::error::Error;
use crate::store::{EntryId, Found, Late, New, Place, Stamp, TokenKey};

use crate::cache::engine::Engine;
#[cfg(any(test, feature = "testing"))]
use crate::cache::fault::CacheFault;
use crate::cache::flight::{Fills, Permit};
use crate::cache::hold::Hold;
use crate::cache::premises::Premises;
use crate::cache::terms::Call;
use crate::cache::tie::Tie;

use super::again::Again;
use super::asked::Asked;
use super::brought::Brought;
use super::outage::Outage;
use super::owes::Owes;
use super::ticket::{Flight, Granted, Ticket};
use super::tier::Far;
use super::tokens::Tokens;

/// What the far tier said to a value.
pub(super) enum Told {
    /// It lies there; or it does not concern the far tier.
    Stored(Option<EntryId>),
    /// An invalidation came first, or the load of another process.
    Refused,
    Away,
}

impl<V: Hold> Engine<V> {
    /// Ends a load: stores what it brought in both tiers.
    pub(crate) async fn settle(&self, key: &[u8], flight: Flight<V>, brought: Brought<V>) {
        let Flight {
            mut permit,
            ticket,
            anew,
        } = flight;
        #[cfg(any(test, feature = "testing"))]
        permit.end_early().await;
        // dropped half-way, what lies far may be newer than what is near
        let again = anew.then(|| {
            Again::only(|| match self.far() {
                Some(far) => self.core().drop_here(far, key),
                None => self.drop_near(key),
            })
        });
        let told = match (self.far(), ticket) {
            // apart, so that a lookup in memory does not carry it
            (Some(far), Ticket::Leased(granted)) => {
                Box::pin(self.fill_far(far, *granted, &brought, anew)).await
            }
            (Some(_), Ticket::Away) => Told::Away,
            (Some(_) | None, _) => Told::Stored(None),
        };
        if anew {
            // a lookup may have fetched what was there before, and not stored it yet
            permit.outdo();
        }
        if let Some(far) = self.far().filter(|_| anew) {
            if let Told::Away = told {
                far.store.owe(slice::from_ref(&far.place(key, false)));
            }
            self.core().tell_siblings(far, key);
        }
        #[cfg(any(test, feature = "testing"))]
        if anew && CacheFault::RefreshLeavesNear.is_committed() {
            again.into_iter().for_each(|again| again.unless(true));
            return;
        }
        let stored = self.keep_near(key, permit, brought, told);
        if let Some(again) = again {
            again.unless(stored);
        }
    }

    async fn fill_far(
        &self,
        far: &Far<V>,
        granted: Granted,
        brought: &Brought<V>,
        anew: bool,
    ) -> Told {
        let late = match self.late(far, granted.stamp, brought).await {
            Ok(late) => late,
            Err(error) => return self.away(&error),
        };
        let lives = !brought.ttl.is_zero();
        let new = if lives {
            self.new_entry(far, brought, &granted.tokens, late)
        } else {
            None
        };
        let Granted {
            place,
            lease,
            holding,
            ..
        } = granted;
        let is_stored = new.is_some();
        let told = match new {
            Some(new) => {
                let place = far.place_of(place, &new);
                match far.store.fill(&place, &lease, &new).await {
                    Ok(Some(id)) => Ok(Told::Stored(Some(id))),
                    Ok(None) if anew => self.give_way(far, &place, &new).await,
                    Ok(None) => Ok(Told::Refused),
                    Err(error) => Err(error),
                }
            }
            None if anew => self.replace_by_nothing(far, &place).await,
            None => Ok(Told::Stored(None)),
        };
        match holding {
            Some(holding) if is_stored => holding.filled(),
            Some(holding) => holding.failed(self.loads().rest()),
            None => {}
        }
        told.unwrap_or_else(|error| self.away(&error))
    }

    /// The stamp before a load that may bring tags.
    pub(super) async fn late_stamp(
        &self,
        far: &Far<V>,
        call: &Call,
    ) -> Result<Option<Stamp>, Error> {
        Ok(if self.may_be_late(call) {
            Some(far.store.stamp().await?)
        } else {
            None
        })
    }

    /// The tags that came with `brought`, as they are after its load.
    pub(super) async fn late(
        &self,
        far: &Far<V>,
        stamp: Option<Stamp>,
        brought: &Brought<V>,
    ) -> Result<Option<Late>, Error> {
        let Some(stamp) = stamp.filter(|_| !brought.tags.is_empty()) else {
            return Ok(None);
        };
        let keys: Vec<_> = brought.tags.iter().map(|tag| TokenKey::tag(tag)).collect();
        let given = far.store.tokens(&keys).await?;
        let tokens = given.into_iter().map(|given| given.token);
        let tags = keys.into_iter().zip(tokens).collect();
        Ok(Some(Late { stamp, tags }))
    }

    /// `brought` as it would lie far; `None`, counted, when it cannot be written.
    pub(super) fn new_entry(
        &self,
        far: &Far<V>,
        brought: &Brought<V>,
        tokens: &Tokens,
        late: Option<Late>,
    ) -> Option<New> {
        let new = far.new_entry(brought, tokens, late, self.freshness());
        if new.is_none() {
            self.counts().unwritable.bump();
        }
        new
    }

    /// Stores a value in both tiers whatever is there, and tells everybody.
    pub(super) async fn put_both(
        &self,
        far: &Far<V>,
        key: &[u8],
        call: &Call,
        brought: Brought<V>,
    ) {
        let (_, again) = Again::after(|| self.core().drop_here(far, key));
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
        self.core().tell_siblings(far, key);
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
        let owes = Owes::of(&*far.store, &asked.place);
        let tokens = far.tokens(&asked.present()).await?;
        let new = self.new_entry(far, brought, &tokens, None);
        // from here on the store sees to it
        owes.nothing();
        let Some(new) = new else {
            return self.replace_by_nothing(far, &asked.place).await;
        };
        Ok(match far.store.put(&asked.place, &new).await? {
            Some(id) => Told::Stored(Some(id)),
            // what lies there is not ours to touch
            None => Told::Stored(None),
        })
    }

    /// A refresh that was refused may have given way to one that has yet to load, or never will: then what lies
    /// there is older than either.
    async fn give_way(&self, far: &Far<V>, place: &Place, new: &New) -> Result<Told, Error> {
        #[cfg(any(test, feature = "testing"))]
        if CacheFault::RefusedRefreshIsOver.is_committed() {
            return Ok(Told::Refused);
        }
        let owes = Owes::of(&*far.store, place);
        let found = far.store.inspect(place).await?;
        let stays = match found {
            // what many refresh at once is the same most of the time
            Found::Entry(held) => held.packed == new.packed,
            Found::Foreign => true,
            // also the lease of the other: what it loads may be older than what this caller is about to be told
            Found::Nothing | Found::Unreadable(_) => false,
        };
        // from here on the store sees to it
        owes.nothing();
        if !stays {
            far.store.remove(slice::from_ref(place)).await?;
        }
        Ok(Told::Refused)
    }

    /// What lies there is older than a value that cannot lie there.
    async fn replace_by_nothing(&self, far: &Far<V>, place: &Place) -> Result<Told, Error> {
        far.store.remove(slice::from_ref(place)).await?;
        Ok(Told::Stored(None))
    }

    pub(super) fn away(&self, error: &Error) -> Told {
        self.far_failed(error);
        Told::Away
    }

    /// Answers whether it was stored near.
    pub(super) fn keep_near(
        &self,
        key: &[u8],
        permit: Permit<V>,
        brought: Brought<V>,
        told: Told,
    ) -> bool {
        let mut premises = permit.premises().clone();
        let Brought {
            value,
            ttl,
            took,
            tags,
        } = brought;
        // marked first: an invalidation that comes from here on shows
        let late = self.tagging().cells.mark(&tags);
        let is_late = self.tagging().cells.changed_since(premises.stamp, &tags);
        #[cfg(any(test, feature = "testing"))]
        let is_late = is_late && !CacheFault::LateTagsAreNotCompared.is_committed();
        let told = if is_late { Told::Refused } else { told };
        let is_refused = matches!(told, Told::Refused);
        premises.marks = premises.marks.and(late);
        let (ttl, tie) = match (told, self.far().map(|far| far.outage)) {
            (Told::Stored(id), _) => (ttl, Tie::to(id, premises.feed)),
            (Told::Refused, _) => (Duration::ZERO, Tie::default()),
            (Told::Away, Some(Outage::Grace { ttl: most, .. })) => {
                (ttl.min(most), Tie::sheltered(premises.feed, self.now()))
            }
            (Told::Away, Some(Outage::Strict) | None) => (Duration::ZERO, Tie::default()),
        };
        let entry = self.entry(key, value, (ttl, took), &premises, tie);
        #[cfg(feature = "http-cache")]
        let stored = self.fill_beside(key, permit, entry);
        #[cfg(not(feature = "http-cache"))]
        let stored = self.fill(permit, entry);
        if is_refused {
            self.fill_refused(Some(key));
        }
        stored
    }
}
