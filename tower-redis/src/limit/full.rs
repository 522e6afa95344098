//! Who decides about a key for which there is no room.

use std::time::Duration;

use super::decision::{Decision, Outcome};

/// Who decides about a further key when this process remembers as many as
/// [`Policy::max_keys`](super::Policy::max_keys) says and none of them is at rest.
///
/// Chosen for each policy with [`Policy::on_full`](super::Policy::on_full). Keys that are remembered notice
/// nothing of it: none of them is forgotten to make room. [`LimiterStats::overflowed`](super::LimiterStats::overflowed)
/// counts the calls, whoever decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnFull {
    /// One count for all such keys: together they get what one key gets, so some are refused early, and nothing
    /// passes that the quota forbids.
    #[default]
    Share,
    /// Nobody: their calls pass, and are charged to nobody. For limits that spare a resource which other means
    /// protect too.
    Open,
    /// Nobody: no call of theirs passes, and each is asked to come again in a second. For limits that have to hold
    /// for each key alone at any price.
    Closed,
}

/// How long a client is asked to wait for what may end at any time: as long as a few probes of a server
/// that is away.
pub(super) const UNTIL_ASKED_AGAIN: Duration = Duration::from_secs(1);

/// What a key without room is told, whose own count would have given `decision`.
pub(super) fn refused(decision: Decision, cost: u64) -> Decision {
    let wait = UNTIL_ASKED_AGAIN;
    let outcome = match decision.outcome {
        // a look is never refused
        Outcome::Allowed if cost > 0 => Outcome::Denied { retry_after: wait },
        outcome => outcome,
    };
    Decision {
        outcome,
        remaining: 0,
        more_after: wait,
        reset_after: wait,
        ..decision
    }
}
