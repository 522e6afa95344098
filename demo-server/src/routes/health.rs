//! Whether it works.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tower_redis::health::{RedisHealth, RedisState};

use crate::extract::NoQuery;
use crate::state::AppState;

/// `GET /health`: from what is known, without looking. That Redis is away is no reason to take an
/// instance out of service: it works without.
pub(crate) async fn shallow(State(state): State<AppState>, _: NoQuery) -> Json<Value> {
    let redis = state.toolkit.redis_state().as_str();
    Json(json!({ "status": "ok", "redis": redis }))
}

/// `GET /health/deep`: looks, at Redis and at the memory the caches take. It is a 503 when there should
/// be a Redis and it does not answer.
pub(crate) async fn deep(State(state): State<AppState>, _: NoQuery) -> (StatusCode, Json<Value>) {
    let redis = state.toolkit.redis_health().await;
    let of_caches = state.toolkit.cache_redis_health().await;
    let stats = state.toolkit.stats();
    let entries: usize = stats.caches.iter().map(|cache| cache.entries).sum();
    let keys: usize = stats.limiters.iter().map(|limiter| limiter.keys).sum();
    let away = [&redis, &of_caches].map(|redis| redis.state == RedisState::Disconnected);
    let (status, word) = if away.contains(&true) {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    } else {
        (StatusCode::OK, "ok")
    };
    let told = json!({
        "status": word,
        "redis": redis.state.as_str(),
        "redis_memory_bytes": redis.used_memory,
        "redis_server": server(&redis),
        "cache_redis_server": server(&of_caches),
        "memory": { "cache_entries": entries, "limiter_keys": keys },
    });
    (status, Json(told))
}

/// `GET /api/health/redis`: from what is known, without looking.
pub(crate) async fn redis(State(state): State<AppState>, _: NoQuery) -> Json<Value> {
    Json(json!({ "redis": state.toolkit.redis_state().as_str() }))
}

/// What an operator wants to see; null when there is no server to see.
fn server(redis: &RedisHealth) -> Value {
    if redis.state == RedisState::NotConfigured {
        return Value::Null;
    }
    json!({
        "problem": redis.problem,
        "latency_ms": redis.latency.map(|latency| latency.as_secs_f64() * 1_000.0),
        "version": redis.version,
        "role": redis.role,
        "used_memory_bytes": redis.used_memory,
        "max_memory_bytes": redis.max_memory,
        "eviction_policy": redis.eviction_policy,
        "warning": redis.warning(),
    })
}
