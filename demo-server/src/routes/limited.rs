//! What is behind a limit. The limits themselves are in `app.rs`.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use tower_redis::limit::{Basis, Decision};

use crate::extract::NoQuery;
use crate::state::AppState;

/// `GET /api/rate-limited`
pub(crate) async fn quick(_: NoQuery, decision: Decision) -> Json<Value> {
    Json(told("this is allowed 5 times in any 60 seconds", decision))
}

/// `GET /api/slow-limited`
pub(crate) async fn slow(
    State(state): State<AppState>,
    _: NoQuery,
    decision: Decision,
) -> Json<Value> {
    tokio::time::sleep(state.work.expensive).await;
    Json(told(
        "this is slow, and allowed 2 times in any 300 seconds",
        decision,
    ))
}

fn told(message: &str, decision: Decision) -> Value {
    json!({
        "message": message,
        "limit": decision.limit,
        "remaining": decision.remaining,
        "counted_in": match decision.basis {
            Basis::Shared => "redis",
            // also what decides while Redis is away
            _ => "memory",
        },
    })
}
