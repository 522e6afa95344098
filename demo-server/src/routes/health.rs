//! Whether it works.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tower_redis::Toolkit;

use crate::state::AppState;

/// What is known of Redis. This version keeps everything in memory.
const REDIS: &str = "not configured";

/// `GET /health`: from what is known, without looking.
pub(crate) async fn shallow() -> Json<Value> {
    Json(json!({ "status": "ok", "redis": REDIS }))
}

/// `GET /api/health/redis`
pub(crate) async fn redis() -> Json<Value> {
    Json(json!({ "redis": REDIS }))
}

/// `GET /health/deep`: puts a value into a cache and reads it back.
pub(crate) async fn deep(State(state): State<AppState>) -> (StatusCode, Json<Value>) {
    let cache = probe(&state.toolkit).await;
    let (status, word) = match cache {
        "failed" => (StatusCode::SERVICE_UNAVAILABLE, "failed"),
        _ => (StatusCode::OK, "ok"),
    };
    let answer = json!({
        "status": word,
        "redis": REDIS,
        "checks": { "cache": cache, "redis": REDIS },
    });
    (status, Json(answer))
}
