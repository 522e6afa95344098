//! What caches, limits and Redis have done so far.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use serde_json::{Value, json};
use tower_redis::cache::CacheStats;
use tower_redis::health::{RedisHealth, RedisState};
use tower_redis::limit::LimiterStats;

use crate::extract::NoQuery;
use crate::state::AppState;

/// The text format of Prometheus, version 0.0.4.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /cache/stats`
pub(crate) async fn show(State(state): State<AppState>, _: NoQuery) -> Json<Value> {
    let stats = state.toolkit.stats();
    let caches: Vec<Value> = stats.caches.iter().map(cache).collect();
    let limiters: Vec<Value> = stats.limiters.iter().map(limiter).collect();
    Json(json!({
        "caches": caches,
        "limiters": limiters,
        "redis": redis(&state.toolkit.redis_health().await),
        "cache_redis": redis(&state.toolkit.cache_redis_health().await),
    }))
}

/// `GET /metrics`
pub(crate) async fn metrics(
    State(state): State<AppState>,
    _: NoQuery,
) -> ([(HeaderName, &'static str); 1], String) {
    let text = state.metrics.of(&state.toolkit);
    ([(CONTENT_TYPE, PROMETHEUS)], text)
}

/// What the server counts, of all who use it; null when there is none.
fn redis(health: &RedisHealth) -> Value {
    if health.state == RedisState::NotConfigured {
        return Value::Null;
    }
    json!({
        "keyspace_hits": health.keyspace_hits,
        "keyspace_misses": health.keyspace_misses,
        "keys": health.keys,
        "clients": health.clients,
    })
}

fn cache(stats: &CacheStats) -> Value {
    json!({
        "name": stats.name,
        "hits": { "near": stats.near_hits, "far": stats.far_hits, "suspect": stats.suspect_hits },
        "misses": stats.misses,
        "coalesced": stats.coalesced,
        "bypassed": stats.bypassed,
        "hit_rate": stats.hit_rate(),
        "loads": stats.loads,
        "failed_loads": stats.failed_loads,
        "load_seconds": stats.load_time.as_secs_f64(),
        "refused_fills": stats.refused_fills,
        "undecodable": stats.undecodable,
        "lost_tokens": stats.lost_tokens,
        "unwritable": stats.unwritable,
        "far_failures": stats.far_failures,
        "entries": stats.entries,
        "weight": stats.weight,
        "loading": stats.loading,
    })
}

fn limiter(stats: &LimiterStats) -> Value {
    json!({
        "name": stats.name,
        "allowed": stats.allowed,
        "denied": stats.denied,
        "unknown": stats.unknown,
        "unavailable": { "open": stats.open, "closed": stats.closed, "local": stats.local },
        "overflowed": stats.overflowed,
        "keys": stats.keys,
    })
}
