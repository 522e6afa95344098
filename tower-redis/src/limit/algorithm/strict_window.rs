//! The strict window: a log of what was admitted in the last period.
//!
//! Bound: never more than N permits in any period, half-open, wherever it starts.
//!
//! Up to 128 permits the log is exact. Beyond, time is cut into slots of a 128th of the period
//! (rounded up), and what was admitted in one slot is one entry, which counts as admitted at the
//! instant of its last. So nothing is ever over, a permit may come back up to one slot late, and the
//! log of a key never has more than 130 entries.

use std::collections::VecDeque;

use crate::error::Error;
use crate::limit::quota::Quota;

#[cfg(feature = "redis")]
use crate::limit::contract::Terms;
use crate::limit::contract::{Judgement, Rule, Standing, Tick};

/// Logs as long as this are exact; longer ones are merged to about this length.
pub(crate) const ENTRIES: u64 = 128;

/// Never lets more than N through in any period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StrictWindow {
    permits: u64,
    period: Tick,
    slot: Tick,
}

/// What was admitted and may still count, oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    /// The sum of the entries' counts.
    used: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// When the last permit of this entry was admitted.
    last: Tick,
    count: u64,
}

impl Log {
    /// What was admitted after `now`, before the clock went back, counts as admitted then.
    #[inline]
    fn set_back(&mut self, now: Tick) {
        if self.entries.back().is_some_and(|entry| entry.last > now) {
            let kept = self.entries.partition_point(|entry| entry.last <= now);
            let count = self.entries.drain(kept..).map(|entry| entry.count).sum();
            self.entries.push_back(Entry { last: now, count });
        }
    }
}

/// A log as it is at an instant.
struct View<'a> {
    log: &'a Log,
    now: Tick,
    /// Entries at the front that no longer count.
    expired: usize,
    used: u64,
}

impl StrictWindow {
    pub(crate) fn new(quota: &Quota) -> Result<Self, Error> {
        let (permits, period) = (quota.permits(), quota.ticks()?);
        let slot = if permits <= ENTRIES {
            1
        } else {
            period.div_ceil(ENTRIES)
        };
        Ok(Self {
            permits,
            period,
            slot,
        })
    }

    #[inline]
    fn end(&self, entry: &Entry) -> Tick {
        entry.last.saturating_add(self.period)
    }

    #[inline]
    fn view<'a>(&self, log: &'a Log, now: Tick) -> View<'a> {
        let mut view = View {
            log,
            now,
            expired: 0,
            used: log.used,
        };
        while let Some(entry) = log.entries.get(view.expired)
            && self.end(entry) <= now
        {
            view.expired += 1;
            view.used -= entry.count;
        }
        view
    }

    #[inline]
    fn stands(&self, view: &View<'_>) -> Standing {
        let ends = |entry: Option<&Entry>| entry.map_or(view.now, |entry| self.end(entry));
        let entries = &view.log.entries;
        let first = entries.get(view.expired);
        Standing {
            limit: self.permits,
            remaining: self.permits - view.used,
            more_at: ends(first),
            reset_at: ends(first.and(entries.back())),
        }
    }

    /// The first instant at which `cost` permits are free.
    fn passes_at(&self, view: &View<'_>, cost: u64) -> Tick {
        let mut used = view.used;
        let mut at = view.now;
        for entry in view.log.entries.range(view.expired..) {
            if cost <= self.permits - used {
                break;
            }
            used -= entry.count;
            at = self.end(entry);
        }
        at
    }

    /// Whether these two instants, the earlier one first, are merged.
    #[inline]
    fn same_slot(&self, last: Tick, now: Tick) -> bool {
        // an exact log is asked about by each call, and has no need to divide
        last == now || now - last < self.slot && last / self.slot == now / self.slot
    }

    #[inline]
    fn charge(&self, log: &mut Log, now: Tick, cost: u64) {
        log.used += cost;
        match log.entries.back_mut() {
            Some(entry) if self.same_slot(entry.last, now) => {
                entry.last = now;
                entry.count += cost;
            }
            Some(_) | None => log.entries.push_back(Entry {
                last: now,
                count: cost,
            }),
        }
    }
}

impl Rule for StrictWindow {
    type State = Log;
    type Seen = Standing;

    #[inline(always)]
    fn judge(&self, state: &mut Log, now: Tick, cost: u64) -> Judgement<Standing> {
        state.set_back(now);
        let view = self.view(state, now);
        if cost > self.permits {
            return Judgement::never(self.stands(&view), now);
        }
        if cost > self.permits - view.used {
            let passes_at = self.passes_at(&view, cost);
            return Judgement::denied(self.stands(&view), now, passes_at);
        }
        if cost == 0 {
            return Judgement::allowed(self.stands(&view), now);
        }
        let View { expired, used, .. } = view;
        for _ in 0..expired {
            state.entries.pop_front();
        }
        state.used = used;
        self.charge(state, now, cost);
        let view = View {
            log: state,
            now,
            expired: 0,
            used: state.used,
        };
        Judgement::allowed(self.stands(&view), now)
    }

    #[inline(always)]
    fn standing(&self, stands: Standing, _: Tick) -> Standing {
        stands
    }

    fn refund(&self, state: &mut Log, now: Tick, charged: Tick, cost: u64) -> u64 {
        state.set_back(now);
        let View { expired, used, .. } = self.view(state, now);
        let entries = &mut state.entries;
        // the entry it was charged to, or the newest, if it is said to be newer than that
        let at = entries.partition_point(|entry| entry.last < charged);
        let mut end = match entries.get(at) {
            Some(entry) if self.same_slot(charged, entry.last) => at + 1,
            Some(_) => 0,
            None => entries.len(),
        };
        let mut back = 0;
        // what is older than what was charged is free sooner: to take that is never over
        while back < cost && end > expired {
            end -= 1;
            let taken = (cost - back).min(entries[end].count);
            entries[end].count -= taken;
            back += taken;
            if entries[end].count == 0 {
                entries.remove(end);
            }
        }
        if back > 0 {
            entries.drain(..expired);
            state.used = used - back;
        }
        back
    }

    fn at_rest(&self, state: &Log, now: Tick) -> bool {
        self.view(state, now).used == 0
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
            rule: "s",
            numbers: [self.permits, self.period, self.slot],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_bounded_however_large_the_quota() {
        for permits in [128, 129, 1_000, 1_000_000] {
            let rule = StrictWindow::new(&Quota::per_second(permits)).unwrap();
            let mut log = Log::default();
            for now in (0..3_000_000).step_by(97) {
                rule.decide(&mut log, now, 1);
                assert!(log.entries.len() <= 130, "{} entries", log.entries.len());
                let sum: u64 = log.entries.iter().map(|entry| entry.count).sum();
                assert_eq!(log.used, sum);
            }
        }
    }

    #[test]
    fn a_permit_of_a_large_quota_comes_back_at_most_one_slot_late() {
        let rule = StrictWindow::new(&Quota::per_second(129)).unwrap();
        let slot = 1_000_000_u64.div_ceil(128);
        let mut log = Log::default();
        // the first and the last instant of one slot: the first permit waits for the last
        let last = slot - 1;
        assert!(rule.decide(&mut log, 0, 1).is_allowed());
        assert!(rule.decide(&mut log, last, 128).is_allowed());
        assert!(!rule.decide(&mut log, 1_000_000 + last - 1, 1).is_allowed());
        assert!(rule.decide(&mut log, 1_000_000 + last, 129).is_allowed());
    }

    #[test]
    fn a_clock_that_goes_back_takes_the_log_along_and_frees_nothing_early() {
        let rule = StrictWindow::new(&Quota::per_second(129)).unwrap();
        let mut log = Log::default();
        assert!(rule.decide(&mut log, 7_000, 100).is_allowed());
        assert!(rule.decide(&mut log, 10, 29).is_allowed());
        assert!(!rule.decide(&mut log, 1_000_009, 1).is_allowed());
        assert!(rule.decide(&mut log, 1_000_010, 129).is_allowed());
    }
}
