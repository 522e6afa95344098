//! Counts as the `metrics` facade sees them.

use crate::cache::CacheStats;
use crate::limit::LimiterStats;

use super::stats::Stats;

pub(crate) fn record(stats: &Stats) {
    for cache in &stats.caches {
        record_cache(cache);
    }
    for limiter in &stats.limiters {
        record_limiter(limiter);
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

fn record_limiter(stats: &LimiterStats) {
    let limiter = || vec![metrics::Label::new("limiter", stats.name.clone())];
    let checks = |decision: &'static str| {
        let mut labels = limiter();
        labels.push(metrics::Label::from_static_parts("decision", decision));
        metrics::counter!("tower_redis_limit_checks_total", labels)
    };
    checks("allowed").absolute(stats.allowed);
    checks("denied").absolute(stats.denied);
    metrics::counter!("tower_redis_limit_overflowed_total", limiter()).absolute(stats.overflowed);
    metrics::gauge!("tower_redis_limit_keys", limiter()).set(stats.keys as f64);
}
