//! Counts as the `metrics` facade sees them.

use crate::cache::CacheStats;

use super::stats::Stats;

pub(crate) fn record(stats: &Stats) {
    for cache in &stats.caches {
        record_cache(cache);
    }
}

fn record_cache(stats: &CacheStats) {
    let cache = || vec![metrics::Label::new("cache", stats.name.clone())];
    let lookups = |answer: &'static str| {
        let mut labels = cache();
        labels.push(metrics::Label::from_static_parts("answer", answer));
        metrics::counter!("tower_redis_cache_lookups_total", labels)
    };
    lookups("hit").absolute(stats.near_hits);
    lookups("miss").absolute(stats.misses.saturating_sub(stats.coalesced));
    lookups("coalesced").absolute(stats.coalesced);
    lookups("bypass").absolute(stats.bypassed);
    metrics::counter!("tower_redis_cache_loads_total", cache()).absolute(stats.loads);
    metrics::counter!("tower_redis_cache_failed_loads_total", cache()).absolute(stats.failed_loads);
    metrics::counter!("tower_redis_cache_refused_fills_total", cache())
        .absolute(stats.refused_fills);
    metrics::gauge!("tower_redis_cache_load_seconds", cache()).set(stats.load_time.as_secs_f64());
    metrics::gauge!("tower_redis_cache_entries", cache()).set(stats.entries as f64);
}
