//! Keeping out for a while who does not stop.

use std::time::Duration;

use crate::error::Error;

use super::algorithm::FixedWindow;
use super::basis::Basis;
use super::contract::Tick;
#[cfg(feature = "redis")]
use super::contract::{Rule as _, Terms};
use super::decision::{Decision, Outcome};
use super::full::OnFull;
use super::quota::Quota;
use super::state::{Memory, Seat};

/// After how many denials a key is kept out, and for how long: [`Policy::ban`](super::Policy::ban).
///
/// ```
/// use std::time::Duration;
/// use tower_redis::limit::{Ban, Policy, Quota};
///
/// // 20 denials within a minute: no more calls for an hour
/// let ban = Ban::after(20, Duration::from_secs(60)).lasting(Duration::from_secs(3_600));
/// let logins = Policy::new("logins", Quota::per_minute(5)).ban(ban);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub struct Ban {
    denials: u64,
    within: Duration,
    lasts: Duration,
}

impl Ban {
    /// After so many denials within this time, counted from the first of them. The ban lasts as long again,
    /// unless [`lasting`](Self::lasting) says otherwise.
    pub const fn after(denials: u64, within: Duration) -> Self {
        Self {
            denials,
            within,
            lasts: within,
        }
    }

    /// How long the ban lasts. It is not made longer by what is asked meanwhile.
    pub const fn lasting(mut self, time: Duration) -> Self {
        self.lasts = time;
        self
    }
}

/// Who was denied how often, and who is kept out.
#[derive(Debug)]
pub(super) struct Bans {
    strikes: Memory<FixedWindow>,
    bans: Memory<FixedWindow>,
}

impl Bans {
    pub(super) fn new(ban: &Ban, max_keys: usize) -> Result<Self, Error> {
        let rule = |permits, period| {
            FixedWindow::new(&Quota::new(permits, period))
                .map_err(|why| Error::config(format!("a ban as {why}")))
        };
        Ok(Self {
            strikes: Memory::new(rule(ban.denials, ban.within)?, max_keys, OnFull::Share),
            bans: Memory::new(rule(1, ban.lasts)?, max_keys, OnFull::Share),
        })
    }

    /// The refusal of a key that is kept out.
    pub(super) fn refusal(&self, key: &[u8], now: Tick) -> Option<Decision> {
        let decision = self.bans.hold(key).own(now, 1)?;
        let Outcome::Denied { .. } = decision.outcome else {
            return None;
        };
        let basis = Basis::Banned;
        Some(Decision { basis, ..decision })
    }

    /// Counts a denial, and says whether it begins a ban: the last that is let go by does. Of keys for which there is
    /// no room nobody knows how often each was denied: they are not banned.
    pub(super) fn denied(&self, key: &[u8], now: Tick) -> bool {
        let (strike, seat) = self.strikes.decide(key, now, 1);
        let begins = strike.remaining == 0 && seat == Seat::Own;
        if begins {
            self.bans.decide(key, now, 1);
            self.strikes.hold(key).forget();
        }
        begins
    }

    /// What the script in Redis has to know of them.
    #[cfg(feature = "redis")]
    pub(super) fn terms(&self) -> Terms {
        self.bans.rule().terms()
    }

    /// Ends a ban that others know to be over.
    #[cfg(feature = "redis")]
    pub(super) fn end(&self, key: &[u8]) {
        self.bans.hold(key).forget();
    }

    /// Lets `key` in again.
    pub(super) fn forget(&self, key: &[u8]) {
        self.bans.hold(key).forget();
        self.strikes.hold(key).forget();
    }
}
