//! The near tier and the flights as a lookup sees them: an answer, a flight to join, the right to load.

use crate::key::Sought;

use super::engine::Engine;
use super::entry::Entry;
use super::flight::{Permit, Present, Turn};
use super::hold::Hold;
use super::premises::Premises;
use super::standing::Standing;

/// What somebody looks for who is about to load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    /// Anything fresh.
    Usable,
    /// Something that is not due for an early refresh.
    Settled,
}

impl<V: Hold> Engine<V> {
    /// The value that answers for `key` at once, uncounted. It is used then.
    pub(crate) fn find(&self, key: &[u8]) -> Option<V> {
        self.find_for(key, Wants::Usable, &mut None)
    }

    /// [`find`](Self::find) for somebody who has no use of it.
    #[cfg(feature = "macros")]
    pub(super) fn glimpse(&self, key: &[u8]) -> Option<V> {
        let entry = self.near().peek(key)?;
        let standing = self.core().standing(&entry, self.now());
        matches!(standing, Standing::Fresh | Standing::Early).then(|| entry.into_value())
    }

    /// What is kept near for `key`, and whether it is fresh, uncounted.
    #[cfg(feature = "http-cache")]
    pub(crate) fn find_kept(&self, key: &[u8]) -> Option<(V, bool)> {
        let entry = self.near().get(Sought::of(key))?;
        match self.core().standing(&entry, self.now()) {
            Standing::Fresh | Standing::Early => Some((entry.into_value(), true)),
            Standing::Stale => Some((entry.into_value(), false)),
            Standing::Useless => None,
        }
    }

    /// [`find`](Self::find) for callers who hold a lock: an entry that is not usable is left in
    /// `useless`, for them to drop later.
    pub(super) fn find_for(
        &self,
        key: &[u8],
        wants: Wants,
        useless: &mut Option<Entry<V>>,
    ) -> Option<V> {
        let entry = self.near().get(Sought::of(key))?;
        let now = self.now();
        let standing = self.core().standing(&entry, now);
        if standing == Standing::Fresh || standing == Standing::Early && wants == Wants::Usable {
            self.core().used(&entry, now);
            return Some(entry.into_value());
        }
        *useless = Some(entry);
        None
    }

    fn present(&self, blocks: bool) -> Present {
        let at = self.now();
        Present {
            epoch: self.epoch(),
            at,
            hears: self.far().is_none_or(|far| far.hears(at)),
            blocks,
        }
    }

    /// The caller found nothing for `key` that it `wants`.
    pub(crate) fn join(&self, key: &[u8], premises: Premises, wants: Wants) -> Turn<V> {
        self.join_from(key, premises, wants, false)
    }

    /// [`join`](Self::join) for a caller of whom it is known whether it `blocks` its thread while it waits.
    pub(super) fn join_from(
        &self,
        key: &[u8],
        premises: Premises,
        wants: Wants,
        blocks: bool,
    ) -> Turn<V> {
        let present = self.present(blocks);
        // what is found and of no use is dropped after the key's lock: its `Drop` is the user's
        let mut useless = None;
        let found = || self.find_for(key, wants, &mut useless);
        // what these loads bring is there at once
        let none = |_: &V| false;
        self.flights().join(key, premises, present, none, found)
    }

    #[cfg(feature = "http-cache")]
    /// What is coming for `key`, if it `helps`, which runs under the key's lock. The caller waits for nothing more of
    /// it.
    pub(crate) fn coming(
        &self,
        key: &[u8],
        premises: &Premises,
        helps: impl Fn(&V) -> bool,
    ) -> Option<V> {
        self.flights()
            .coming(key, premises, self.present(false), helps)
    }

    #[cfg(feature = "http-cache")]
    /// [`join`](Self::join) for a caller whom not every entry helps, nor all that is coming: `helps` says which do.
    /// It runs under the key's lock.
    pub(crate) fn join_for(
        &self,
        key: &[u8],
        premises: Premises,
        helps: impl Fn(&V) -> bool,
    ) -> Turn<V> {
        let (mut useless, mut helpless) = (None, None);
        let found = || {
            let value = self.find_for(key, Wants::Usable, &mut useless)?;
            if helps(&value) {
                return Some(value);
            }
            helpless = Some(value);
            None
        };
        let present = self.present(false);
        self.flights().join(key, premises, present, &helps, found)
    }

    /// A load of `key` beside whatever flight there is.
    pub(crate) fn permit(&self, key: &[u8], premises: Premises) -> Permit<V> {
        self.flights().permit(key, premises)
    }

    /// A load of `key` that those before it may not overwrite.
    pub(crate) fn permit_anew(&self, key: &[u8], premises: Premises) -> Permit<V> {
        self.flights().permit_anew(key, premises)
    }
}
