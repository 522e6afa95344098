//! What all services of one layer share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Request;

use crate::key::KeyWriter;
use crate::limit::{Asked, Limiter, Reserving};

use super::answers::Answers;
use super::fields::Fields;
use super::held::Until;
use super::key::{RequestKey, Unidentified};
use super::manner::Manner;
use super::rules::Rules;

/// A limiter, and what it needs to know of requests.
#[derive(Debug)]
pub(super) struct Gate<K> {
    pub(super) limiter: Limiter,
    pub(super) manner: Arc<Manner>,
    pub(super) rules: Rules,
    // shared, so that a key need not be `Clone`
    key: Arc<K>,
    warned: Arc<AtomicBool>,
}

impl<K> Clone for Gate<K> {
    fn clone(&self) -> Self {
        Self {
            limiter: self.limiter.clone(),
            manner: Arc::clone(&self.manner),
            rules: self.rules.clone(),
            key: Arc::clone(&self.key),
            warned: Arc::clone(&self.warned),
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
    pub(super) fn ask<B>(&self, request: &Request<B>, cost: u32) -> Asked {
        self.limiter.ask(self.key_of(request).as_bytes(), cost)
    }

    /// The same for permits that may be given back, which nobody asks for before it is polled.
    pub(super) fn ask_to_reserve<B>(&self, request: &Request<B>, cost: u32) -> Reserving {
        let key = self.key_of(request);
        self.limiter.ask_to_reserve(key.as_bytes(), cost)
    }

    #[inline]
    fn key_of<B>(&self, request: &Request<B>) -> KeyWriter {
        let mut key = KeyWriter::new();
        if let Err(unidentified) = self.key.write(request, &mut key) {
            self.warn(unidentified);
        }
        key
    }

    #[cold]
    fn warn(&self, unidentified: Unidentified) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                policy = self.limiter.name(),
                "a rate limit cannot tell clients apart: {}. This is said once",
                unidentified.help()
            );
        }
    }
}
