//! What can be removed from a cache without knowing its values, and what of it has to be done far.

use std::sync::Arc;

use futures_util::future::{join_all, join5};

use crate::error::Error;
use crate::store::{Part, Pattern, Place, Store, TokenKey};

/// A cache as something to remove from, whatever its values are.
pub(crate) trait Removes: Send + Sync {
    /// Removes `key` from this process; loads of it that are under way will not be stored. Answers how
    /// many entries went.
    fn drop_key(&self, key: &[u8]) -> usize;

    /// [`drop_key`](Self::drop_key) for everything.
    fn drop_whole(&self) -> usize;

    /// [`drop_key`](Self::drop_key) for those that `pattern` means, as they lie after `prefix`.
    fn drop_spelled(&self, prefix: &[u8], pattern: &Pattern) -> usize;

    /// Makes what there is for `key` stale in this process, as far as that helps anybody; loads of it that are
    /// under way will not be stored. Answers how many entries that were.
    fn expire_key(&self, key: &[u8]) -> usize;

    /// Notes what has to become stale far with `key`.
    fn expire_far<'a>(&'a self, key: &[u8], far: &mut Errands<'a>);

    /// Notes what has to go far with `key`.
    fn key_far<'a>(&'a self, key: &[u8], far: &mut Errands<'a>);

    /// Notes what has to go far with everything.
    fn whole_far<'a>(&'a self, far: &mut Errands<'a>);

    /// The far tier did not do what it was asked for.
    fn failed(&self);
}

/// What has to be done far, in each store.
#[derive(Default)]
pub(crate) struct Errands<'a>(Vec<Errand<'a>>);

/// What has to be done in one store.
pub(crate) struct Errand<'a> {
    store: &'a dyn Store,
    pub(crate) places: Vec<Place>,
    pub(crate) tokens: Vec<TokenKey>,
    pub(crate) patterns: Vec<Pattern>,
    /// Those that become stale.
    pub(crate) stale_places: Vec<Place>,
    /// Those of what becomes stale.
    pub(crate) stale_tokens: Vec<TokenKey>,
}

impl<'a> Errands<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has to be done in `store`.
    pub(crate) fn within(&mut self, store: &'a Arc<dyn Store>) -> &mut Errand<'a> {
        let store: &dyn Store = &**store;
        let same = |errand: &Errand<'_>| std::ptr::addr_eq(errand.store, store);
        let known = self.0.iter().position(same);
        let at = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(Errand {
                store,
                places: Vec::new(),
                tokens: Vec::new(),
                patterns: Vec::new(),
                stale_places: Vec::new(),
                stale_tokens: Vec::new(),
            });
        }
        &mut self.0[at]
    }

    /// All of it at once.
    ///
    /// Cancellation: what is not done is owed from the first poll on.
    ///
    /// # Errors
    /// One of those that came of it.
    pub(crate) async fn run(&self) -> Result<(), Error> {
        let told = join_all(self.0.iter().map(Errand::run)).await;
        told.into_iter().collect()
    }
}

impl Errand<'_> {
    /// A store owes what it was asked for, so each part has to be asked for at the first poll.
    async fn run(&self) -> Result<(), Error> {
        let remove = async {
            match &self.places[..] {
                [] => Ok(()),
                places => self.store.remove(places).await,
            }
        };
        let expire = async {
            match &self.stale_places[..] {
                [] => Ok(()),
                places => self.store.expire(places).await,
            }
        };
        let replace = async |tokens: &[TokenKey], part| match tokens {
            [] => Ok(()),
            tokens => self.store.replace_tokens(tokens, part).await.map(drop),
        };
        let hard = replace(&self.tokens, Part::Hard);
        let soft = replace(&self.stale_tokens, Part::Soft);
        let sweeps = self.patterns.iter();
        let sweeps = join_all(sweeps.map(|pattern| self.store.remove_matching(pattern)));
        let (removed, expired, hard, soft, swept) = join5(remove, expire, hard, soft, sweeps).await;
        let swept: Result<Vec<u64>, Error> = swept.into_iter().collect();
        removed
            .and(expired)
            .and(hard)
            .and(soft)
            .and(swept.map(drop))
    }
}
