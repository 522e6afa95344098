//! The server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::clock::ManualClock;

use super::content::Value;
use super::fault::Fault;
use super::inside::Inside;
use super::process::FarProcess;

/// What a Redis does for this library, in memory and on a clock that a test turns. Clones are the same
/// server.
#[derive(Clone)]
pub struct FarServer(Arc<Inside>);

impl FarServer {
    /// An empty server.
    #[must_use]
    pub fn new(clock: &ManualClock) -> Self {
        Self(Arc::new(Inside::new(clock.clock())))
    }

    /// Another process that uses this server. Its feed is joined and live.
    #[must_use]
    pub fn process(&self) -> FarProcess {
        let process = FarProcess::new(Arc::clone(&self.0));
        self.0.add(process.link());
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

    /// What `PTTL` answers: `None` for a key that is not there or has no expiry.
    #[must_use]
    pub fn left(&self, key: &str) -> Option<Duration> {
        let lying = self.0.state().content.get(key.as_bytes(), self.0.now());
        lying.and_then(|lying| lying.left)
    }

    /// What `DEL` does, and what happens to an evicted key: nobody is told.
    #[expect(clippy::must_use_candidate, reason = "it does something")]
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

    /// Tells something that nobody hears.
    #[cfg(test)]
    pub(super) fn use_up_a_number(
        &self,
        from: crate::store::message::Instance,
        told: &crate::store::message::Told,
    ) {
        let mut state = self.0.state();
        state.in_silence(|state| state.tell(&self.0.names, from, told, self.0.now()));
    }

    /// What `PUBLISH` does.
    pub fn publish(&self, channel: &str, message: impl Into<Vec<u8>>) {
        let channel = Bytes::copy_from_slice(channel.as_bytes());
        let message = message.into().into();
        self.0.act(|state, _| state.publish(&channel, &message));
    }
}

impl fmt::Debug for FarServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
