//! Whether it works.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::extract::NoQuery;
use crate::state::AppState;

/// What is known of Redis: this version keeps everything in memory.
const REDIS: &str = "not configured";

/// `GET /health`: from what is known, without looking.
pub(crate) async fn shallow(_: NoQuery) -> Json<Value> {
    Json(json!({ "status": "ok", "redis": REDIS }))
}

/// `GET /health/deep`: looks. Without Redis that is at the memory the caches take.
pub(crate) async fn deep(State(state): State<AppState>, _: NoQuery) -> Json<Value> {
    let stats = state.toolkit.stats();
    let entries: usize = stats.caches.iter().map(|cache| cache.entries).sum();
    let keys: usize = stats.limiters.iter().map(|limiter| limiter.keys).sum();
    Json(json!({
        "status": "ok",
        "redis": REDIS,
        "redis_memory_bytes": null,
        "memory": { "cache_entries": entries, "limiter_keys": keys },
    }))
}

/// `GET /api/health/redis`
pub(crate) async fn redis(_: NoQuery) -> Json<Value> {
    Json(json!({ "redis": REDIS }))
}
