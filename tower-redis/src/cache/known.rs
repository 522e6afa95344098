//! A token of the far tier, as long as it is known to be the present one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Moment;
use crate::store::{FeedEpoch, Token};

/// After this a token is asked for again although nothing has been heard of it: to be read is what
/// keeps it from being evicted before the values that need it.
const REMEMBERED: Duration = Duration::from_secs(10);

/// For so long after it was used a token does not end by itself: it lives an hour longer than what carries it.
const OUTLIVES: Duration = Duration::from_secs(3_600);

/// When something was learnt about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Learnt {
    /// The epoch of the feed.
    pub(super) epoch: FeedEpoch,
    /// The version of what the token stands for, before it was asked for.
    pub(super) version: u64,
    pub(super) at: Moment,
}

/// What is known of one token.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Option<(Learnt, Token)>>);

impl Known {
    /// The token, unless something may have happened to it: `now` is as in [`Learnt`].
    pub(super) fn get(&self, now: Learnt) -> Option<Token> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (learnt, token) = known.as_ref()?;
        let holds = learnt.epoch == now.epoch
            && learnt.version == now.version
            && now.at.since(learnt.at) < REMEMBERED;
        holds.then_some(*token)
    }

    /// Whether there was a token so short a time before `now` that it has not ended by itself, known still
    /// or not.
    pub(super) fn was_there(&self, now: Moment) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = known.as_ref().map(|(learnt, _)| now.since(learnt.at));
        last.is_some_and(|ago| ago < OUTLIVES)
    }

    /// Remembers `token`. When it was learnt before an invalidation, [`get`](Self::get) sees it.
    pub(super) fn learn(&self, learnt: Learnt, token: Token) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = known.as_ref().is_none_or(|(before, _)| {
            before.epoch.number() <= learnt.epoch.number() && before.version <= learnt.version
        });
        if newer {
            *known = Some((learnt, token));
        }
    }
}
