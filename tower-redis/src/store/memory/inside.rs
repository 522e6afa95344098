//! What a server is inside: keys, expiry, scripts and who listens.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::clock::Clock;
use crate::store::message::{FORMAT, Instance, Told};
use crate::store::names::Names;
use crate::store::token::{Given, Part, Stamp, Token, TokenKey};

use super::content::{Content, Value};
use super::fault::{Fault, Faults};
use super::link::Link;

/// How long a token lives at least.
const TOKEN_LIFE: Duration = Duration::from_secs(25 * 3_600);

pub(super) struct Inside {
    pub(super) clock: Clock,
    pub(super) names: Names,
    pub(super) faults: Faults,
    state: Mutex<State>,
}

/// What a call works on, all at once, as a script does.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) content: Content,
    links: Vec<Weak<Link>>,
}

impl Inside {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            names: Self::names(),
            faults: Faults::default(),
            state: Mutex::default(),
        }
    }

    /// The names that every server in memory uses.
    pub(super) fn names() -> Names {
        Names::new("tr", 0)
    }

    /// Publishes to `link` from now on.
    pub(super) fn add(&self, link: &Arc<Link>) {
        self.state().links.push(Arc::downgrade(link));
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server's clock, since 1970.
    pub(super) fn now(&self) -> Duration {
        let since = self.clock.wall().duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default()
    }

    /// Runs `script`, and hands over what it published.
    pub(super) fn act<T>(&self, script: impl FnOnce(&mut State, Duration) -> T) -> T {
        let mut state = self.state();
        let answer = script(&mut state, self.now());
        let links: Vec<_> = state.links.iter().filter_map(Weak::upgrade).collect();
        drop(state);
        links.iter().for_each(|link| link.hand_over());
        answer
    }

    pub(super) fn has(&self, fault: Fault) -> bool {
        self.faults.has(fault)
    }

    /// The present token, made if it is missing.
    pub(super) fn token(&self, state: &mut State, key: &TokenKey, now: Duration) -> Given {
        let at = self.names.token(key);
        let there = state.content.text(&at, now);
        if let Some(token) = there.and_then(|text| Token::parse(&text)) {
            return Given::there(token);
        }
        let stamp = match state.stamp(&self.names, now) {
            Some(stamp) => stamp,
            None => state.raise(&self.names, now),
        };
        let token = if self.has(Fault::TokensComeBack) {
            Token::of_parts(stamp, 1, 1)
        } else {
            Token::draw(stamp)
        };
        state.set_token(at, token, now);
        let made = !self.has(Fault::TokensAreMadeInSilence);
        Given { token, made }
    }
}

impl Inside {
    /// Replaces `part` of the tokens of `keys`.
    pub(super) fn replace(
        &self,
        state: &mut State,
        keys: &[TokenKey],
        part: Part,
        now: Duration,
    ) -> Vec<Token> {
        let stamp = match state.stamp(&self.names, now) {
            Some(stamp) if self.has(Fault::StampStands) => stamp,
            _ => state.raise(&self.names, now),
        };
        let stands = match part {
            Part::Hard => self.has(Fault::TokensStand),
            Part::Soft => self.has(Fault::SoftStands),
        };
        let replace = |key: &TokenKey| {
            let at = self.names.token(key);
            let there = state.content.text(&at, now);
            let there = there.and_then(|text| Token::parse(&text));
            let new = Token::draw(stamp);
            let token = match (there, part) {
                _ if stands => self.token(state, key, now).token,
                (Some(there), Part::Soft) if !self.has(Fault::SoftIsHard) => there.softened(new),
                _ => new,
            };
            state.set_token(at, token, now);
            token
        };
        keys.iter().map(replace).collect()
    }
}

impl State {
    pub(super) fn stamp(&self, names: &Names, now: Duration) -> Option<Stamp> {
        let text = self.content.text(&names.stamp(), now)?;
        Stamp::parse(&text)
    }

    pub(super) fn raise(&mut self, names: &Names, now: Duration) -> Stamp {
        let old = self.stamp(names, now).unwrap_or_default();
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        let stamp = Stamp(old.0.saturating_add(1).max(micros));
        let text = Value::Text(stamp.0.to_string().into());
        self.content.set(names.stamp(), text, None);
        stamp
    }

    /// Keeps its expiry, if that is later.
    pub(super) fn set_token(&mut self, at: Bytes, token: Token, now: Duration) {
        let before = self.content.get(&at, now).and_then(|lying| lying.left);
        let life = before.unwrap_or_default().max(TOKEN_LIFE);
        let text = Value::Text(token.to_string().into());
        self.content.set(at, text, Some(now + life));
    }

    /// What the script `tell` does.
    pub(super) fn tell(&mut self, names: &Names, from: Instance, told: &Told, now: Duration) {
        let place = names.feed();
        let lying = self.content.text(&place, now);
        let lying = lying.and_then(|text| String::from_utf8(text.to_vec()).ok());
        let (epoch, sequence) = lying
            .as_deref()
            .and_then(|text| text.split_once(' '))
            .and_then(|(epoch, sequence)| Some((epoch.to_owned(), sequence.parse().ok()?)))
            .unwrap_or_else(|| (Instance::draw().to_string(), 0_u64));
        let sequence = sequence + 1;
        let text = Value::Text(format!("{epoch} {sequence}").into());
        self.content.set(place, text, None);
        let head = format!("{FORMAT} {epoch} {sequence} ");
        let message = [head.as_bytes(), &told.text(from)].concat();
        self.publish(&names.channel(), &message.into());
    }

    /// Runs `script`, and publishes nothing.
    #[cfg(test)]
    pub(super) fn in_silence(&mut self, script: impl FnOnce(&mut Self)) {
        let links = std::mem::take(&mut self.links);
        script(self);
        self.links = links;
    }

    pub(super) fn publish(&mut self, channel: &Bytes, message: &Bytes) {
        self.links.retain(|link| link.strong_count() > 0);
        let links = self.links.iter().filter_map(Weak::upgrade);
        links.for_each(|link| link.put(channel, message));
    }
}

// what lies there is nobody's business
impl fmt::Debug for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FarServer")
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
