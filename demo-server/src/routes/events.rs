//! Messages on named channels, and those of the last while.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::extract::{Body, NoQuery, Query};
use crate::problem::Problem;
use crate::state::AppState;

const CHANNEL: &str = "a text of 1 to 200 characters";
const MESSAGE: &str = "any JSON";
const LIMIT: &str = "a whole number from 1 to 100";

/// `POST /api/publish-event`
pub(crate) async fn publish(
    State(state): State<AppState>,
    _: NoQuery,
    Body(mut body): Body,
) -> Result<Json<Value>, Problem> {
    let channel = body.required("channel", CHANNEL, channel);
    let message = body.required("message", MESSAGE, |message| Some(message.clone()));
    body.finish()?;
    // every other way out has been a mistake that `finish` told
    let (channel, message) = (channel.unwrap_or_default(), message.unwrap_or_default());
    let published = state.toolkit.bus().publish(&channel, &message).await;
    published.map_err(|error| {
        tracing::error!(%error, "an event was not published");
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the event was not published; try again later",
        )
    })?;
    state.recent.take_in(state.toolkit.clock().wall());
    Ok(Json(json!({ "status": "published", "channel": channel })))
}

/// `GET /api/recent-events?limit=&channel=`
pub(crate) async fn recent(
    State(state): State<AppState>,
    Query(mut query): Query,
) -> Result<Json<Value>, Problem> {
    let limit = query.optional("limit", LIMIT, |limit| {
        let limit: usize = limit.as_str()?.parse().ok()?;
        (1..=100).contains(&limit).then_some(limit)
    });
    let channel = query.optional("channel", CHANNEL, channel);
    query.finish()?;
    state.recent.take_in(state.toolkit.clock().wall());
    let events = state.recent.newest(limit.unwrap_or(20), channel.as_deref());
    Ok(Json(json!({ "count": events.len(), "events": events })))
}

fn channel(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (1..=200)
        .contains(&text.chars().count())
        .then(|| text.to_owned())
}
