//! Copies for the near tier of what lies far.

use std::time::Duration;

use crate::clock::Moment;
use crate::store::{FeedEpoch, Held};

use crate::cache::engine::Engine;
use crate::cache::entry::{Entry, Span};
use crate::cache::hold::Hold;
use crate::cache::premises::Premises;
use crate::cache::tags::Marks;
use crate::cache::tie::Tie;

use super::judged::Good;

impl<V: Hold> Engine<V> {
    /// A copy for the near tier of what lies far. What is left of its life counts from when it was asked for: the
    /// answer took its time.
    pub(super) fn copy(
        &self,
        key: &[u8],
        good: Good<V>,
        premises: &Premises,
        asked: Moment,
    ) -> Entry<V> {
        let Good { value, held, marks } = good;
        let left = held.fresh.unwrap_or_else(|| self.ttl_for(&value, None));
        let ttl = self.fixed_ttl().unwrap_or(left).max(left);
        let span = self.freshness().span(asked, left, ttl, held.cost);
        let (premises, tie) = bound(&held, marks, premises);
        self.spanning(key, value, span, &premises, tie)
    }

    /// A copy of what lies far and is stale. As above, it counts from when it was asked for.
    pub(super) fn copy_of_stale(
        &self,
        key: &[u8],
        good: Good<V>,
        premises: &Premises,
        asked: Moment,
    ) -> Entry<V> {
        let Good { value, held, marks } = good;
        // it is kept for as long as it may be used
        let window = self.freshness().windows.longest();
        let over = window.saturating_sub(held.kept.unwrap_or(Duration::ZERO));
        let lives = asked.before(over);
        let span = Span::until(lives);
        let (premises, tie) = bound(&held, marks, premises);
        self.spanning(key, value, span, &premises, tie)
    }

    /// `entry`, seen to be good under `feed`.
    pub(super) fn renewed(&self, entry: Entry<V>, feed: FeedEpoch) -> Entry<V> {
        if let Some(bonds) = entry.bonds() {
            bonds.tie.renew(feed);
        }
        let Some(near) = self.freshness().near else {
            return entry;
        };
        let expires = entry.lives().min(self.now().after(near));
        let settled = expires;
        let lives = entry.lives();
        entry.spanning(Span {
            settled,
            expires,
            lives,
        })
    }
}

/// What a copy of `held` depends on.
fn bound(held: &Held, marks: Marks, premises: &Premises) -> (Premises, Tie) {
    let premises = Premises {
        marks,
        ..premises.clone()
    };
    let tie = Tie::to(Some(held.id), premises.feed);
    (premises, tie)
}
