//! What becomes of a value before its life is over.

use std::time::Duration;

use bytes::Bytes;

use crate::store::entry::{EntryId, Place};
use crate::store::envelope;
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

    /// What the script `touch` does.
    pub(super) fn touch(&self, state: &mut State, at: &Place, keep: Duration, now: Duration) {
        let Some(lying) = state.content.get(&at.key, now) else {
            return;
        };
        let life = match &lying.value {
            Value::Text(text) => Lives::of(text).map(|lives| lives.rest_at(now)),
            Value::Foreign => return,
        };
        let most = life.filter(|_| !self.has(Fault::TouchOutlives));
        let rest = keep.min(envelope::LONGEST).min(most.unwrap_or(keep));
        let shortens = self.has(Fault::TouchShortens);
        let touches = match lying.left {
            Some(left) => rest > left || shortens,
            None => self.has(Fault::TouchEnds),
        };
        if touches && !self.has(Fault::TouchIsForgotten) {
            let expires = Some(now + rest);
            state.content.set(at.key.clone(), lying.value, expires);
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
    /// How long it may be kept from `now` on.
    fn rest_at(&self, now: Duration) -> Duration {
        let number = |text: &[u8]| Duration::from_millis(decimal(text).unwrap_or_default());
        let kept = self.rest.split(|byte| *byte == b' ').next();
        let kept = number(kept.unwrap_or_default());
        let [_, made] = self.codec_and_made;
        kept.saturating_sub(now.saturating_sub(number(made.as_bytes())))
    }

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
