//! Who does what is owed: nobody's caller.
//!
//! An attempt runs in the background, one at a time, and whoever needs it waits for its end. A
//! caller who is not polled any more, or blocks its thread, holds up nobody. An attempt is a few round trips, each
//! of which has its deadline; if it gets no answer, those who wait fail with it, and a read that fails
//! is a load. What takes a scan of all keys is an attempt of its own, which nobody waits for: until
//! it has ended, what it concerns is not read, and everything else is.

use std::future::Future;
use std::slice;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::Shared;

use crate::error::{Error, ErrorKind};

use super::background::{Attempt, Task};
use super::debts::{Debt, Entered, Hindrance};
use super::entry::{Format, Place};
use super::hears::Heard;
use super::pending::Remembering;
use super::token::TokenKey;

impl Remembering {
    /// Nothing is owed that concerns `key` or `tokens`, or this fails.
    pub(super) async fn clear(
        &self,
        key: Option<&Bytes>,
        tokens: &[TokenKey],
    ) -> Result<(), Error> {
        // the attempt under way may have begun before this was owed, so there may be a second one
        for waited in 0..=2 {
            match self.hindrance(key, tokens) {
                None => return Ok(()),
                Some((Hindrance::Quick(_), in_vain)) => {
                    if waited > 0 && in_vain {
                        break;
                    }
                    if let Some(attempt) = self.attempt(&self.telling, Self::tell) {
                        attempt.await;
                    }
                }
                Some((Hindrance::Sweep, _)) => {
                    if waited > 0 || self.refused.load(Ordering::Relaxed) {
                        break;
                    }
                    self.start(&self.sweeping, Self::sweep);
                }
            }
        }
        let what = "Redis has not been told of earlier invalidations yet";
        Err(Error::new(ErrorKind::Unavailable, what))
    }

    /// What is in the way of `key` and `tokens`, and whether it was tried in vain.
    fn hindrance(&self, key: Option<&Bytes>, tokens: &[TokenKey]) -> Option<(Hindrance, bool)> {
        let books = self.books();
        let hindrance = books.owed.hindrance(key, tokens, &self.names)?;
        let was_tried = match hindrance {
            Hindrance::Quick(number) => books.tried >= number,
            Hindrance::Sweep => false,
        };
        Some((hindrance, was_tried || !books.answered))
    }

    /// The attempt under way, or a new one.
    fn attempt<F>(&self, attempt: &Attempt, begin: fn(Arc<Self>) -> F) -> Option<Shared<Task>>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let itself = self.itself.upgrade()?;
        let mut attempt = attempt.lock().unwrap_or_else(PoisonError::into_inner);
        // one that is over and still here could not begin
        let under_way = attempt.take().filter(|attempt| attempt.peek().is_none());
        let under_way = under_way.unwrap_or_else(|| (self.apart)(Box::pin(begin(itself))).shared());
        Some(attempt.insert(under_way).clone())
    }

    /// Sees to it that an attempt is under way.
    fn start<F>(&self, attempt: &Attempt, begin: fn(Arc<Self>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let Some(attempt) = self.attempt(attempt, begin) {
            (self.spawn)(Box::pin(attempt));
        }
    }

    /// Tells what takes a few round trips.
    async fn tell(self: Arc<Self>) {
        let mut ends = Ends::of(&self, |store| &store.telling);
        let (keys, tokens) = {
            let owed = &self.books().owed;
            ends.tried = owed.last();
            let keys = owed.those(|debt| matches!(debt, Debt::Key(_)));
            (keys, owed.those(|debt| matches!(debt, Debt::Token(_))))
        };

        let place = |(debt, _): &(Debt, Entered)| match debt {
            Debt::Key(doomed) => Some(Place::new(doomed.key.clone(), Format::Envelope)),
            _ => None,
        };
        let places: Vec<_> = keys.iter().filter_map(place).collect();
        let told = self.inner.remove(&places).await;
        if !self.settle(&keys, told) {
            return;
        }
        let token = |(debt, _): &(Debt, Entered)| match debt {
            Debt::Token(key) => Some(key.clone()),
            _ => None,
        };
        let of: Vec<_> = tokens.iter().filter_map(token).collect();
        let told = self.inner.replace_tokens(&of).await.map(drop);
        ends.answered = self.settle(&tokens, told);
    }

    /// Does what takes a scan.
    async fn sweep(self: Arc<Self>) {
        let _ends = Ends::of(&self, |store| &store.sweeping);
        let sweeps = self.books().owed.those(|debt| !debt.is_quick());
        for sweep in sweeps {
            let told = match &sweep.0 {
                Debt::Matching(pattern) => self.inner.remove_matching(pattern).await.map(drop),
                _ => self.forget_all_tags().await,
            };
            if !self.settle(slice::from_ref(&sweep), told) {
                return;
            }
        }
    }

    async fn forget_all_tags(&self) -> Result<(), Error> {
        self.inner.remove_matching(&self.names.all_tags()).await?;
        // who misses the feed starts a new epoch, in which no token is known
        let feed = Place::new(self.names.feed(), Format::Envelope);
        self.inner.remove(&[feed]).await
    }

    /// Answers whether it makes sense to go on.
    fn settle(&self, debts: &[(Debt, Entered)], told: Result<(), Error>) -> bool {
        match told {
            Ok(()) => {
                for (debt, _) in debts {
                    // nobody hears an echo; what this process knows of it is over
                    if let Debt::Token(key) = debt {
                        self.watch.tell(Heard::Token(key));
                    }
                }
                let mut books = self.books();
                books.owed.settle(debts);
                self.owes.store(!books.owed.is_empty(), Ordering::Release);
                true
            }
            Err(error) if error.is_refused() => {
                if !self.refused.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        %error,
                        "Redis refuses an invalidation; what it concerns is loaded instead of read there, and \
                         other processes are not told"
                    );
                }
                true
            }
            Err(_) => false,
        }
    }

    /// Redis answered something else.
    pub(super) fn answered(&self) {
        if !self.refused.load(Ordering::Relaxed) {
            self.pay_soon();
        }
    }

    /// Does what is owed, in the background.
    pub(super) fn pay_soon(&self) {
        if self.owes() {
            self.start(&self.telling, Self::tell);
            self.start(&self.sweeping, Self::sweep);
        }
    }
}

/// The end of an attempt, however it comes.
struct Ends<'a> {
    store: &'a Remembering,
    attempt: &'a Attempt,
    tried: u64,
    answered: bool,
}

impl<'a> Ends<'a> {
    fn of(store: &'a Remembering, attempt: fn(&'a Remembering) -> &'a Attempt) -> Self {
        Self {
            store,
            attempt: attempt(store),
            tried: 0,
            answered: false,
        }
    }
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let mut books = self.store.books();
        if self.tried > 0 {
            (books.tried, books.answered) = (self.tried, self.answered);
        }
        drop(books);
        // before those who wait are woken
        let mut attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = attempt.take();
        drop(attempt);
        drop(ended);
    }
}
