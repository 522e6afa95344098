//! Invalidations: near, then far, then near again.
//!
//! The first makes it prompt and breaks the permits of loads under way. The last catches what a lookup
//! of this process fetched while the invalidation was on its way.

use std::slice;
use std::time::Duration;

use crate::cache::engine::Engine;
use crate::cache::hold::Hold;
use crate::cache::status::Invalidated;
use crate::cache::terms::Call;
use crate::store::Part;

use super::again::Again;
use super::brought::Brought;
use super::tier::Form;

impl<V: Hold> Engine<V> {
    /// Stores a value; loads of the key that are under way will not overwrite it.
    ///
    /// Cancellation: dropped half-way, nothing is near, and what lies far will be removed.
    pub(crate) async fn put(&self, key: &[u8], value: V, call: &Call) {
        if !self.enabled() || call.bypass || !self.keeps(&value) {
            // nothing is kept of it, and what is there, or others have, is older
            self.invalidate(key).await;
            return;
        }
        let ttl = self.ttl_for(&value, call.ttl);
        let (ttl, tags) = (self.jittered(ttl), self.all_tags(call, &value));
        match self.far() {
            None => self.put_near(key, value, ttl, &tags),
            Some(_) if ttl.is_zero() => {
                self.invalidate(key).await;
            }
            Some(far) => {
                let brought = Brought {
                    value,
                    ttl,
                    took: Duration::ZERO,
                    tags: Vec::new(),
                };
                let call = Call {
                    tags,
                    ..Call::default()
                };
                self.put_both(far, key, &call, brought).await;
            }
        }
    }

    /// The tags of a value that is given.
    fn all_tags(&self, call: &Call, value: &V) -> Vec<Box<str>> {
        let own = self.tags_of(value).into_iter().map(String::into_boxed_str);
        call.tags.iter().cloned().chain(own).collect()
    }

    /// Removes `key` in both tiers; loads of it that are under way will not be stored.
    ///
    /// Cancellation: dropped half-way, it is done near, and will be done far.
    pub(crate) async fn invalidate(&self, key: &[u8]) -> Invalidated {
        let Some(far) = self.far() else {
            return Invalidated::dropping(self.drop_near(key));
        };
        let (before, again) = Again::after(|| self.core().drop_here(far, key));
        let place = far.place(key, false);
        let reach = self.reach(&far.store.remove(slice::from_ref(&place)).await);
        Invalidated::new(before + again.now(), reach)
    }

    /// Removes every key that starts with `prefix`, in both tiers.
    ///
    /// Cancellation: as with [`invalidate`](Self::invalidate).
    pub(crate) async fn invalidate_prefix(&self, prefix: &[u8]) -> Invalidated {
        let Some(far) = self.far() else {
            let starts = |key: &[u8]| key.starts_with(prefix);
            return Invalidated::dropping(self.drop_matching(starts));
        };
        let (before, again) = Again::after(|| self.core().drop_here_after(far, prefix));
        let pattern = far.starting_with(prefix);
        let reach = self.reach(&far.store.remove_matching(&pattern).await);
        Invalidated::new(before + again.now(), reach)
    }

    /// Removes everything, in both tiers.
    ///
    /// Cancellation: as with [`invalidate`](Self::invalidate).
    pub(crate) async fn clear(&self) -> Invalidated {
        let Some(far) = self.far() else {
            return Invalidated::dropping(self.drop_all());
        };
        let (before, again) = Again::after(|| self.core().drop_all_here(far));
        // a new token is not remembered: another one may have been heard of meanwhile
        let reach = match &far.form {
            Form::Own { generation, .. } => {
                let keys = slice::from_ref(&generation.key);
                self.reach(&far.store.replace_tokens(keys, Part::Hard).await)
            }
            Form::Exact { pattern, .. } => self.reach(&far.store.remove_matching(pattern).await),
        };
        Invalidated::new(before + again.now(), reach)
    }
}
