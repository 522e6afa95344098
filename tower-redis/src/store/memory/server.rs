//! The server.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::clock::{Clock, ManualClock};
use crate::store::message::{FORMAT, Instance, Told};
use crate::store::names::Names;
use crate::store::token::{Stamp, Token, TokenKey};

use super::content::{Content, Value};
use super::fault::{Fault, Faults};
use super::link::Link;
use super::process::FarProcess;

/// How long a token lives at least.
const TOKEN_LIFE: Duration = Duration::from_secs(25 * 3_600);

/// What a Redis does for this library, in memory and on a clock that a test turns. Clones are the same
/// server.
#[derive(Clone)]
pub struct FarServer(Arc<Inside>);

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

impl FarServer {
    /// An empty server.
    #[must_use]
    pub fn new(clock: &ManualClock) -> Self {
        Self(Arc::new(Inside {
            clock: clock.clock(),
            names: Names::new("tr", 0),
            faults: Faults::default(),
            state: Mutex::default(),
        }))
    }

    /// Another process that uses this server. Its feed is joined and live.
    #[must_use]
    pub fn process(&self) -> FarProcess {
        let process = FarProcess::new(Arc::clone(&self.0));
        self.0.state().links.push(process.link());
        process.join_feed();
        process
    }

    /// Makes it break a promise, from now on and for processes that come later.
    pub fn commit(&self, fault: Fault) {
        self.0.faults.add(fault);
    }

    /// What `SET` does, with `PX` if `ttl` is there.
    pub fn set(&self, key: &str, value: impl Into<Vec<u8>>, ttl: Option<Duration>) {
        let expires = ttl.map(|ttl| self.0.now() + ttl);
        let value = Value::Text(value.into().into());
        let key = Bytes::copy_from_slice(key.as_bytes());
        self.0.state().content.set(key, value, expires);
    }

    /// Puts something that is not a string under `key`.
    pub fn set_foreign(&self, key: &str) {
        let key = Bytes::copy_from_slice(key.as_bytes());
        self.0.state().content.set(key, Value::Foreign, None);
    }

    /// What `GET` answers.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let text = self.0.state().content.text(key.as_bytes(), self.0.now());
        text.map(|text| text.to_vec())
    }

    /// What `DEL` does, and what happens to an evicted key: nobody is told.
    pub fn del(&self, key: &str) -> bool {
        self.0.state().content.remove(key.as_bytes())
    }

    /// What `KEYS *` answers, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let keys = self.0.state().content.keys(self.0.now());
        let text = |key: &Bytes| String::from_utf8_lossy(key).into_owned();
        keys.iter().map(text).collect()
    }

    /// What `FLUSHALL` does: nobody is told.
    pub fn flush_all(&self) {
        self.0.state().content.clear();
    }

    /// What `PUBLISH` does.
    pub fn publish(&self, channel: &str, message: impl Into<Vec<u8>>) {
        let channel = Bytes::copy_from_slice(channel.as_bytes());
        let message = message.into().into();
        self.0.act(|state, _| state.publish(&channel, &message));
    }
}

impl Inside {
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
    pub(super) fn token(&self, state: &mut State, key: &TokenKey, now: Duration) -> Token {
        let at = self.names.token(key);
        let there = state.content.text(&at, now);
        if let Some(token) = there.and_then(|text| Token::parse(&text)) {
            return token;
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
        token
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

    fn publish(&mut self, channel: &Bytes, message: &Bytes) {
        self.links.retain(|link| link.strong_count() > 0);
        let links = self.links.iter().filter_map(Weak::upgrade);
        links.for_each(|link| link.put(channel, message));
    }
}

impl fmt::Debug for FarServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
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
