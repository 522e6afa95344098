//! What all services of one layer share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Request;

use crate::key::KeyWriter;
use crate::limit::{Asked, Limiter};

use super::fields::Fields;
use super::key::{RequestKey, Unidentified};

/// A limiter, and what it needs to know of requests.
#[derive(Debug)]
pub(super) struct Gate<K> {
    pub(super) limiter: Limiter,
    pub(super) fields: Arc<Fields>,
    key: K,
    warned: AtomicBool,
}

impl<K> Gate<K> {
    pub(super) fn new(limiter: Limiter, key: K) -> Self {
        Self {
            fields: Arc::new(Fields::of(&limiter)),
            limiter,
            key,
            warned: AtomicBool::new(false),
        }
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
