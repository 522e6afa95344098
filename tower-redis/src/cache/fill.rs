//! What a load leaves in the near tier.

use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::entry::{Entry, Premises, Shared};
use super::flight::Permit;
use super::tie::Tie;

impl<V: Send + Sync + 'static> Engine<V> {
    /// `value` as it would be stored for `ttl`.
    pub(crate) fn entry(
        &self,
        key: &[u8],
        value: V,
        ttl: Duration,
        premises: Premises,
        tie: Tie,
    ) -> Shared<V> {
        Arc::new(Entry {
            weight: self.weigh(key, &value),
            expires: self.now().after(ttl),
            premises,
            tie,
            value,
        })
    }

    /// Ends a load that brought a value. Answers whether it was stored.
    pub(crate) fn fill(&self, permit: Permit<V>, entry: Shared<V>) -> bool {
        let lives = self.lives(&entry);
        let may = lives && permit.premises().hold(self.epoch());
        let stored = permit.fill(self.near(), entry, may);
        self.count_fill(lives, stored);
        stored
    }

    #[cfg(feature = "http-cache")]
    /// [`fill`](Self::fill), where `merge` makes what is stored out of what the load brought and what is
    /// there now. It runs under the key's lock.
    pub(crate) fn fill_with(
        &self,
        permit: Permit<V>,
        entry: Shared<V>,
        merge: impl FnOnce(&Shared<V>, Option<Shared<V>>) -> Shared<V>,
    ) {
        let (now, epoch) = (self.now(), self.epoch());
        let lives = self.lives(&entry);
        let may = lives && permit.premises().hold(epoch);
        let stored = permit.fill_with(self.near(), entry, |entry, current| {
            let current = current.filter(|current| current.usable(now, epoch));
            may.then(|| merge(entry, current))
        });
        self.count_fill(lives, stored);
    }

    /// One that lived for no time was never meant to be stored.
    fn lives(&self, entry: &Shared<V>) -> bool {
        self.now() < entry.expires
    }

    fn count_fill(&self, lives: bool, stored: bool) {
        if lives && !stored {
            self.counts().refused_fills.bump();
        }
    }
}
