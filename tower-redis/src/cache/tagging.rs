//! Tags of one toolkit, in both tiers.

use std::sync::Arc;

use crate::clock::Clock;
use crate::store::{Heard, Hears, Store, TokenKey, Watch};

use super::known::Learnt;
use super::status::{Invalidated, Reach};
use super::tags::Tags;

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
        self.cells.invalidate(tags);
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
        self.0.invalidate(self.1);
    }
}

/// What tags do about the invalidations of others.
#[derive(Debug)]
pub(crate) struct Ear {
    pub(crate) cells: Arc<Tags>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) clock: Clock,
}

impl Hears for Ear {
    fn hear(&self, what: Heard<'_>) {
        let Heard::Token(key, token) = what else {
            return;
        };
        let Some(tag) = key.name() else { return };
        let marks = self.cells.invalidate(&[tag]);
        let Some(token) = token else { return };
        for mark in marks.into_iter().flatten() {
            let learnt = Learnt {
                epoch: self.watch.epoch(),
                version: mark.seen,
                at: self.clock.coarse(),
            };
            mark.cell.token.learn(learnt, token);
        }
    }
}
