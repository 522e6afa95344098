//! What an algorithm promises; `laws.rs` holds each of them to it.

use std::fmt::Debug;
use std::time::Duration;

use crate::limit::basis::Basis;
use crate::limit::decision::{Decision, Outcome};

/// An instant, or a length of time, in microseconds.
pub(crate) type Tick = u64;

/// One algorithm with one quota.
///
/// Integers only. Every intermediate value stays below 2^53 while instants do, or is compared with
/// something that does, so that a script counting in doubles decides the same.
///
/// - `decide` depends on its arguments and on nothing else;
/// - a call that is not allowed leaves the state as it was;
/// - a cost of 0 is allowed and leaves the state as it was: it is a look;
/// - what is allowed at an instant is allowed at every later one, and at every lower cost;
/// - where the clock went back behind what is in the state, that counts as charged now: nothing more is let through
///   for it, and all is there again after one [`window`](Rule::window) at most. It is the one thing that `decide` writes
///   for a call that is not allowed, since time would not pass for the key otherwise.
pub(crate) trait Rule: Debug + Send + Sync + 'static {
    /// What is kept of one key. The default is that of a key never seen.
    type State: Debug + Clone + Default + Send + 'static;

    /// What has to be known of a state to tell how its key stands.
    type Seen: Debug + Clone + Send + 'static;

    /// Decides one call, and charges it if it is allowed.
    ///
    /// Always inlined, as all that leads here is: a decision is several words, and each function that
    /// hands it on would copy it just after it was written.
    fn judge(&self, state: &mut Self::State, now: Tick, cost: u64) -> Judgement<Self::Seen>;

    /// Where a key stands at `now`. It takes divisions, for which no lock has to be held.
    fn standing(&self, seen: Self::Seen, now: Tick) -> Standing;

    /// [`judge`](Self::judge), told at once.
    #[inline(always)]
    fn decide(&self, state: &mut Self::State, now: Tick, cost: u64) -> Decision {
        self.judge(state, now, cost).told(self)
    }

    /// Gives back at most `cost` of the permits that a call took which was charged at `charged`, and says
    /// how many. What is free again by itself by now is not given back twice: afterwards nothing passes that
    /// would not if the call had taken so many less. With `now` for `charged` it is those that were charged
    /// last.
    fn refund(&self, state: &mut Self::State, now: Tick, charged: Tick, cost: u64) -> u64;

    /// Whether, from `now` on, this state and a fresh one decide alike.
    fn at_rest(&self, state: &Self::State, now: Tick) -> bool;

    /// The most that can be used at once.
    fn limit(&self) -> u64;

    /// How long it takes until all of `limit`, used at once, is available again.
    fn window(&self) -> Tick;

    /// This rule as the script knows it that decides in Redis.
    #[cfg(feature = "redis")]
    fn terms(&self) -> Terms;
}

/// A rule as the script knows it: which one, and its numbers. The first of them is the limit.
///
/// They say what a state of this rule means, so they are part of its key: states of two quotas never
/// meet under one.
#[cfg(feature = "redis")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) rule: &'static str,
    pub(crate) numbers: [u64; 3],
}

/// What was decided, and what was seen of the state after it.
#[derive(Debug, Clone)]
pub(crate) struct Judgement<S> {
    verdict: Verdict,
    now: Tick,
    seen: S,
}

#[derive(Debug, Clone, Copy)]
enum Verdict {
    Allowed,
    Denied { passes_at: Tick },
    Never,
}

impl<S> Judgement<S> {
    #[inline(always)]
    pub(crate) fn allowed(seen: S, now: Tick) -> Self {
        let verdict = Verdict::Allowed;
        Self { verdict, now, seen }
    }

    #[inline(always)]
    pub(crate) fn denied(seen: S, now: Tick, passes_at: Tick) -> Self {
        let verdict = Verdict::Denied { passes_at };
        Self { verdict, now, seen }
    }

    #[inline(always)]
    pub(crate) fn never(seen: S, now: Tick) -> Self {
        let verdict = Verdict::Never;
        Self { verdict, now, seen }
    }

    #[inline(always)]
    pub(crate) fn is_allowed(&self) -> bool {
        matches!(self.verdict, Verdict::Allowed)
    }

    /// It, as the caller is told.
    #[inline(always)]
    pub(crate) fn told<R: Rule<Seen = S> + ?Sized>(self, rule: &R) -> Decision {
        let Self { verdict, now, seen } = self;
        let standing = rule.standing(seen, now);
        let outcome = match verdict {
            Verdict::Allowed => Outcome::Allowed,
            Verdict::Denied { passes_at } => Outcome::Denied {
                retry_after: until(passes_at, now),
            },
            Verdict::Never => Outcome::Never,
        };
        standing.with(outcome, now)
    }
}

/// Where a key stands, in instants; turned into a [`Decision`] as seen from `now`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    pub(crate) more_at: Tick,
    pub(crate) reset_at: Tick,
}

impl Standing {
    #[inline(always)]
    fn with(self, outcome: Outcome, now: Tick) -> Decision {
        Decision {
            outcome,
            basis: Basis::Memory,
            shadow_denied: false,
            limit: self.limit,
            remaining: self.remaining,
            more_after: until(self.more_at, now),
            reset_after: until(self.reset_at, now),
        }
    }
}

#[inline]
fn until(at: Tick, now: Tick) -> Duration {
    Duration::from_micros(at.saturating_sub(now))
}
