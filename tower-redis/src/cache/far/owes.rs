//! A replacement that has been asked for and not begun.

use std::slice;

use crate::store::{Place, Store};

/// Until the store is asked to replace what lies at a place, somebody has to remember that it is wrong: when
/// this is dropped, the store owes it.
pub(super) struct Owes<'a> {
    store: &'a dyn Store,
    place: Option<&'a Place>,
}

impl<'a> Owes<'a> {
    pub(super) fn of(store: &'a dyn Store, place: &'a Place) -> Self {
        let place = Some(place);
        Self { store, place }
    }

    /// The store is asked now.
    pub(super) fn nothing(mut self) {
        self.place = None;
    }
}

impl Drop for Owes<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.store.owe(slice::from_ref(place));
        }
    }
}
