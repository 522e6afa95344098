//! What a load leaves in the near tier.

use std::time::Duration;

use crate::clock::Moment;
use crate::key::Key;
use crate::rng;

use super::engine::Engine;
use super::entry::{Entry, Span};
use super::event::Leaving;
use super::failures::Failure;
#[cfg(any(test, feature = "testing"))]
use super::fault::CacheFault;
use super::flight::{Fills, Permit};
use super::hold::Hold;
use super::near::Evicted;
use super::premises::Premises;
use super::share::Found;
#[cfg(feature = "http-cache")]
use super::terms::Merging;
use super::tie::Tie;

impl<V: Hold> Engine<V> {
    /// `ttl` with what chance takes from it.
    pub(super) fn jittered(&self, ttl: Duration) -> Duration {
        let freshness = self.freshness();
        if freshness.jitter > 0.0 {
            freshness.jittered(ttl, rng::chance())
        } else {
            ttl
        }
    }

    /// `value` as it would be stored for `ttl`, its load having taken `took`.
    pub(crate) fn entry(
        &self,
        key: &[u8],
        value: V,
        (ttl, took): (Duration, Duration),
        premises: &Premises,
        tie: Tie,
    ) -> Entry<V> {
        // without a far tier there is nothing that a copy could outlive
        let ttl = match (self.far(), self.freshness().near) {
            (None, Some(near)) => ttl.min(near),
            _ => ttl,
        };
        let span = self.freshness().span(self.now(), ttl, ttl, took);
        self.spanning(key, value, span, premises, tie)
    }

    /// `value` as it would be stored for `span`.
    pub(super) fn spanning(
        &self,
        key: &[u8],
        value: V,
        span: Span,
        premises: &Premises,
        tie: Tie,
    ) -> Entry<V> {
        let bound = self.far().is_some() || self.freshness().idle.is_some();
        let weight = self.weigh(key, &value);
        let tie = bound.then_some(tie);
        Entry::new(value, weight, span, premises, tie, self.now())
    }

    /// Ends a load that brought a value, or a look. Answers whether it was stored.
    pub(crate) fn fill<R: Fills<V>>(&self, right: R, entry: Entry<V>) -> bool {
        // read once for all that follows: it is a good part of what that costs
        let now = self.now();
        let lives = is_alive(&entry, now);
        let may = lives && right.premises().hold(self.epoch());
        let (ends, key) = (self.ends(&entry), self.fills(&right));
        let evicted = right.fill(self.near(), entry, may);
        let stored = self.filled(evicted, ends, now);
        if R::LOADS && lives && !stored {
            self.fill_refused(key.as_ref().map(Key::as_bytes));
        }
        stored
    }

    /// Stores what is stale already, and goes on with the load.
    pub(super) fn place(&self, permit: &Permit<V>, entry: &Entry<V>) {
        if permit.premises().hold(self.epoch()) {
            let ends = self.ends(entry);
            let evicted = permit.place(self.near(), entry);
            self.filled(evicted, ends, self.now());
        }
    }

    /// [`fill`](Self::fill), where what is there stays beside it, if this cache is such a one.
    #[cfg(feature = "http-cache")]
    pub(super) fn fill_beside(&self, key: &[u8], permit: Permit<V>, entry: Entry<V>) -> bool {
        let Some(merge) = self.core().parts.merge else {
            return self.fill(permit, entry);
        };
        let now = self.now();
        let terms = Merging {
            now,
            heaviest: self.near().heaviest(),
            key: key.len(),
        };
        let lives = is_alive(&entry, now);
        let may = lives && permit.premises().hold(self.epoch());
        let ends = self.ends(&entry);
        let value = entry.value().clone();
        let evicted = permit.fill_with(self.near(), value, |current| {
            let current = current.and_then(|current| self.would_do(current, now));
            may.then(|| {
                let there = current.as_ref().map(|current| current.value().value());
                let merged = V::hold(merge(entry.value().value(), there, terms));
                match &current {
                    Some(current) => self.beside(key, &entry, current, merged),
                    None => {
                        let weight = self.weigh(key, &merged);
                        entry.holding(merged, weight)
                    }
                }
            })
        });
        let stored = self.filled(evicted, ends, now);
        if lives && !stored {
            self.fill_refused(None);
        }
        stored
    }

    /// `merged`, which depends on all that `entry` and `current` depend on.
    #[cfg(feature = "http-cache")]
    fn beside(&self, key: &[u8], entry: &Entry<V>, current: &Entry<V>, merged: V) -> Entry<V> {
        let lives = entry.lives().max(current.lives());
        let span = Span::until(lives);
        let weight = self.weigh(key, &merged);
        entry.beside(current, merged, weight, span)
    }

    /// Stores `value` in this process; loads of the key that are under way will not overwrite it.
    pub(super) fn put_near<T: AsRef<str>>(&self, key: &[u8], value: V, ttl: Duration, tags: &[T]) {
        let lived = (ttl, Duration::ZERO);
        let entry = self.entry(key, value, lived, &self.premises(tags), Tie::default());
        let now = self.now();
        let (lives, ends) = (is_alive(&entry, now), self.ends(&entry));
        let (gone, evicted) = self.exclude(key, |near, key| {
            if lives {
                (None, Some(near.insert(key, entry)))
            } else {
                (near.remove(key), None)
            }
        });
        if let Some(gone) = gone {
            self.core().left(key, &gone, Leaving::Removed);
        }
        self.filled(evicted, ends, now);
    }

    /// What is wrong with a stale life that a failure begins anew.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn move_ceiling(&self, key: &[u8], value: &V, permit: &Permit<V>) {
        if CacheFault::CeilingMoves.is_committed() {
            let (now, premises) = (self.now(), permit.premises());
            let span = Span::until(now);
            let tie = Tie::to(None, premises.feed);
            let entry = self.spanning(key, value.clone(), span, premises, tie);
            self.place(permit, &entry);
        }
    }

    /// The load of `key` failed, and is not tried again for a while.
    pub(super) fn rest(&self, key: &[u8], permit: &Permit<V>, error: Option<Found>) {
        let now = self.now();
        let failure = Failure {
            until: now.after(self.loads().rest()),
            premises: permit.premises().clone(),
            error,
        };
        // an invalidation that came first has found nothing to forget
        let gone = permit.while_good(|| self.failures().note(key, failure, now));
        drop(gone);
    }

    /// Something was stored at `now` where it made room, and else refused.
    fn filled(&self, evicted: Option<Evicted<V>>, ends: Moment, now: Moment) -> bool {
        let stored = evicted.is_some();
        if let Some(evicted) = evicted {
            self.evicted(evicted, now);
            self.inserted(ends, now);
        }
        stored
    }
}

/// One that lived for no time was never meant to be stored.
fn is_alive<V>(entry: &Entry<V>, now: Moment) -> bool {
    now < entry.lives()
}
