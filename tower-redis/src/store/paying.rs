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
use std::sync::{PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::Shared;

use crate::error::{Error, ErrorKind};

use super::background::{Attempt, Task};
use super::debts::{Debt, Doomed, Entered, Hindrance};
use super::entry::{Format, Place};
use super::hears::Heard;
use super::pending::{Books, Remembering};
use super::token::{Part, TokenKey};

/// For how long what was refused is not tried again.
const REFUSED: Duration = Duration::from_secs(5);

/// How many are told first: most often nobody answers.
const FIRST: usize = 16;
/// How many are told at once then. Each part has a deadline of its own, and what was told need not be told again.
const AT_ONCE: usize = 256;

impl Remembering {
    /// Nothing is owed that concerns `key` or `tokens`, or this fails.
    pub(super) async fn clear(
        &self,
        key: Option<&Bytes>,
        tokens: &[TokenKey],
    ) -> Result<(), Error> {
        // the attempt under way may have begun before this was owed, so there may be a second one
        for waits in [Some(0), Some(1), None] {
            match self.hindrance(key, tokens, waits != Some(0)) {
                None => return Ok(()),
                Some((Hindrance::Quick(_), false)) if waits.is_some() => {
                    let (attempt, _) = self.attempt(&self.telling, Self::tell);
                    attempt.await;
                }
                // all that is owed, as whoever reads comes first to know that Redis may be back
                Some((Hindrance::Sweep, false)) => self.pay_soon(),
                Some(_) => break,
            }
        }
        let what = "Redis has not been told of earlier invalidations yet";
        Err(Error::new(ErrorKind::Unavailable, what))
    }

    /// What is in the way of `key` and `tokens`, and whether an attempt is in vain.
    fn hindrance(
        &self,
        key: Option<&Bytes>,
        tokens: &[TokenKey],
        waited: bool,
    ) -> Option<(Hindrance, bool)> {
        let books = self.books();
        let hindrance = books.owed.hindrance(key, tokens, &self.names)?;
        let in_vain = match hindrance {
            Hindrance::Quick(_) if waited && !books.answered => true,
            Hindrance::Quick(number) if books.told >= number => {
                waited || (books.answered && self.refused_lately(&books))
            }
            Hindrance::Quick(_) => false,
            Hindrance::Sweep => waited || !self.is_worth(&books, books.swept),
        };
        Some((hindrance, in_vain))
    }

    fn refused_lately(&self, books: &Books) -> bool {
        let since = |at| self.clock.coarse().since(at);
        books.refused.is_some_and(|at| since(at) < REFUSED)
    }

    /// Whether another attempt may come to something, after one up to the number `tried`.
    fn is_worth(&self, books: &Books, tried: u64) -> bool {
        books.owed.last() > tried || !self.refused_lately(books)
    }

    /// The attempt under way, or a new one; and whether it is new.
    fn attempt<F>(&self, attempt: &Attempt, begin: fn(Weak<Self>) -> F) -> (Shared<Task>, bool)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut attempt = attempt.lock().unwrap_or_else(PoisonError::into_inner);
        // one that is over and still here could not begin
        let under_way = attempt.take().filter(|attempt| attempt.peek().is_none());
        let is_new = under_way.is_none();
        let begin = || (self.apart)(Box::pin(begin(self.itself.clone()))).shared();
        let under_way = under_way.unwrap_or_else(begin);
        (attempt.insert(under_way).clone(), is_new)
    }

    /// Sees to it that an attempt is under way.
    fn start<F>(&self, attempt: &Attempt, begin: fn(Weak<Self>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        if let (attempt, true) = self.attempt(attempt, begin) {
            (self.spawn)(Box::pin(attempt));
        }
    }

    /// Tells what takes a few round trips.
    async fn tell(store: Weak<Self>) {
        let Some(store) = store.upgrade() else { return };
        let (mut ends, first) = {
            let owed = &store.books().owed;
            let note: Note = |books, tried, answered| {
                (books.told, books.answered) = (tried, answered);
            };
            let ends = Ends::of(&store, &store.telling, note, owed.last());
            (ends, owed.first_quick(FIRST))
        };
        if !store.tell_all(first).await {
            return;
        }
        let (keys, tokens) = {
            let owed = &store.books().owed;
            let keys = owed.those(|debt| matches!(debt, Debt::Key(_)));
            (keys, owed.those(|debt| matches!(debt, Debt::Token(_))))
        };
        ends.answered = store.tell_all(keys).await && store.tell_all(tokens).await;
    }

    /// Answers whether somebody answered.
    async fn tell_all(&self, mut debts: Vec<(Debt, Entered)>) -> bool {
        let mut parts = Vec::new();
        while !debts.is_empty() {
            let from = (debts.len() - 1) / AT_ONCE * AT_ONCE;
            parts.push(debts.split_off(from));
        }
        while let Some(mut part) = parts.pop() {
            let told = self.tell_part(&part).await;
            // which of them it is that is refused
            if part.len() > 1 && told.as_ref().is_err_and(Error::is_refused) {
                let half = part.split_off(part.len() / 2);
                parts.extend([half, part]);
            } else if !self.settle(&part, told) {
                return false;
            }
        }
        true
    }

    async fn tell_part(&self, part: &[(Debt, Entered)]) -> Result<(), Error> {
        let (mut places, mut tokens) = (Vec::new(), Vec::new());
        for (debt, _) in part {
            match debt {
                Debt::Key(Doomed(key)) => places.push(Place::new(key.clone(), Format::Envelope)),
                Debt::Token(key) => tokens.push(key.clone()),
                Debt::Matching(_) | Debt::AllTags => {}
            }
        }
        if !places.is_empty() {
            self.inner.remove(&places).await?;
        }
        if !tokens.is_empty() {
            self.inner.replace_tokens(&tokens, Part::Hard).await?;
        }
        Ok(())
    }

    /// Does what takes a scan.
    async fn sweep(store: Weak<Self>) {
        let Some(store) = store.upgrade() else { return };
        let (_ends, sweeps) = {
            let owed = &store.books().owed;
            let note: Note = |books, tried, _| books.swept = tried;
            let ends = Ends::of(&store, &store.sweeping, note, owed.last());
            (ends, owed.those(|debt| !debt.is_quick()))
        };
        for sweep in sweeps {
            let told = match &sweep.0 {
                Debt::Matching(pattern) => store.inner.remove_matching(pattern).await.map(drop),
                _ => store.forget_all_tags().await,
            };
            if !store.settle(slice::from_ref(&sweep), told) {
                return;
            }
        }
    }

    async fn forget_all_tags(&self) -> Result<(), Error> {
        // the stamp is raised first, as by every invalidation of a tag; which one it is does not matter
        let any = TokenKey::tag("");
        let any = slice::from_ref(&any);
        self.inner.replace_tokens(any, Part::Hard).await?;
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
                        self.watch.tell(Heard::Token(key, Part::Hard));
                    }
                }
                let mut books = self.books();
                books.owed.settle(debts);
                self.owes.store(!books.owed.is_empty(), Ordering::Release);
                true
            }
            Err(error) if error.is_refused() => {
                let now = self.clock.coarse();
                if self.books().refused.replace(now).is_none() {
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

    /// Does what is owed, in the background.
    pub(super) fn pay_soon(&self) {
        if !self.owes() {
            return;
        }
        let (tells, sweeps) = {
            let books = self.books();
            let (tells, sweeps) = (books.owed.has_quick(), books.owed.has_sweeps());
            (
                tells && self.is_worth(&books, books.told),
                sweeps && self.is_worth(&books, books.swept),
            )
        };
        if tells {
            self.start(&self.telling, Self::tell);
        }
        if sweeps {
            self.start(&self.sweeping, Self::sweep);
        }
    }
}

/// Writes down up to which number something was tried, and whether anybody answered.
type Note = fn(&mut Books, u64, bool);

/// The end of an attempt, however it comes.
struct Ends<'a> {
    store: &'a Remembering,
    attempt: &'a Attempt,
    note: Note,
    tried: u64,
    answered: bool,
}

impl<'a> Ends<'a> {
    fn of(store: &'a Remembering, attempt: &'a Attempt, note: Note, tried: u64) -> Self {
        Self {
            store,
            attempt,
            note,
            tried,
            answered: false,
        }
    }
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        (self.note)(&mut self.store.books(), self.tried, self.answered);
        // before those who wait are woken
        let mut attempt = self.attempt.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = attempt.take();
        drop(attempt);
        drop(ended);
    }
}
