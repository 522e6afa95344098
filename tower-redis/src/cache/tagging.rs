//! Tags of one toolkit, in both tiers.

use std::sync::Arc;

use crate::store::{Heard, Hears, Store, TokenKey};

use super::status::{Invalidated, Reach};
use super::tags::{Severity, Tags};

/// Invalidates tags here and, where there is a far tier, everywhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tagging {
    pub(crate) cells: Arc<Tags>,
    pub(crate) far: Option<Arc<dyn Store>>,
}

impl Tagging {
    /// Makes every entry that carries one of `tags` unusable.
    ///
    /// Cancellation: dropped half-way, it is done near, and will be done far.
    pub(crate) async fn invalidate<T: AsRef<str>>(&self, tags: &[T]) -> Invalidated {
        let again = Again(&self.cells, tags);
        self.cells.invalidate(tags, Severity::Remove);
        let Some(far) = self.far.as_ref().filter(|_| !tags.is_empty()) else {
            return Invalidated::dropping(0);
        };
        let keys: Vec<_> = tags.iter().map(|tag| TokenKey::tag(tag.as_ref())).collect();
        let told = far.replace_tokens(&keys).await;
        drop(again);
        Invalidated::new(0, Reach::of(&told))
    }
}

/// What was fetched while the invalidation was on its way goes too.
struct Again<'a, T: AsRef<str>>(&'a Tags, &'a [T]);

impl<T: AsRef<str>> Drop for Again<'_, T> {
    fn drop(&mut self) {
        self.0.invalidate(self.1, Severity::Remove);
    }
}

/// What tags do about the invalidations of others.
#[derive(Debug)]
pub(crate) struct Ear {
    pub(crate) cells: Arc<Tags>,
}

impl Hears for Ear {
    // a message may come after a later invalidation was done over another connection, so the token in it
    // need not be the present one: whoever needs it asks
    fn hear(&self, what: Heard<'_>) {
        if let Heard::Token(key) = what
            && let Some(tag) = key.name()
        {
            self.cells.invalidate(&[tag], Severity::Remove);
        }
    }
}
