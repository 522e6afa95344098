//! Several invalidations as one: near, then far in as few round trips as can be, then near again.

use std::slice;
use std::sync::{Arc, Weak};

use crate::cache::caches::Caches;
use crate::cache::core::Core;
use crate::cache::engine::Engine;
use crate::cache::hold::Hold;
use crate::cache::removes::{Errands, Removes};
use crate::cache::status::{Invalidated, Reach};
use crate::cache::tagging::Tagging;
use crate::cache::tags::Severity;
use crate::key::KeyWriter;
use crate::store::{Pattern, TokenKey};

use super::again::Again;
use super::tier::{Far, Form};

/// One thing to invalidate.
#[derive(Clone, Copy)]
pub(crate) enum Wrong<'a> {
    Key(&'a dyn Removes, &'a [u8]),
    Whole(&'a dyn Removes),
    /// A key whose entry becomes stale.
    Stale(&'a dyn Removes, &'a [u8]),
    Tag(&'a Tagging, &'a str, Severity),
    /// The keys that a pattern means, in every cache of a toolkit.
    Matching(&'a Caches, &'a Tagging, &'a Pattern),
}

impl Wrong<'_> {
    fn drop_here(&self) -> usize {
        match self {
            Self::Key(cache, key) => cache.drop_key(key),
            Self::Whole(cache) => cache.drop_whole(),
            Self::Stale(cache, key) => cache.expire_key(key),
            Self::Matching(caches, _, pattern) => caches.drop_matching(pattern),
            Self::Tag(tagging, tag, severity) => {
                tagging.cells.invalidate(slice::from_ref(tag), *severity);
                0
            }
        }
    }

    fn note_far<'a>(&'a self, far: &mut Errands<'a>) {
        match self {
            Self::Key(cache, key) => cache.key_far(key, far),
            Self::Whole(cache) => cache.whole_far(far),
            Self::Stale(cache, key) => cache.expire_far(key, far),
            Self::Tag(tagging, tag, severity) => {
                if let Some(store) = &tagging.far {
                    let errand = far.within(store);
                    let tokens = match severity {
                        Severity::Remove => &mut errand.tokens,
                        Severity::Expire => &mut errand.stale_tokens,
                    };
                    tokens.push(TokenKey::tag(tag));
                }
            }
            Self::Matching(_, tagging, pattern) => {
                if let Some(store) = &tagging.far {
                    far.within(store).patterns.push((*pattern).clone());
                }
            }
        }
    }

    fn failed(&self) {
        match self {
            Self::Key(cache, _) | Self::Stale(cache, _) | Self::Whole(cache) => cache.failed(),
            Self::Tag(..) | Self::Matching(..) => {}
        }
    }
}

/// Does all of `wrong`.
///
/// Cancellation: dropped half-way, it is done near, and will be done far.
pub(crate) async fn invalidate(wrong: &[Wrong<'_>]) -> Invalidated {
    let drop_here = || wrong.iter().map(Wrong::drop_here).sum();
    let mut far = Errands::default();
    wrong.iter().for_each(|wrong| wrong.note_far(&mut far));
    if far.is_empty() {
        return Invalidated::dropping(drop_here());
    }
    let (before, again) = Again::after(drop_here);
    let told = Box::pin(far.run()).await;
    if let Err(error) = &told {
        tracing::debug!(%error, "the far tier did not answer");
        wrong.iter().for_each(Wrong::failed);
    }
    Invalidated::new(before + again.now(), Reach::of(&told))
}

impl Tagging {
    /// Makes every entry that carries one of `tags` unusable, or stale.
    ///
    /// Cancellation: dropped half-way, it is done near, and will be done far.
    pub(crate) async fn invalidate<T: AsRef<str>>(
        &self,
        tags: &[T],
        severity: Severity,
    ) -> Invalidated {
        let wrong = |tag| Wrong::Tag(self, tag, severity);
        let wrong: Vec<_> = tags.iter().map(AsRef::as_ref).map(wrong).collect();
        invalidate(&wrong).await
    }
}

impl<V: Hold> Engine<V> {
    /// This engine as something to remove from, whatever its values are.
    #[cfg(feature = "macros")]
    pub(crate) fn removes(&self) -> Arc<dyn Removes> {
        Arc::<Core<V>>::clone(self.core())
    }

    /// Puts this engine, whose keys are `spelled` after that or lie far, among those of its toolkit.
    pub(crate) fn list(&self, caches: &Caches, spelled: Option<&str>) {
        let prefix = self.far().map(Far::prefix);
        if let Some(prefix) = prefix.or(spelled.map(str::as_bytes)) {
            let weak: Weak<Core<V>> = Arc::downgrade(self.core());
            caches.add(prefix, weak);
        }
    }

    /// [`invalidate`](Self::invalidate) for several keys, in one round trip.
    ///
    /// Cancellation: as there.
    pub(crate) async fn invalidate_many(&self, keys: &[KeyWriter]) -> Invalidated {
        let cache: &dyn Removes = &**self.core();
        let wrong: Vec<_> = keys
            .iter()
            .map(|key| Wrong::Key(cache, key.as_bytes()))
            .collect();
        invalidate(&wrong).await
    }
}

impl<V: Hold> Engine<V> {
    /// Makes `keys` stale in both tiers, in one round trip; loads of them that are under way will not be stored.
    ///
    /// Cancellation: as with [`invalidate`](Self::invalidate).
    pub(crate) async fn expire_many(&self, keys: &[KeyWriter]) -> Invalidated {
        let cache: &dyn Removes = &**self.core();
        let wrong = keys.iter().map(KeyWriter::as_bytes);
        let wrong: Vec<_> = wrong.map(|key| Wrong::Stale(cache, key)).collect();
        invalidate(&wrong).await
    }
}

impl<V: Hold> Removes for Core<V> {
    fn drop_key(&self, key: &[u8]) -> usize {
        match self.far() {
            Some(far) => self.drop_here(far, key),
            None => self.drop_near(key),
        }
    }

    fn expire_key(&self, key: &[u8]) -> usize {
        match self.far() {
            _ if !self.keeps_stale() => self.drop_key(key),
            Some(far) => self.expire_here(far, key),
            None => self.expire_near(key),
        }
    }

    fn expire_far<'a>(&'a self, key: &[u8], to: &mut Errands<'a>) {
        if !self.keeps_stale() {
            self.key_far(key, to);
        } else if let Some(far) = self.far() {
            to.within(&far.store)
                .stale_places
                .push(far.place(key, false));
        }
    }

    fn drop_whole(&self) -> usize {
        match self.far() {
            Some(far) => self.drop_all_here(far),
            None => self.drop_all(),
        }
    }

    fn drop_spelled(&self, prefix: &[u8], pattern: &Pattern) -> usize {
        // nobody who looks into this cache has to look again because of the keys of another one
        if !pattern.may_mean(prefix) {
            return 0;
        }
        self.drop_matching(|key| pattern.matches_joined(prefix, key))
    }

    fn key_far<'a>(&'a self, key: &[u8], to: &mut Errands<'a>) {
        if let Some(far) = self.far() {
            to.within(&far.store).places.push(far.place(key, false));
        }
    }

    fn whole_far<'a>(&'a self, to: &mut Errands<'a>) {
        let Some(far) = self.far() else { return };
        let task = to.within(&far.store);
        match &far.form {
            Form::Own { generation, .. } => task.tokens.push(generation.key.clone()),
            Form::Exact { pattern, .. } => task.patterns.push(pattern.clone()),
        }
    }

    fn failed(&self) {
        self.counts.far_failures.bump();
    }
}
