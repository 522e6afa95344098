//! What a limiter tells of what it has done.

use crate::registry::Reports;

use super::member::Member;
use super::stats::LimiterStats;

impl Reports<LimiterStats> for Member {
    fn stats(&self) -> LimiterStats {
        let counts = self.engine.counts();
        let mut stats = LimiterStats {
            name: self.name.to_string(),
            allowed: counts.allowed,
            denied: counts.denied,
            shadow_denied: 0,
            banned: 0,
            coalesced: 0,
            recalled: 0,
            leased: 0,
            overshoot: 0,
            unknown: 0,
            open: 0,
            closed: 0,
            local: 0,
            overflowed: counts.overflowed,
            keys: self.engine.keys(),
        };
        #[cfg(feature = "redis")]
        if let Some(far) = &self.far {
            far.counts.add_to(&mut stats);
        }
        self.guard.add_to(&mut stats);
        if self.shadow {
            // it denied nobody
            stats.shadow_denied = std::mem::take(&mut stats.denied);
            stats.allowed += stats.shadow_denied;
        }
        stats
    }
}
