//! What all services of one layer share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Request;

use crate::key::KeyWriter;
use crate::limit::{Asked, Limiter};

use super::answers::Answers;
use super::fields::Fields;
use super::key::{RequestKey, Unidentified};
use super::manner::Manner;

/// A limiter, and what it needs to know of requests.
#[derive(Debug)]
pub(super) struct Gate<K> {
    pub(super) limiter: Limiter,
    pub(super) manner: Arc<Manner>,
    // shared, so that a key need not be `Clone`
    key: Arc<K>,
    warned: Arc<AtomicBool>,
}

impl<K> Clone for Gate<K> {
    fn clone(&self) -> Self {
        Self {
            limiter: self.limiter.clone(),
            manner: Arc::clone(&self.manner),
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
            key: Arc::new(key),
            warned: Arc::default(),
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
    pub(super) fn ask<B>(&self, request: &Request<B>) -> Asked {
        let mut key = KeyWriter::new();
        if let Err(unidentified) = self.key.write(request, &mut key) {
            self.warn(unidentified);
        }
        self.limiter.ask(key.as_bytes(), 1)
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
