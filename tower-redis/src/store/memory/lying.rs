//! What lies in the server, as calls find it and leave it.

use std::time::Duration;

use crate::store::entry::{EntryId, Format, Found, Late, New, Place};
use crate::store::envelope::{self, Time};
use crate::store::token::{Given, TokenKey};

use super::content::Value;
use super::fault::Fault;
use super::inside::{Inside, State};

/// How much longer than its longest entry a token lives.
const TOKEN_REST: Duration = Duration::from_secs(3_600);

impl Inside {
    pub(super) fn all_tokens(
        &self,
        state: &mut State,
        keys: &[TokenKey],
        now: Duration,
    ) -> Vec<Given> {
        let token = |key| self.token(state, key, now);
        keys.iter().map(token).collect()
    }

    pub(super) fn found(&self, state: &State, at: &Place, now: Duration) -> Found {
        let revive = self.has(Fault::ExpiredIsRevived);
        let lying = if revive {
            state.content.get_dead_or_alive(&at.key, now)
        } else {
            state.content.get(&at.key, now)
        };
        let Some(lying) = lying else {
            return Found::Nothing;
        };
        match (lying.value, at.format) {
            (Value::Foreign, _) => Found::Foreign,
            (Value::Text(text), Format::Plain) => envelope::read_plain(text, lying.left),
            (Value::Text(text), Format::Envelope) => {
                let now = if revive { Duration::ZERO } else { now };
                envelope::read(text, Time::Now(now))
            }
        }
    }

    /// What many calls at once answer.
    pub(super) fn in_order<T>(&self, mut answers: Vec<T>) -> Vec<T> {
        if self.has(Fault::ManyAreMixedUp) {
            answers.reverse();
        }
        answers
    }

    pub(super) fn store(
        &self,
        state: &mut State,
        at: &Place,
        new: &New,
        now: Duration,
    ) -> Option<EntryId> {
        if state.content.is_foreign(&at.key, now) && !self.has(Fault::ForeignIsOverwritten) {
            return None;
        }
        let late;
        let new = if self.has(Fault::TokensReadLate) {
            late = self.with_present_tokens(state, new, now);
            &late
        } else {
            new
        };
        let kept = envelope::kept(new);
        if self.has(Fault::NothingIsKept) {
            return Some(EntryId::draw());
        }
        for key in new.token_keys() {
            if self.has(Fault::TokensDieEarly) {
                break;
            }
            let key = self.names.token(key);
            state.content.extend(&key, now + kept + TOKEN_REST);
        }
        let (id, bytes) = match at.format {
            Format::Plain => {
                let payload = new.packed.payload.clone();
                (EntryId::of(&payload), payload)
            }
            Format::Envelope => {
                let id = EntryId::draw();
                let pieces = envelope::write(id, new);
                let made = now.as_millis().to_string();
                let whole = [&pieces.before, made.as_bytes(), &pieces.after].concat();
                (id, whole.into())
            }
        };
        let value = Value::Text(bytes);
        let lies = if self.has(Fault::IdleIsIgnored) {
            kept
        } else {
            envelope::lies(new)
        };
        state.content.set(at.key.clone(), value, Some(now + lies));
        Some(id)
    }

    fn with_present_tokens(&self, state: &mut State, new: &New, now: Duration) -> New {
        let mut new = new.clone();
        let late = new
            .late
            .iter_mut()
            .flat_map(|late: &mut Late| &mut late.tags);
        for (key, token) in new.generation.iter_mut().chain(&mut new.tags).chain(late) {
            *token = self.token(state, key, now).token;
        }
        new
    }
}
