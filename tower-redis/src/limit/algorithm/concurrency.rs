//! Concurrency: how many may be at it at once.
//!
//! A permit is held until it is given back, or until a period has passed in which its holder did not renew
//! it: a holder that died keeps nothing. Who holds it is known by the instant at which it was last charged,
//! so what is kept of a key is the log of [`strict_window`](super::strict_window), which is as exact and as
//! bounded here: giving back takes from an entry, renewing moves it to the end.
//!
//! Bound: never more than N permits held, each for at most a period since it was renewed. Beyond 128
//! permits one that was not given back may be free up to a 128th of the period late, and where Redis lost what
//! it knew, one that it lost cannot be told from one that was made since within the same 128th: renewing it
//! renews that one.

use crate::error::Error;
use crate::limit::quota::Quota;

#[cfg(feature = "redis")]
use crate::limit::contract::Terms;
use crate::limit::contract::{Judgement, Rule, Standing, Tick};

use super::strict_window::{Log, StrictWindow};

/// Never lets more than N be held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Concurrency(StrictWindow);

impl Concurrency {
    pub(crate) fn new(quota: &Quota) -> Result<Self, Error> {
        StrictWindow::new(quota).map(Self)
    }
}

impl Rule for Concurrency {
    type State = Log;
    type Seen = Standing;

    #[inline(always)]
    fn judge(&self, state: &mut Log, now: Tick, cost: u64) -> Judgement<Standing> {
        self.0.judge(state, now, cost)
    }

    #[inline(always)]
    fn standing(&self, seen: Standing, now: Tick) -> Standing {
        self.0.standing(seen, now)
    }

    fn refund(&self, state: &mut Log, now: Tick, charged: Tick, cost: u64) -> u64 {
        self.0.refund(state, now, charged, cost)
    }

    fn at_rest(&self, state: &Log, now: Tick) -> bool {
        self.0.at_rest(state, now)
    }

    fn limit(&self) -> u64 {
        self.0.limit()
    }

    fn window(&self) -> Tick {
        self.0.window()
    }

    #[cfg(feature = "redis")]
    fn terms(&self) -> Terms {
        Terms {
            rule: "c",
            ..self.0.terms()
        }
    }
}
