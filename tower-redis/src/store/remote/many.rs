//! Many keys in one round trip.

use std::time::Duration;

use crate::error::Error;
use crate::store::entry::{EntryId, Format, Found, Lease, Leased, New, Place};
use crate::store::envelope::Time;
use crate::store::message::Told;
use crate::store::ops::{self, Claim, NAMED, Rejected};
use crate::store::token::{Given, TokenKey};
use crate::wire::{Lane, Op};

use super::handle::RedisStore;
use super::values::{id_of, read};

/// How many keys one round trip names.
pub(super) const AT_ONCE: usize = 4_096;

impl RedisStore {
    pub(super) async fn found_many(
        &self,
        at: &[Place],
        tokens: &[TokenKey],
    ) -> Result<(Vec<Found>, Vec<Given>), Error> {
        let mut found = Vec::with_capacity(at.len());
        let (first, rest) = at.split_at(at.len().min(AT_ONCE));
        let tokens = self.found_with(first, tokens, &mut found).await?;
        for places in rest.chunks(AT_ONCE) {
            self.found_with(places, &[], &mut found).await?;
        }
        Ok((found, tokens))
    }

    async fn found_with(
        &self,
        at: &[Place],
        tokens: &[TokenKey],
        found: &mut Vec<Found>,
    ) -> Result<Vec<Given>, Error> {
        let before = self.wire.server_now();
        let asks_left = |at: &Place| before.is_none() || at.format == Format::Plain;
        let mut ops = Vec::with_capacity(at.len() + tokens.len());
        for place in at {
            ops.push(ops::get(place));
            ops.extend(asks_left(place).then(|| ops::left(place)));
        }
        ops.extend(tokens.iter().map(|key| self.names.get_token(key)));
        let mut replies = self.batch(Lane::Cache, ops).await?;

        let now = self.wire.server_now().or(before).unwrap_or(Duration::MAX);
        let mut odd = Vec::new();
        for place in at {
            let value = replies.text();
            let time = if asks_left(place) {
                Time::Left(replies.left()?)
            } else {
                Time::Now(now)
            };
            found.push(match value {
                Ok(value) => read(place, value, time),
                // mostly what is no string, which is looked at below
                Err(error) => {
                    odd.push((place, error));
                    Found::Foreign
                }
            });
        }
        if !odd.is_empty() {
            Box::pin(self.are_foreign(odd)).await?;
        }
        self.complete(tokens, replies.texts()?).await
    }

    /// What could not be read is no string, or something else is wrong.
    async fn are_foreign(&self, odd: Vec<(&Place, Error)>) -> Result<(), Error> {
        let ops = odd.iter().map(|(at, _)| ops::kind(at)).collect();
        let mut replies = self.batch(Lane::Cache, ops).await?;
        for (_, error) in odd {
            if !error.is_refused() || replies.is_string_or_nothing()? {
                return Err(error);
            }
        }
        Ok(())
    }

    pub(super) async fn leased_many(
        &self,
        wanted: &[(Place, Option<EntryId>)],
    ) -> Result<Vec<Leased>, Error> {
        let mut leased = Vec::with_capacity(wanted.len());
        for wanted in wanted.chunks(AT_ONCE) {
            let ask = |(at, rejected): &(Place, Option<EntryId>)| {
                ops::lease_of(at, rejected.map_or(Rejected::Nothing, Rejected::Entry))
            };
            let ops = wanted.iter().map(ask).collect();
            let mut replies = self.batch(Lane::Control, ops).await?;
            for (at, _) in wanted {
                let lent = replies.lent()?;
                leased.push(self.lent(at, lent));
            }
        }
        Ok(leased)
    }

    pub(super) async fn filled_many(
        &self,
        entries: &[(Place, Lease, New)],
    ) -> Result<Vec<Option<EntryId>>, Error> {
        let mut filled = Vec::with_capacity(entries.len());
        for entries in entries.chunks(AT_ONCE) {
            filled.extend(self.filled_at_once(entries).await?);
        }
        Ok(filled)
    }

    async fn filled_at_once(
        &self,
        entries: &[(Place, Lease, New)],
    ) -> Result<Vec<Option<EntryId>>, Error> {
        // what is too late is given up, for whoever waits for it
        let give_up = |at, lease: &Lease| {
            let holder = lease.holder()?;
            Some(ops::claim(at, lease, holder, Claim::Released))
        };
        let (mut ids, mut ops) = (Vec::with_capacity(entries.len()), Vec::new());
        let mut given_up = Vec::new();
        for (at, lease, new) in entries {
            if new.is_late() {
                given_up.extend(give_up(at, lease));
                ids.push(None);
            } else {
                let id = id_of(at, new);
                ops.push(ops::store(at, Some(lease), id, new, None));
                ids.push(Some(id));
            }
        }
        ops.extend(given_up);
        ops.extend(self.tells(entries));
        let stored = entries.iter().map(|(_, _, new)| new);
        ops.extend(
            self.names
                .extend_tokens(stored.filter(|new| !new.is_late())),
        );
        let mut replies = self.batch(Lane::Cache, ops).await?;
        for id in ids.iter_mut().filter(|id| id.is_some()) {
            if !replies.stored()? {
                *id = None;
            }
        }
        // as where there is one
        Ok(ids)
    }

    /// What has to be told of fills.
    fn tells(&self, entries: &[(Place, Lease, New)]) -> Vec<Op> {
        let those = |wanted: fn(&Lease) -> bool| -> Vec<_> {
            let those = entries.iter().filter(|(_, lease, _)| wanted(lease));
            those.map(|(at, ..)| at.key.clone()).collect()
        };
        let (anew, held) = (
            those(Lease::is_anew),
            those(|lease| lease.holder().is_some()),
        );
        let anew = anew.chunks(NAMED).map(|keys| Told::Keys(keys.to_vec()));
        let held = held.chunks(NAMED).map(|keys| Told::Settled(keys.to_vec()));
        anew.chain(held).map(|told| self.tell(&told)).collect()
    }
}
