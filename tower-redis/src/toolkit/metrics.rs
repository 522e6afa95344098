//! Counts as the `metrics` facade sees them.

use crate::cache::CacheStats;
use crate::health::RedisStats;
use crate::limit::LimiterStats;

use super::stats::Stats;

pub(crate) fn record(stats: &Stats) {
    for cache in by_name(&stats.caches, |cache| &cache.name, CacheStats::add) {
        record_cache(&cache);
    }
    for limiter in by_name(&stats.limiters, |limiter| &limiter.name, LimiterStats::add) {
        record_limiter(&limiter);
    }
    for (server, stats) in [("all", &stats.redis), ("caches", &stats.cache_redis)] {
        let Some(stats) = stats else { continue };
        record_redis(server, stats);
    }
}

/// One of each name: a recorder cannot tell apart what is called the same.
fn by_name<S: Clone>(all: &[S], name: fn(&S) -> &String, add: fn(&mut S, &S)) -> Vec<S> {
    let mut joined: Vec<S> = Vec::new();
    for stats in all {
        match joined.iter_mut().find(|known| name(known) == name(stats)) {
            Some(known) => add(known, stats),
            None => joined.push(stats.clone()),
        }
    }
    joined
}

fn record_cache(stats: &CacheStats) {
    let cache = || vec![metrics::Label::new("cache", stats.name.clone())];
    let lookups = |answer: &'static str| {
        let mut labels = cache();
        labels.push(metrics::Label::from_static_parts("answer", answer));
        metrics::counter!("tower_redis_cache_lookups_total", labels)
    };
    lookups("hit").absolute(stats.near_hits);
    lookups("far_hit").absolute(stats.far_hits);
    lookups("stale").absolute(stats.stale_hits);
    lookups("suspect").absolute(stats.suspect_hits);
    lookups("miss").absolute(stats.misses.saturating_sub(stats.coalesced));
    lookups("coalesced").absolute(stats.coalesced);
    lookups("bypass").absolute(stats.bypassed);
    metrics::counter!("tower_redis_cache_loads_total", cache()).absolute(stats.loads);
    metrics::counter!("tower_redis_cache_failed_loads_total", cache()).absolute(stats.failed_loads);
    metrics::counter!("tower_redis_cache_refused_fills_total", cache())
        .absolute(stats.refused_fills);
    metrics::counter!("tower_redis_cache_undecodable_total", cache()).absolute(stats.undecodable);
    metrics::counter!("tower_redis_cache_lost_tokens_total", cache()).absolute(stats.lost_tokens);
    metrics::counter!("tower_redis_cache_unwritable_total", cache()).absolute(stats.unwritable);
    metrics::counter!("tower_redis_cache_far_failures_total", cache()).absolute(stats.far_failures);
    metrics::counter!("tower_redis_cache_refreshes_total", cache()).absolute(stats.refreshes);
    metrics::counter!("tower_redis_cache_evictions_total", cache()).absolute(stats.evictions);
    metrics::gauge!("tower_redis_cache_load_seconds", cache()).set(stats.load_time.as_secs_f64());
    metrics::gauge!("tower_redis_cache_entries", cache()).set(stats.entries as f64);
}

fn record_redis(server: &'static str, stats: &RedisStats) {
    metrics::counter!("tower_redis_operations_total", "server" => server)
        .absolute(stats.operations);
    metrics::counter!("tower_redis_timeouts_total", "server" => server).absolute(stats.timeouts);
    metrics::counter!("tower_redis_refused_total", "server" => server).absolute(stats.refused);
    metrics::counter!("tower_redis_connects_total", "server" => server).absolute(stats.connects);
    metrics::counter!("tower_redis_losses_total", "server" => server).absolute(stats.losses);
    metrics::gauge!("tower_redis_away", "server" => server).set(f64::from(u8::from(stats.away)));
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
    let count = |name: &'static str, total: u64| {
        metrics::counter!(name, limiter()).absolute(total);
    };
    count("tower_redis_limit_unknown_total", stats.unknown);
    count("tower_redis_limit_shadow_denied_total", stats.shadow_denied);
    count("tower_redis_limit_banned_total", stats.banned);
    count("tower_redis_limit_coalesced_total", stats.coalesced);
    count("tower_redis_limit_recalled_total", stats.recalled);
    count("tower_redis_limit_leased_total", stats.leased);
    count("tower_redis_limit_overshoot_total", stats.overshoot);
    let without_redis = |policy: &'static str| {
        let mut labels = limiter();
        labels.push(metrics::Label::from_static_parts("on_unavailable", policy));
        metrics::counter!("tower_redis_limit_without_redis_total", labels)
    };
    without_redis("open").absolute(stats.open);
    without_redis("closed").absolute(stats.closed);
    without_redis("local").absolute(stats.local);
    metrics::counter!("tower_redis_limit_overflowed_total", limiter()).absolute(stats.overflowed);
    metrics::gauge!("tower_redis_limit_keys", limiter()).set(stats.keys as f64);
}

#[cfg(test)]
mod tests {
    use crate::toolkit::handle::Toolkit;

    use super::*;

    #[test]
    fn caches_of_one_name_are_told_as_one() {
        let toolkit = Toolkit::in_memory();
        let build = |name| toolkit.cache::<u64, u64>(name).build().unwrap();
        let caches = [build("twice"), build("once"), build("twice")];
        for cache in &caches {
            pollster::block_on(cache.get(&1));
        }
        let stats = toolkit.stats().caches;
        let joined = by_name(&stats, |cache| &cache.name, CacheStats::add);
        let misses: Vec<_> = joined
            .iter()
            .map(|cache| (&*cache.name, cache.misses))
            .collect();
        assert_eq!(misses, [("twice", 2), ("once", 1)]);
    }
}
