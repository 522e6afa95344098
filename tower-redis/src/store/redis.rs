//! The far tier in Redis.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use redis::Value;

use crate::error::{Error, ErrorKind};
use crate::wire::{Interest, Lane, Listening, Op, Wire};

use super::contract::{Answer, Store};
use super::ears::Ears;
use super::entry::{EntryId, Format, Found, Lease, Leased, New, Place};
use super::envelope::{self, Time};
use super::message::Told;
use super::names::Names;
use super::ops::{self, NAMED, Rejected};
use super::pattern::Pattern;
use super::token::{Stamp, Token, TokenKey};
use super::watch::Watch;

/// A store in the Redis behind a wire, and what tells its watch. It listens from the first call on.
pub(crate) struct RedisStore {
    wire: Wire,
    names: Names,
    watch: Arc<Watch>,
    listening: OnceLock<Listening>,
}

impl RedisStore {
    pub(crate) fn new(wire: Wire, names: Names, watch: Arc<Watch>) -> Self {
        Self {
            wire,
            names,
            watch,
            listening: OnceLock::new(),
        }
    }

    /// Listens from now on, if it does not yet.
    pub(super) fn listen(&self) {
        self.listening.get_or_init(|| {
            let channels = self.watch.channels().map(|channel| channel.to_vec());
            let ears = Arc::new(Ears(Arc::clone(&self.watch)));
            self.wire.listen(Interest::Channels(channels.into()), ears)
        });
    }

    async fn one(&self, lane: Lane, op: Op) -> Result<Value, Error> {
        self.listen();
        self.wire.one(lane, op).await
    }

    async fn batch(&self, lane: Lane, ops: Vec<Op>) -> Result<Replies, Error> {
        self.listen();
        let replies = self.wire.batch(lane, ops).await?;
        Ok(Replies(replies.into_iter()))
    }

    async fn found(&self, at: &Place, tokens: &[TokenKey]) -> Result<(Found, Vec<Token>), Error> {
        let before = self.wire.server_now();
        let asks_left = before.is_none() || at.format == Format::Plain;
        let mut ops = vec![ops::get(at)];
        ops.extend(asks_left.then(|| ops::left(at)));
        ops.extend(tokens.iter().map(|key| self.names.get_token(key)));
        let mut replies = self.batch(Lane::Cache, ops).await?;

        let value = replies.next();
        let time = if asks_left {
            Time::Left(left(&replies.next()?))
        } else {
            Time::Now(self.wire.server_now().or(before).unwrap_or_default())
        };
        let found = match value {
            Ok(value) => read(at, text(value)?, time),
            Err(error) if error.is_refused() => self.why_refused(at, error).await?,
            Err(error) => return Err(error),
        };
        let texts = replies.0.map(|reply| text(reply?));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        Ok((found, self.complete(tokens, texts).await?))
    }

    /// What is there is no string, or something else is wrong.
    async fn why_refused(&self, at: &Place, error: Error) -> Result<Found, Error> {
        match self.one(Lane::Cache, ops::kind(at)).await? {
            Value::SimpleString(kind) if kind != "string" && kind != "none" => Ok(Found::Foreign),
            _ => Err(error),
        }
    }

    /// The tokens of `keys`, of which `texts` were found; makes what is missing.
    async fn complete(
        &self,
        keys: &[TokenKey],
        texts: Vec<Option<Bytes>>,
    ) -> Result<Vec<Token>, Error> {
        let token = |text: &Option<Bytes>| Token::parse(text.as_ref()?);
        let mut tokens: Vec<_> = texts.iter().map(token).collect();
        if tokens.iter().any(Option::is_none) {
            let stamp = self.present_stamp().await?;
            let mut ops = Vec::new();
            for (key, (token, text)) in keys.iter().zip(tokens.iter().zip(&texts)) {
                if token.is_none() {
                    let new = Token::draw(stamp);
                    ops.push(match text {
                        None => self.names.make_token(key, new),
                        Some(_) => self.names.overwrite_token(key, new),
                    });
                    ops.push(self.names.get_token(key));
                }
            }
            let mut replies = self.batch(Lane::Control, ops).await?;
            for token in tokens.iter_mut().filter(|token| token.is_none()) {
                replies.next()?;
                *token = text(replies.next()?)?.and_then(|text| Token::parse(&text));
            }
        }
        let present = tokens.into_iter().collect::<Option<Vec<_>>>();
        present.ok_or_else(|| strange("a token that was just made"))
    }

    async fn present_stamp(&self) -> Result<Stamp, Error> {
        let lying = text(self.one(Lane::Control, self.names.get_stamp()).await?)?;
        match lying.and_then(|text| Stamp::parse(&text)) {
            Some(stamp) => Ok(stamp),
            None => self.raise().await,
        }
    }

    async fn raise(&self) -> Result<Stamp, Error> {
        let raised = text(self.one(Lane::Control, self.names.raise_stamp()).await?)?;
        let stamp = raised.and_then(|text| Stamp::parse(&text));
        stamp.ok_or_else(|| strange("a stamp"))
    }

    async fn leased(&self, at: &Place, rejected: Rejected) -> Result<Leased, Error> {
        let op = ops::lease_of(at, rejected);
        let Value::Array(answer) = self.one(Lane::Control, op).await? else {
            return Err(strange("a lease"));
        };
        match <[Value; 3]>::try_from(answer) {
            Ok([Value::Int(0), value, expiry]) => {
                let time = match (self.wire.server_now(), at.format) {
                    (Some(now), Format::Envelope) => Time::Now(now),
                    _ => Time::Left(left(&expiry)),
                };
                Ok(Leased::There(read(at, text(value)?, time)))
            }
            Err(answer) => match <[Value; 2]>::try_from(answer) {
                Ok([Value::Int(1), Value::BulkString(lease)]) => {
                    Ok(Leased::Granted(Lease::from_bytes(lease.into())))
                }
                Err(answer) if matches!(answer[..], [Value::Int(-1)]) => Ok(Leased::Foreign),
                _ => Err(strange("a lease")),
            },
            Ok(_) => Err(strange("a lease")),
        }
    }

    /// Stores `new` if `granted` is good, or in any case, and tells it where others have copies.
    async fn store(
        &self,
        at: &Place,
        granted: Option<&Lease>,
        new: &New,
    ) -> Result<Option<EntryId>, Error> {
        let id = match at.format {
            Format::Envelope => EntryId::draw(),
            Format::Plain => EntryId::of(&new.packed.payload),
        };
        let latest = granted.is_none().then(|| self.wire.latest()).flatten();
        let mut ops = vec![ops::store(at, granted, id, new, latest)];
        let tells = granted.is_none_or(Lease::is_anew);
        if tells {
            ops.push(self.tell_of(std::slice::from_ref(at)));
        }
        ops.extend(self.names.extend_tokens(new));
        let mut replies = self.batch(Lane::Cache, ops).await?;
        let stored = replies.next()?;
        if tells {
            replies.next()?;
        }
        // a token that could not be extended makes the entry unusable when it is gone: no more than that
        match stored {
            Value::Int(1) => Ok(Some(id)),
            Value::Int(0) => Ok(None),
            Value::Int(-1) => Err(Error::new(
                ErrorKind::Timeout,
                "a value reached Redis too late",
            )),
            _ => Err(strange("whether a value was stored")),
        }
    }

    fn tell_of(&self, places: &[Place]) -> Op {
        let keys = places.iter().map(|place| place.key.clone()).collect();
        self.tell(&Told::Keys(keys))
    }

    fn tell(&self, told: &Told) -> Op {
        self.names.tell(self.watch.instance(), told)
    }

    /// Removes what matches, and tells how much that was.
    async fn sweep(&self, pattern: &Pattern) -> Result<u64, Error> {
        let mut removed = 0;
        let mut next = Some(Bytes::from_static(b"0"));
        let mut page = Vec::new();
        while next.is_some() || !page.is_empty() {
            let mut ops: Vec<_> = page.iter().map(|key: &Bytes| ops::unlink(key)).collect();
            ops.extend(next.as_ref().map(|cursor| ops::scan(cursor, pattern)));
            let mut replies = self.batch(Lane::Cache, ops).await?;
            for _ in page.drain(..) {
                if let Value::Int(n) = replies.next()? {
                    removed += u64::try_from(n).unwrap_or_default();
                }
            }
            if next.is_some() {
                (next, page) = scanned(replies.next()?)?;
            }
        }
        Ok(removed)
    }
}

impl Store for RedisStore {
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Token>)> {
        Box::pin(self.found(at, tokens))
    }

    fn tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Token>> {
        Box::pin(async move {
            let ops = of.iter().map(|key| self.names.get_token(key)).collect();
            let replies = self.batch(Lane::Control, ops).await?;
            let texts = replies.0.map(|reply| text(reply?));
            self.complete(of, texts.collect::<Result<_, _>>()?).await
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
            self.batch(Lane::Control, ops).await?.all()?;
            Ok(None)
        })
    }

    fn remove<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        Box::pin(async move {
            for places in at.chunks(NAMED) {
                let mut ops: Vec<_> = places.iter().map(ops::remove).collect();
                ops.push(self.tell_of(places));
                self.batch(Lane::Control, ops).await?.all()?;
            }
            Ok(())
        })
    }

    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Token>> {
        Box::pin(async move {
            if of.is_empty() {
                return Ok(Vec::new());
            }
            // raised first: what a load reads from here on is later than the stamp it has read
            let stamp = self.raise().await?;
            let tokens: Vec<_> = of.iter().map(|_| Token::draw(stamp)).collect();
            let told: Vec<_> = of.iter().cloned().zip(tokens.iter().copied()).collect();
            let replace = |(key, token): &_| self.names.replace_token(key, *token);
            let mut ops: Vec<_> = told.iter().map(replace).collect();
            ops.push(self.tell(&Told::Tokens(told)));
            self.batch(Lane::Control, ops).await?.all()?;
            Ok(tokens)
        })
    }

    fn remove_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64> {
        Box::pin(async move {
            let told = Told::Matching(pattern.clone());
            self.one(Lane::Control, self.tell(&told)).await?;
            // a load that began before has a lease that goes here, or a value that goes there
            self.sweep(&pattern.of_leases()).await?;
            let removed = self.sweep(pattern).await?;
            self.one(Lane::Control, self.tell(&told)).await?;
            Ok(removed)
        })
    }
}

/// The answers to a batch, in order.
struct Replies(std::vec::IntoIter<Result<Value, Error>>);

impl Replies {
    fn next(&mut self) -> Result<Value, Error> {
        self.0
            .next()
            .unwrap_or_else(|| Err(strange("fewer things than were asked")))
    }

    /// Everything succeeded.
    fn all(self) -> Result<(), Error> {
        self.0.map(|reply| reply.map(drop)).collect()
    }
}

fn read(at: &Place, bytes: Option<Bytes>, time: Time) -> Found {
    match (bytes, at.format, time) {
        (None, ..) => Found::Nothing,
        (Some(bytes), Format::Plain, Time::Left(left)) => envelope::read_plain(bytes, left),
        (Some(bytes), ..) => envelope::read(&bytes, time),
    }
}

fn text(value: Value) -> Result<Option<Bytes>, Error> {
    match value {
        Value::BulkString(bytes) => Ok(Some(bytes.into())),
        Value::Nil => Ok(None),
        _ => Err(strange("a string")),
    }
}

/// What PTTL says: `None` for a key without expiry.
fn left(reply: &Value) -> Option<Duration> {
    match reply {
        Value::Int(-1) => None,
        Value::Int(millis) => Some(Duration::from_millis(u64::try_from(*millis).unwrap_or(0))),
        _ => Some(Duration::ZERO),
    }
}

/// Where the scan goes on, if it does, and what it found.
fn scanned(reply: Value) -> Result<(Option<Bytes>, Vec<Bytes>), Error> {
    let Value::Array(parts) = reply else {
        return Err(strange("a page of keys"));
    };
    let Ok([Value::BulkString(cursor), Value::Array(keys)]) = <[Value; 2]>::try_from(parts) else {
        return Err(strange("a page of keys"));
    };
    let keys = keys.into_iter().filter_map(|key| text(key).transpose());
    let cursor = (cursor != b"0").then(|| cursor.into());
    Ok((cursor, keys.collect::<Result<_, _>>()?))
}

fn strange(what: &str) -> Error {
    let what = format!("Redis was asked for {what} and answered with something else");
    Error::new(ErrorKind::Corrupt, what)
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
