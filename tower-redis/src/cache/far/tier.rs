//! What one cache needs to know of the far tier.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use crate::clock::Moment;
use crate::codec::Codec;
use crate::error::Error;
use crate::store::{self, FeedEpoch, Format, Late, New, Pattern, Place, Store, TokenKey, Watch};
use crate::telemetry::Counter;

use crate::cache::freshness::Freshness;
use crate::cache::hold::Hold;
use crate::cache::known::{Known, Learnt};
use crate::cache::tags::Tags;

use super::brought::Brought;
use super::claim::Claim;
use super::outage::Outage;
use super::tokens::Tokens;

/// The far tier of one cache of `V`.
pub(crate) struct Far<V: Hold> {
    #[expect(dead_code, reason = "held as long as the cache lives")]
    pub(super) claim: Option<Claim>,
    pub(super) store: Arc<dyn Store>,
    /// That of the store: it is looked at on every hit.
    pub(super) watch: Arc<Watch>,
    pub(super) codec: Codec<V::Value>,
    pub(super) form: Form,
    pub(super) outage: Outage,
    pub(super) tags: Arc<Tags>,
    pub(super) lost_tokens: Counter,
    /// Of a value that could not be written.
    pub(super) warned: AtomicBool,
}

/// Where the values of a cache lie, and in which form.
pub(super) enum Form {
    /// Under keys of ours.
    Own {
        /// What stands before each key.
        prefix: Bytes,
        generation: Generation,
    },
    /// Under keys as the user spelled them.
    Exact {
        prefix: Bytes,
        /// What all keys of the cache match.
        pattern: Pattern,
    },
}

impl Form {
    /// What all keys of the cache match.
    pub(super) fn pattern(&self) -> Pattern {
        match self {
            Self::Own { prefix, .. } => Pattern::prefix(prefix),
            Self::Exact { pattern, .. } => pattern.clone(),
        }
    }
}

/// The token that every entry of a cache carries.
pub(super) struct Generation {
    pub(super) key: TokenKey,
    pub(super) known: Known,
}

impl<V: Hold> Far<V> {
    /// What stands before each of its keys.
    pub(crate) fn prefix(&self) -> &[u8] {
        match &self.form {
            Form::Own { prefix, .. } | Form::Exact { prefix, .. } => prefix,
        }
    }

    /// Where the value of `key` lies. A value that has tags needs more than plain bytes.
    pub(super) fn place(&self, key: &[u8], tagged: bool) -> Place {
        let format = match &self.form {
            Form::Exact { .. } if !tagged => Format::Plain,
            Form::Exact { .. } | Form::Own { .. } => Format::Envelope,
        };
        Place::new(self.full(key), format)
    }

    /// Where `new` lies, for which `place` was asked before its tags were known: those that come with a value need
    /// more than plain bytes, too.
    pub(super) fn place_of(&self, place: Place, new: &New) -> Place {
        match new.late {
            Some(_) => Place::new(place.key, Format::Envelope),
            None => place,
        }
    }

    /// `key` as it lies far.
    pub(super) fn full(&self, key: &[u8]) -> Vec<u8> {
        let prefix = self.prefix();
        let mut full = Vec::with_capacity(prefix.len() + key.len());
        full.extend_from_slice(prefix);
        full.extend_from_slice(key);
        full
    }

    /// The keys that begin with `start`.
    pub(super) fn starting_with(&self, start: &[u8]) -> Pattern {
        Pattern::prefix(&self.full(start))
    }

    /// The key of this cache whose value lies at `place`.
    pub(super) fn key_at<'a>(&self, place: &'a [u8]) -> Option<&'a [u8]> {
        place.strip_prefix(self.prefix())
    }

    /// The epoch of the feed.
    pub(crate) fn epoch(&self) -> FeedEpoch {
        self.watch.epoch()
    }

    /// Tokens that were there and had to be made again.
    pub(crate) fn lost_tokens(&self) -> u64 {
        self.lost_tokens.total()
    }

    pub(super) fn generation(&self) -> Option<&Generation> {
        match &self.form {
            Form::Own { generation, .. } => Some(generation),
            Form::Exact { .. } => None,
        }
    }

    /// `brought` as it would lie far, as long as `freshness` says; `None` when it cannot be written.
    pub(super) fn new_entry(
        &self,
        brought: &Brought<V>,
        tokens: &Tokens,
        late: Option<Late>,
        freshness: &Freshness,
    ) -> Option<New> {
        let tagged = !tokens.marks.is_empty() || late.is_some();
        let value = brought.value.value();
        let (packed, kept) = match &self.form {
            // its expiry is its life
            Form::Exact { .. } if !tagged => (self.codec.pack_plain(value), brought.ttl),
            Form::Exact { .. } | Form::Own { .. } => (
                self.codec.pack(value),
                brought.ttl.saturating_add(freshness.windows.longest()),
            ),
        };
        match packed {
            Ok(packed) => Some(New {
                packed,
                fresh: brought.ttl,
                kept,
                cost: brought.took,
                generation: self
                    .generation()
                    .zip(tokens.generation)
                    .map(|(generation, token)| (generation.key.clone(), token)),
                tags: tokens
                    .tags()
                    .map(|(key, token)| (key.clone(), token))
                    .collect(),
                late,
                idle: freshness.idle,
            }),
            Err(error) => {
                if !self.warned.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        %error,
                        "a value stays in this process, since it cannot be written; this is said once \
                         for each cache, and `CacheStats::unwritable` counts on"
                    );
                }
                None
            }
        }
    }

    /// The value of what was found.
    pub(super) fn read(&self, held: &store::Held) -> Result<V, Error> {
        self.codec.unpack(&held.packed).map(V::hold)
    }

    /// Now, for what is known of something that has `version`.
    pub(super) fn learnt(&self, version: u64, at: Moment) -> Learnt {
        Learnt {
            epoch: self.epoch(),
            version,
            at,
        }
    }
}

impl<V: Hold> fmt::Debug for Far<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Far")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
