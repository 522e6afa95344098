//! Copies for the near tier of what lies far.

use std::time::Duration;

use crate::store::{FeedEpoch, Held};

use crate::cache::engine::Engine;
use crate::cache::entry::{Entry, Span};
use crate::cache::hold::Hold;
use crate::cache::premises::Premises;
use crate::cache::tags::Marks;
use crate::cache::tie::Tie;

use super::asked::Asked;

impl<V: Hold> Engine<V> {
    /// A copy for the near tier of what lies far. What is left of its life counts from when it was asked for: the
    /// answer took its time.
    pub(super) fn copy(&self, asked: &Asked<'_>, value: V, held: &Held, marks: Marks) -> Entry<V> {
        let left = held.fresh.unwrap_or_else(|| self.ttl_for(&value, None));
        let ttl = self.fixed_ttl().unwrap_or(left).max(left);
        let span = self.freshness().span(asked.now, left, ttl, held.cost);
        let (premises, tie) = bound(held, marks, asked.premises);
        self.spanning(asked.key, value, span, &premises, tie)
    }

    /// A copy of what lies far and is stale. As above, it counts from when it was asked for.
    pub(super) fn copy_of_stale(
        &self,
        asked: &Asked<'_>,
        value: V,
        held: &Held,
        marks: Marks,
    ) -> Entry<V> {
        // it is kept for as long as it may be used
        let window = self.freshness().windows.longest();
        let over = window.saturating_sub(held.kept.unwrap_or(Duration::ZERO));
        let span = Span::until(asked.now.before(over));
        let (premises, tie) = bound(held, marks, asked.premises);
        self.spanning(asked.key, value, span, &premises, tie)
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
    let premises = Premises { marks, ..*premises };
    let tie = Tie::to(Some(held.id), premises.feed);
    (premises, tie)
}
