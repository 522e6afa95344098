//! One cache as bytes to values: the near tier, the loads under way and the rules between them.
//!
//! [`Cache`](super::typed::Cache), the functions behind `#[cached]` and the HTTP cache are views of
//! this one engine.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::clock::{Clock, Moment};
use crate::error::Error;
use crate::registry::Reports;
use crate::store::{FeedEpoch, Hears};
use crate::sync::AtomicU64;
use crate::tasks::Tasks;

use super::calm::Calm;
use super::core::Core;
use super::event::Listener;
use super::failures::Failures;
use super::far::Far;
use super::flight::Flights;
use super::freshness::Freshness;
use super::hold::Hold;
use super::near::Near;
use super::premises::{Epoch, Premises};
use super::stats::{CacheStats, Counts};
use super::status::Reach;
use super::sweep::Sweep;
use super::tagging::Tagging;
use super::terms::{Call, ChangedTtl, Loads, Parts};

/// The engine of one cache. Clones share it.
pub(crate) struct Engine<V: Hold>(Arc<Core<V>>);

impl<V: Hold> Engine<V> {
    pub(crate) fn new(parts: Parts<V>) -> Self {
        Self(Arc::new(Core {
            parts,
            flights: Flights::new(),
            epoch: AtomicU64::new(0),
            counts: Counts::default(),
            failures: Failures::default(),
            sweep: Sweep::default(),
            calm: Calm::default(),
            changed_ttl: ChangedTtl::default(),
        }))
    }

    /// One more of those that share `core`.
    pub(crate) fn sharing(core: Arc<Core<V>>) -> Self {
        Self(core)
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.parts.name
    }

    pub(crate) fn enabled(&self) -> bool {
        self.0.parts.enabled
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    /// The time against which lifetimes are measured.
    pub(crate) fn now(&self) -> Moment {
        self.clock().coarse()
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.0.parts.tasks
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.0.counts
    }

    pub(super) fn flights(&self) -> &Flights<V> {
        &self.0.flights
    }

    pub(crate) fn near(&self) -> &Near<V> {
        &self.0.parts.near
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.0.epoch()
    }

    /// Whether there is a far tier.
    #[cfg(feature = "http-cache")]
    pub(crate) fn is_shared(&self) -> bool {
        self.far().is_some()
    }

    /// The far tier, where there is one.
    #[inline]
    pub(super) fn far(&self) -> Option<&Far<V>> {
        self.0.far()
    }

    #[inline]
    pub(super) fn freshness(&self) -> &Freshness {
        &self.0.parts.freshness
    }

    pub(super) fn listener(&self) -> Option<&Listener<V::Value>> {
        self.0.parts.listener.as_ref()
    }

    pub(super) fn loads(&self) -> &Loads {
        &self.0.parts.loads
    }

    pub(super) fn failures(&self) -> &Failures {
        &self.0.failures
    }

    pub(super) fn sweep(&self) -> &Sweep {
        &self.0.sweep
    }

    /// Whether `value` is one to keep.
    pub(super) fn keeps(&self, value: &V) -> bool {
        let keeps = self.0.parts.keeps.as_ref();
        keeps.is_none_or(|keeps| keeps(value.value()))
    }

    /// The tags that `value` says it has.
    pub(super) fn tags_of(&self, value: &V) -> Vec<String> {
        let tags_of = self.0.parts.tags_of.as_ref();
        tags_of.map_or_else(Vec::new, |tags_of| tags_of(value.value()))
    }

    /// Whether tags may come with values.
    pub(super) fn may_be_late(&self, call: &Call) -> bool {
        call.late_tags || self.0.parts.tags_of.is_some()
    }

    /// What `value` weighs against the bound of the near tier.
    pub(super) fn weigh(&self, key: &[u8], value: &V) -> u64 {
        self.0.parts.weigh.of(key, value.value())
    }

    /// The epoch of the feed.
    pub(super) fn feed(&self) -> FeedEpoch {
        self.far().map(Far::epoch).unwrap_or_default()
    }

    /// What a load that begins now rests on.
    pub(crate) fn premises<T: AsRef<str>>(&self, tags: &[T]) -> Premises {
        // the epoch first: marks taken after a `clear` may be newer than it, never older
        Premises {
            feed: self.feed(),
            epoch: self.epoch(),
            stamp: self.0.parts.tags.cells.stamp(),
            late: self.0.parts.tags_of.is_some(),
            marks: self.0.parts.tags.cells.mark(tags),
        }
    }

    /// The tags of its toolkit.
    pub(crate) fn tagging(&self) -> &Tagging {
        &self.0.parts.tags
    }

    /// Removes `key` from this process; loads of it that are under way will not be stored. Answers how
    /// many entries went.
    pub(crate) fn drop_near(&self, key: &[u8]) -> usize {
        self.0.drop_near(key)
    }

    /// Forbids loads of `key` that are under way to fill, and runs `change` before anything else can happen to
    /// the key.
    pub(super) fn exclude<R>(&self, key: &[u8], change: impl FnOnce(&Near<V>, &[u8]) -> R) -> R {
        let changed = self.0.flights.exclude(key, || change(self.near(), key));
        self.failures().forget(key);
        changed
    }

    /// [`drop_near`](Self::drop_near) for every key that `matches`.
    pub(super) fn drop_matching(&self, matches: impl Fn(&[u8]) -> bool) -> usize {
        self.0.drop_matching(matches)
    }

    /// Removes everything from this process.
    pub(super) fn drop_all(&self) -> usize {
        self.0.drop_all()
    }

    /// Makes what was told the far tier an answer, and counts what went wrong.
    pub(super) fn reach<T>(&self, told: &Result<T, Error>) -> Reach {
        if let Err(error) = told {
            self.far_failed(error);
        }
        Reach::of(told)
    }

    /// The far tier did not do what it was asked for.
    pub(super) fn far_failed(&self, error: &Error) {
        self.0.counts.far_failures.bump();
        tracing::debug!(cache = self.name(), %error, "the far tier did not answer");
    }

    pub(crate) fn stats(&self) -> CacheStats {
        self.0.stats()
    }

    /// This engine as something that hears what others invalidate, without keeping it alive.
    pub(super) fn hears(&self) -> Weak<dyn Hears> {
        let weak: Weak<Core<V>> = Arc::downgrade(&self.0);
        weak
    }

    /// What its clones share.
    #[inline]
    pub(crate) fn core(&self) -> &Arc<Core<V>> {
        &self.0
    }

    /// This engine as something to ask for its counts, without keeping it alive.
    pub(crate) fn reports(&self) -> Weak<dyn Reports<CacheStats>> {
        let weak: Weak<Core<V>> = Arc::downgrade(&self.0);
        weak
    }
}

impl<V: Hold> Clone for Engine<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V: Hold> fmt::Debug for Engine<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
