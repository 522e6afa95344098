//! What Redis answers, as what was asked for.

use std::time::Duration;

use bytes::Bytes;
use redis::Value;

use crate::error::{Error, ErrorKind};
use crate::wire::{Lane, Op, Read, Wire};

/// The answers to a batch, read one after the other.
pub(super) struct Replies(std::vec::IntoIter<Result<Value, Error>>);

/// What the script `lease` answers.
pub(super) enum Lent {
    Granted(Bytes),
    /// There is something else, for so long.
    There(Option<Bytes>, Option<Duration>),
    Foreign,
    /// Somebody else loads for all, for so long.
    Held(Duration),
    /// Nobody does for so long, since one has failed.
    Failed(Bytes, Duration),
}

/// Asks for the string under `key`, if there is one. Where many ask at once, something else may be nothing.
pub(super) async fn text(wire: &Wire, lane: Lane, key: &Bytes) -> Result<Option<Bytes>, Error> {
    let (Read::Alone(value) | Read::Among(value)) = wire.read(lane, key).await?;
    text_of(value)
}

/// A step of a scan: where it goes on, if it does, and what it found.
pub(super) type Page = (Option<Bytes>, Vec<Bytes>);

impl Replies {
    /// Asks for one thing.
    pub(super) async fn one(wire: &Wire, lane: Lane, op: Op) -> Result<Self, Error> {
        let value = wire.one(lane, op).await?;
        Ok(Self(vec![Ok(value)].into_iter()))
    }

    /// Asks for several things in one round trip.
    pub(super) async fn batch(wire: &Wire, lane: Lane, ops: Vec<Op>) -> Result<Self, Error> {
        Ok(Self(wire.batch(lane, ops).await?.into_iter()))
    }

    fn next(&mut self) -> Result<Value, Error> {
        let next = self.0.next();
        next.unwrap_or_else(|| Err(strange("several things at once")))
    }

    /// Whatever it is, it is no error.
    pub(super) fn done(&mut self) -> Result<(), Error> {
        self.next().map(drop)
    }

    /// None of them is an error.
    pub(super) fn all_done(self) -> Result<(), Error> {
        self.0.into_iter().try_for_each(|reply| reply.map(drop))
    }

    /// A string, if there is one.
    pub(super) fn text(&mut self) -> Result<Option<Bytes>, Error> {
        text_of(self.next()?)
    }

    /// The strings that are left.
    pub(super) fn texts(self) -> Result<Vec<Option<Bytes>>, Error> {
        self.0.map(|reply| text_of(reply?)).collect()
    }

    /// What PTTL says: `None` for a key without expiry.
    pub(super) fn left(&mut self) -> Result<Option<Duration>, Error> {
        self.next().map(|reply| left(&reply))
    }

    /// What UNLINK says.
    pub(super) fn count(&mut self) -> Result<u64, Error> {
        match self.next()? {
            Value::Int(count) => Ok(u64::try_from(count).unwrap_or_default()),
            _ => Err(strange("a number")),
        }
    }

    /// Whether a value was stored.
    pub(super) fn stored(&mut self) -> Result<bool, Error> {
        match self.next()? {
            Value::Int(-1) => {
                let what = "a value reached Redis too late";
                Err(Error::new(ErrorKind::Timeout, what))
            }
            Value::Int(flag) => Ok(flag == 1),
            _ => Err(strange("whether a value was stored")),
        }
    }

    /// Whether it was done.
    pub(super) fn flag(&mut self) -> Result<bool, Error> {
        match self.next()? {
            Value::Okay => Ok(true),
            Value::Nil => Ok(false),
            _ => Err(strange("whether something was done")),
        }
    }

    /// What TYPE says.
    pub(super) fn is_string_or_nothing(&mut self) -> Result<bool, Error> {
        match self.next()? {
            Value::SimpleString(kind) => Ok(kind == "string" || kind == "none"),
            _ => Err(strange("the type of a key")),
        }
    }

    pub(super) fn lent(&mut self) -> Result<Lent, Error> {
        let Value::Array(mut answer) = self.next()? else {
            return Err(strange("a lease"));
        };
        match &mut answer[..] {
            [Value::Int(-1)] => Ok(Lent::Foreign),
            [Value::Int(1), Value::BulkString(lease)] => {
                Ok(Lent::Granted(std::mem::take(lease).into()))
            }
            [Value::Int(2), Value::Int(rest)] => Ok(Lent::Held(duration(*rest))),
            [Value::Int(3), Value::BulkString(lease), Value::Int(rest)] => {
                let lease = std::mem::take(lease).into();
                Ok(Lent::Failed(lease, duration(*rest)))
            }
            [Value::Int(0), value, expiry] => {
                let left = left(expiry);
                Ok(Lent::There(
                    text_of(std::mem::replace(value, Value::Nil))?,
                    left,
                ))
            }
            _ => Err(strange("a lease")),
        }
    }

    pub(super) fn page(&mut self) -> Result<Page, Error> {
        let Value::Array(parts) = self.next()? else {
            return Err(strange("a page of keys"));
        };
        let Ok([Value::BulkString(cursor), Value::Array(keys)]) = <[Value; 2]>::try_from(parts)
        else {
            return Err(strange("a page of keys"));
        };
        let keys = keys.into_iter().filter_map(|key| text_of(key).transpose());
        let cursor = (cursor != b"0").then(|| cursor.into());
        Ok((cursor, keys.collect::<Result<_, _>>()?))
    }
}

fn text_of(value: Value) -> Result<Option<Bytes>, Error> {
    match value {
        Value::BulkString(bytes) => Ok(Some(bytes.into())),
        Value::Nil => Ok(None),
        _ => Err(strange("a string")),
    }
}

fn left(reply: &Value) -> Option<Duration> {
    match reply {
        Value::Int(-1) => None,
        Value::Int(millis) => Some(duration(*millis)),
        _ => Some(Duration::ZERO),
    }
}

fn duration(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// It answered as no Redis does.
pub(super) fn strange(what: &str) -> Error {
    let what = format!("Redis was asked for {what} and answered with something else");
    Error::new(ErrorKind::Corrupt, what)
}
