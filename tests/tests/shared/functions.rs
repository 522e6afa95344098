//! Functions of a demo that are cached, that write, and that are held up until a test lets them go.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::watch;
use tower_redis::{Toolkit, cached, invalidates};

/// To stand beside the routes of the demo that uses `toolkit`.
pub(crate) fn routes(toolkit: &Toolkit) -> Router {
    Router::new()
        .route("/prices/{item}", get(show_price).post(write_price))
        .route("/prices/{item}/fail", post(fail_to_write))
        .route("/ratings/{item}", get(show_rating).post(write_rating))
        .route("/slow/{key}", get(show_slow))
        .route("/slow", get(slow_so_far).post(let_go))
        .layer(toolkit.scope_layer())
}

static RUNS: AtomicU64 = AtomicU64::new(0);

/// A text that no other run of any process has.
fn run() -> String {
    let run = RUNS.fetch_add(1, Ordering::SeqCst);
    format!("{}:{run}", std::process::id())
}

#[cached(tags("prices"))]
async fn price(item: &str) -> String {
    format!("{item} {}", run())
}

#[cached(stale_while_revalidate = "1h", tags("ratings:{item}"))]
async fn rating(item: &str) -> String {
    format!("{item} {}", run())
}

#[invalidates(price(&item))]
async fn reprice(item: String, works: bool) -> Result<(), String> {
    if works { Ok(()) } else { Err(item) }
}

#[invalidates(expire(rating(&item)), tags("prices"))]
async fn rate(item: String) {
    drop(item);
}

async fn show_price(Path(item): Path<String>) -> Json<Value> {
    Json(json!({ "value": price(&item).await }))
}

async fn show_rating(Path(item): Path<String>) -> Json<Value> {
    let value = rating(&item).await;
    Json(json!({ "value": value, "stale_hits": rating::stats().stale_hits }))
}

async fn write_price(Path(item): Path<String>) -> Json<bool> {
    Json(reprice(item, true).await.is_ok())
}

async fn fail_to_write(Path(item): Path<String>) -> Json<bool> {
    Json(reprice(item, false).await.is_ok())
}

async fn write_rating(Path(item): Path<String>) -> Json<bool> {
    rate(item).await;
    Json(true)
}

static BEGUN: AtomicU64 = AtomicU64::new(0);
static GO: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

#[cached(fleet_flight)]
async fn slow(key: &str) -> String {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    GO.subscribe().wait_for(|go| *go).await.unwrap();
    format!("{key} {}", run())
}

async fn show_slow(Path(key): Path<String>) -> Json<String> {
    Json(slow(&key).await)
}

async fn slow_so_far() -> Json<Value> {
    let begun = BEGUN.load(Ordering::SeqCst);
    Json(json!({ "begun": begun, "loading": slow::stats().loading }))
}

async fn let_go() -> Json<bool> {
    Json(!GO.send_replace(true))
}
