//! What all services of one layer share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use http::Request;

use crate::key::KeyWriter;
use crate::limit::{Asked, Limiter};

use super::answers::Answers;
use super::fields::Fields;
use super::held::{Held, Until};
use super::key::{RequestKey, Unidentified, head};
use super::manner::Manner;
use super::parked::Later;
use super::rules::Rules;

/// Requests that are looked at for a key that seems to be the wrong one: what is wrong shows at once, and the look
/// costs each of them something.
const LOOKED_AT: u32 = 1_000;

/// A limiter, and what it needs to know of requests.
#[derive(Debug)]
pub(super) struct Gate<K> {
    pub(super) limiter: Limiter,
    pub(super) manner: Arc<Manner>,
    pub(super) rules: Rules,
    // shared, so that a key need not be `Clone`
    key: Arc<K>,
    warned: Arc<AtomicBool>,
    /// How many requests are still looked at.
    looks: Arc<AtomicU32>,
    /// Whether a request that cannot be told apart is an error.
    pub(super) strict: bool,
}

impl<K> Clone for Gate<K> {
    fn clone(&self) -> Self {
        Self {
            limiter: self.limiter.clone(),
            manner: Arc::clone(&self.manner),
            rules: self.rules.clone(),
            key: Arc::clone(&self.key),
            warned: Arc::clone(&self.warned),
            looks: Arc::clone(&self.looks),
            strict: self.strict,
        }
    }
}

impl<K> Gate<K> {
    pub(super) fn new(limiter: Limiter, key: K) -> Self {
        Self {
            manner: Arc::new(Manner::of(&limiter)),
            limiter,
            rules: Rules::default(),
            key: Arc::new(key),
            warned: Arc::default(),
            looks: Arc::new(AtomicU32::new(LOOKED_AT)),
            strict: false,
        }
    }

    /// Permits that are held stay so until the answer has been sent, whatever else is chosen.
    pub(super) fn refund(&mut self, until: Until) {
        let manner = Arc::make_mut(&mut self.manner);
        if manner.until.is_none() || until == Until::Answered && manner.until != Some(Until::Sent) {
            manner.until = Some(until);
        }
    }

    pub(super) fn answer(&mut self, change: impl FnOnce(&mut Answers)) {
        let manner = Arc::make_mut(&mut self.manner);
        let mut answers = manner.fields.answers.clone();
        change(&mut answers);
        manner.fields = Arc::new(Fields::of(&self.limiter, answers));
    }
}

impl<K: RequestKey> Gate<K> {
    /// The key of `request`, if it may be counted.
    #[inline]
    pub(super) fn key_of<B>(&self, request: &Request<B>) -> Option<KeyWriter> {
        let mut key = KeyWriter::new();
        let told = self.key.write(request, &mut key);
        if told.is_ok() && !self.strict && !self.looks() {
            return Some(key);
        }
        match told.err().or_else(|| self.key.doubt(request)) {
            Some(unidentified) => {
                self.warn(unidentified);
                (!self.strict).then_some(key)
            }
            None => Some(key),
        }
    }

    /// Whether one more request is looked at. Threads that meet may look at a few more.
    #[inline]
    fn looks(&self) -> bool {
        let left = self.looks.load(Ordering::Relaxed);
        if left > 0 {
            self.looks.store(left - 1, Ordering::Relaxed);
        }
        left > 0
    }

    /// Decides about a request whose key has to be found out, if there is such a thing.
    pub(super) fn ask_later<B>(self: &Arc<Self>, request: &Request<B>, cost: u32) -> Option<Later> {
        let ahead = self.key.ahead(request)?;
        let (gate, head) = (Arc::clone(self), head(request));
        Some(Box::pin(async move {
            let mut request = Request::from_parts(head, ());
            request.extensions_mut().extend(ahead.await);
            let key = gate.key_of(&request)?;
            let key = key.as_bytes();
            let Some(until) = gate.manner.until else {
                return Some(match gate.limiter.ask(key, cost) {
                    Asked::Decided(decision) => (decision, None),
                    #[cfg(feature = "redis")]
                    Asked::Asking(asking) => (asking.await, None),
                });
            };
            Some(match gate.limiter.ask_to_reserve(key, cost).await {
                Ok(reserved) => (reserved.decision(), Some(Held::new(reserved, until))),
                Err(decision) => (decision, None),
            })
        }))
    }

    #[cold]
    fn warn(&self, unidentified: Unidentified) {
        self.looks.store(0, Ordering::Relaxed);
        if self.warned.swap(true, Ordering::Relaxed) {
            return;
        }
        let (policy, help) = (self.limiter.name(), unidentified.help());
        if self.strict {
            tracing::error!(
                policy,
                "a rate limit cannot tell clients apart, and answers 500: {help}. This is said once"
            );
        } else {
            tracing::warn!(
                policy,
                "a rate limit cannot tell clients apart: {help}. This is said once"
            );
        }
    }
}
