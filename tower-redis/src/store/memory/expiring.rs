//! What becomes of a value before its life is over.

use std::time::Duration;

use bytes::Bytes;

use crate::store::entry::{EntryId, Place};
use crate::store::names;
use crate::store::token::{decimal, hexadecimal};

use super::content::Value;
use super::fault::Fault;
use super::inside::{Inside, State};

/// The fields of an envelope that a change of its life concerns.
struct Lives<'a> {
    id: &'a str,
    codec_and_made: [&'a str; 2],
    fresh: &'a str,
    /// From the field behind it on.
    rest: &'a [u8],
}

impl Inside {
    /// What the script `expire` does.
    pub(super) fn expire(&self, state: &mut State, at: &Place, now: Duration) {
        let lying = state.content.get(&at.key, now);
        if !self.has(Fault::ExpiryKeepsLease) {
            state.content.remove(&names::lease(&at.key));
        }
        let Some(lying) = lying else { return };
        let stale = match &lying.value {
            Value::Text(text) => Lives::of(text).map(|lives| self.stale(&lives)),
            Value::Foreign => None,
        };
        match stale {
            Some(stale) if !self.has(Fault::ExpiryRemoves) => {
                let expires = lying.left.map(|left| now + left);
                let stale = Value::Text(stale);
                state.content.set(at.key.clone(), stale, expires);
            }
            None if self.has(Fault::PlainIsNotExpired) => {}
            _ => {
                state.content.remove(&at.key);
            }
        }
    }

    fn stale(&self, lives: &Lives<'_>) -> Bytes {
        let new = EntryId::draw().to_string();
        let kept = self.has(Fault::ExpiryKeepsTheEntry);
        let id = if kept { lives.id } else { &new };
        let ignored = self.has(Fault::ExpiryIsIgnored);
        let fresh = if ignored { lives.fresh } else { "0" };
        let [codec, made] = lives.codec_and_made;
        let head = format!("TR1 {id} {codec} {made} {fresh} ");
        [head.as_bytes(), lives.rest].concat().into()
    }
}

impl<'a> Lives<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        let mut fields = text.splitn(6, |byte| *byte == b' ');
        let mut next = || std::str::from_utf8(fields.next()?).ok();
        let ("TR1", id, codec, made, fresh) = (next()?, next()?, next()?, next()?, next()?) else {
            return None;
        };
        hexadecimal(id.as_bytes())?;
        decimal(made.as_bytes()).and(decimal(fresh.as_bytes()))?;
        Some(Self {
            id,
            codec_and_made: [codec, made],
            fresh,
            rest: fields.next()?,
        })
    }
}
