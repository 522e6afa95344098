//! A slow function, cached; and its invalidation.

use std::time::{Duration, SystemTime};

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower_redis::cache::Reach;
use tower_redis::cached;
use tower_redis::clock::Clock;

use crate::extract::{Body, NoQuery, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::timestamp::rfc3339;
use crate::user::{self, UserId};

/// What the slow function gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Computed {
    user_id: Option<UserId>,
    value: u64,
    computed_at: String,
}

/// Takes its time. What the key does not name, the clock and the time it takes, makes no difference to
/// which entry is found.
#[cached(key = "cache:expensive_function:{user_id}", ttl = 60)]
async fn expensive_function(user_id: Option<UserId>, clock: Clock, takes: Duration) -> Computed {
    tokio::time::sleep(takes).await;
    let now = clock.wall();
    Computed {
        user_id,
        value: drawn(now),
        computed_at: rfc3339(now),
    }
}

/// Another number at every computation, so that a cached one is recognised.
fn drawn(now: SystemTime) -> u64 {
    let since = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    // the steps of a generator by Knuth (MMIX); only that neighbours look different counts
    let mixed = (since.as_millis() as u64)
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (mixed >> 33) % 1_000
}

/// `GET /api/cached-data?user_id=`
pub(crate) async fn show(
    State(state): State<AppState>,
    Query(mut query): Query,
) -> Result<Json<Value>, Problem> {
    let user_id = query.optional("user_id", user::EXPECTED, UserId::parse);
    query.finish()?;
    let clock = state.toolkit.clock().clone();
    let found = expensive_function::lookup(user_id, clock, state.work.computation).await;
    let Computed {
        user_id,
        value,
        computed_at,
    } = found.value;
    Ok(Json(json!({
        "user_id": user_id,
        "value": value,
        "computed_at": computed_at,
        "cache": { "status": found.status.as_str(), "tier": found.status.tier() },
    })))
}

/// `POST /api/invalidate-cache`
pub(crate) async fn invalidate(_: NoQuery, Body(mut body): Body) -> Result<Json<Value>, Problem> {
    let user_id = body.optional("user_id", user::EXPECTED, UserId::parse);
    body.finish()?;
    let (scope, invalidated) = match user_id {
        Some(user_id) => ("entry", expensive_function::invalidate(Some(user_id)).await),
        None => ("all", expensive_function::clear().await),
    };
    Ok(Json(
        json!({ "scope": scope, "dropped": invalidated.dropped, "reach": reach(invalidated.reach) }),
    ))
}

/// Who knows of an invalidation when its answer is written.
fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Everywhere => "everywhere",
        // this process does; Redis is away and hears of it before this process reads the key there
        _ => "pending",
    }
}
