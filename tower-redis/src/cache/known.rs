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

/// A token has to be asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unknown {
    pub(super) now: Learnt,
    /// There was one so short a time ago that it has not ended by itself.
    pub(super) was_there: bool,
}

/// What is known of one token.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Option<(Learnt, Token)>>);

impl Known {
    /// The token, unless something may have happened to it: `now` is as in [`Learnt`]. Nothing is known while
    /// not everything is heard of.
    pub(super) fn get(&self, now: Learnt, hears: bool) -> Result<Token, Unknown> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((learnt, token)) = known.as_ref() else {
            let was_there = false;
            return Err(Unknown { now, was_there });
        };
        let ago = now.at.since(learnt.at);
        let same = learnt.epoch == now.epoch && learnt.version == now.version;
        if hears && same && ago < REMEMBERED {
            return Ok(*token);
        }
        let was_there = ago < OUTLIVES;
        Err(Unknown { now, was_there })
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
