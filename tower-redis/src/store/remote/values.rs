//! Values and leases.

use std::time::Duration;

use bytes::Bytes;

use crate::error::Error;
use crate::store::entry::{EntryId, Format, Found, Lease, Leased, New, Place};
use crate::store::envelope::{self, Time};
use crate::store::ops::{self, Rejected};
use crate::store::redis::{Lent, text};
use crate::store::token::{Given, TokenKey};
use crate::wire::Lane;

use super::handle::RedisStore;

impl RedisStore {
    /// What lies at `at`, where nothing else has to be asked: the common case.
    pub(super) async fn found_alone(&self, at: &Place) -> Result<(Found, Vec<Given>), Error> {
        self.listen();
        match text(&self.wire, Lane::Cache, &at.key).await {
            Ok(value) => {
                // what the server's time is may have been forgotten meanwhile: then it is as old as can be
                let now = self.wire.server_now().unwrap_or(Duration::MAX);
                Ok((read(at, value, Time::Now(now)), Vec::new()))
            }
            Err(error) => Ok((Box::pin(self.why(at, error)).await?, Vec::new())),
        }
    }

    /// Whether the life of what lies at `at` can be told without asking how much is left of it.
    pub(super) fn tells_life(&self, at: &Place) -> bool {
        at.format == Format::Envelope && self.wire.knows_server_time()
    }

    pub(super) async fn found(
        &self,
        at: &Place,
        tokens: &[TokenKey],
    ) -> Result<(Found, Vec<Given>), Error> {
        let before = self.wire.server_now();
        let asks_left = before.is_none() || at.format == Format::Plain;
        let mut ops = vec![ops::get(at)];
        ops.extend(asks_left.then(|| ops::left(at)));
        ops.extend(tokens.iter().map(|key| self.names.get_token(key)));
        let mut replies = self.batch(Lane::Cache, ops).await?;

        let value = replies.text();
        let time = if asks_left {
            Time::Left(replies.left()?)
        } else {
            Time::Now(self.wire.server_now().or(before).unwrap_or_default())
        };
        let found = match value {
            Ok(value) => read(at, value, time),
            Err(error) => self.why(at, error).await?,
        };
        let tokens = self.complete(tokens, replies.texts()?).await?;
        Ok((found, tokens))
    }

    /// What is there is no string, or something else is wrong.
    pub(super) async fn why(&self, at: &Place, error: Error) -> Result<Found, Error> {
        if !error.is_refused() {
            return Err(error);
        }
        let mut reply = self.one(Lane::Cache, ops::kind(at)).await?;
        if reply.is_string_or_nothing()? {
            return Err(error);
        }
        Ok(Found::Foreign)
    }

    pub(super) async fn leased(&self, at: &Place, rejected: Rejected) -> Result<Leased, Error> {
        let op = ops::lease_of(at, rejected);
        let lent = self.one(Lane::Control, op).await?.lent()?;
        Ok(self.lent(at, lent))
    }

    /// What a script answered to who asked for the lease of `at`.
    pub(super) fn lent(&self, at: &Place, lent: Lent) -> Leased {
        match lent {
            Lent::Granted(lease) => Leased::Granted(Lease::from_bytes(lease)),
            Lent::Foreign => Leased::Foreign,
            Lent::There(value, left) => {
                let time = match (self.wire.server_now(), at.format) {
                    (Some(now), Format::Envelope) => Time::Now(now),
                    _ => Time::Left(left),
                };
                Leased::There(read(at, value, time))
            }
            Lent::Held(rest) => Leased::Held { rest },
            Lent::Failed(lease, rest) => Leased::Failed {
                rest,
                lease: Lease::from_bytes(lease),
            },
        }
    }

    /// Stores `new` if `granted` is good, or in any case, and tells it where others have copies.
    pub(super) async fn store(
        &self,
        at: &Place,
        granted: Option<&Lease>,
        new: &New,
    ) -> Result<Option<EntryId>, Error> {
        let id = id_of(at, new);
        let latest = granted.is_none().then(|| self.wire.latest()).flatten();
        let mut ops = vec![ops::store(at, granted, id, new, latest)];
        let tells = granted.is_none_or(Lease::is_anew);
        if tells {
            ops.push(self.tell_of(std::slice::from_ref(at)));
        } else if granted.is_some_and(|lease| lease.holder().is_some()) {
            ops.push(self.tell_settled(at));
        }
        ops.extend(self.names.extend_tokens([new]));
        let mut replies = self.batch(Lane::Cache, ops).await?;
        let stored = replies.stored()?;
        if tells {
            replies.done()?;
        }
        // who waits asks again by itself, where it could not be woken; and a token that could not be extended makes the entry unusable when it is gone: no more than that
        Ok(stored.then_some(id))
    }
}

/// Which entry `new` will be at `at`.
pub(super) fn id_of(at: &Place, new: &New) -> EntryId {
    match at.format {
        Format::Envelope => EntryId::draw(),
        Format::Plain => EntryId::of(&new.packed.payload),
    }
}

pub(super) fn read(at: &Place, bytes: Option<Bytes>, time: Time) -> Found {
    match (bytes, at.format, time) {
        (None, ..) => Found::Nothing,
        (Some(bytes), Format::Plain, Time::Left(left)) => envelope::read_plain(bytes, left),
        (Some(bytes), ..) => envelope::read(bytes, time),
    }
}
