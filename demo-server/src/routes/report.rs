//! A handler that knows of no cache and says how long its answer is good.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use serde_json::{Value, json};

use crate::extract::NoQuery;
use crate::state::AppState;
use crate::timestamp::rfc3339;

type Fields = [(HeaderName, &'static str); 1];

/// `GET /api/report`
pub(crate) async fn show(State(state): State<AppState>, _: NoQuery) -> (Fields, Json<Value>) {
    let generated_at = rfc3339(state.toolkit.clock().wall());
    let report = json!({ "title": "A report", "generated_at": generated_at });
    ([(CACHE_CONTROL, "max-age=10")], Json(report))
}
