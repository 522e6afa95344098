//! The fixed window: a counter that starts over.
//!
//! A window starts with the first call of a key, not with the clock, so that the windows of
//! different clients do not all end at the same instant.
//!
//! Bound: at most N permits in each window; at most 2N in any period, around the end of one.

use crate::error::Error;
use crate::limit::quota::Quota;

#[cfg(feature = "redis")]
use crate::limit::contract::Terms;
use crate::limit::contract::{Judgement, Rule, Standing, Tick};

/// Counts up to N, then waits for the window to end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedWindow {
    permits: u64,
    period: Tick,
}

/// One window of one key. It is over, or was never begun, when `used` is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Window {
    start: Tick,
    used: u64,
}

impl FixedWindow {
    pub(crate) fn new(quota: &Quota) -> Result<Self, Error> {
        Ok(Self {
            permits: quota.permits(),
            period: quota.ticks()?,
        })
    }

    #[inline]
    fn end(&self, window: Window) -> Tick {
        window.start.saturating_add(self.period)
    }

    /// The window that `now` falls into.
    #[inline]
    fn current(&self, window: Window, now: Tick) -> Window {
        if window.used > 0 && now < self.end(window) {
            window
        } else {
            Window {
                start: now,
                used: 0,
            }
        }
    }
}

impl Rule for FixedWindow {
    type State = Window;
    type Seen = Window;

    #[inline(always)]
    fn judge(&self, state: &mut Window, now: Tick, cost: u64) -> Judgement<Window> {
        state.start = state.start.min(now);
        let mut window = self.current(*state, now);
        if cost > self.permits {
            return Judgement::never(window, now);
        }
        if cost > self.permits - window.used {
            return Judgement::denied(window, now, self.end(window));
        }
        window.used += cost;
        if cost > 0 {
            *state = window;
        }
        Judgement::allowed(window, now)
    }

    #[inline(always)]
    fn standing(&self, window: Window, now: Tick) -> Standing {
        let reset_at = if window.used == 0 {
            now
        } else {
            self.end(window)
        };
        Standing {
            limit: self.permits,
            remaining: self.permits - window.used,
            more_at: reset_at,
            reset_at,
        }
    }

    fn refund(&self, state: &mut Window, now: Tick, charged: Tick, cost: u64) -> u64 {
        state.start = state.start.min(now);
        let mut window = self.current(*state, now);
        if charged < window.start {
            return 0;
        }
        let back = cost.min(window.used);
        window.used -= back;
        if back > 0 {
            *state = window;
        }
        back
    }

    fn at_rest(&self, state: &Window, now: Tick) -> bool {
        self.current(*state, now).used == 0
    }

    fn limit(&self) -> u64 {
        self.permits
    }

    fn window(&self) -> Tick {
        self.period
    }

    #[cfg(feature = "redis")]
    fn terms(&self) -> Terms {
        Terms {
            rule: "f",
            numbers: [self.permits, self.period, 0],
        }
    }
}
