//! What the demo does not have and the play wants: limits with other failure policies, and a cache of which all
//! that begins alike is invalidated at once.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Reach};
use tower_redis::limit::{Basis, Decision, OnUnavailable, Policy, Quota};
use tower_redis::middleware::rate_limit::{PeerIp, RateLimitLayer};

/// To stand beside the routes of the demo that uses `toolkit`.
pub(crate) fn routes(toolkit: &Toolkit) -> Router {
    let names = toolkit.cache("names").build().unwrap();
    let open = limit(toolkit, "open", OnUnavailable::Open);
    let closed = limit(toolkit, "closed", OnUnavailable::Closed);
    Router::new()
        .route("/limited/open", get(counted).route_layer(open))
        .route("/limited/closed", get(counted).route_layer(closed))
        .route("/names/{name}", get(name))
        .route("/names-starting/{prefix}", post(forget))
        .with_state(names)
        .merge(pages(toolkit))
}

/// Pages that can be changed, behind an HTTP cache.
fn pages(toolkit: &Toolkit) -> Router {
    let cache = toolkit.cache_layer().name("pages");
    Router::new().route("/pages/{name}", get(page).post(changed).layer(cache))
}

async fn page() -> ([(HeaderName, &'static str); 1], String) {
    static PAGES: AtomicUsize = AtomicUsize::new(0);
    let page = PAGES.fetch_add(1, Ordering::SeqCst);
    (
        [(CACHE_CONTROL, "max-age=600")],
        format!("page {page} of {}", std::process::id()),
    )
}

async fn changed() -> StatusCode {
    StatusCode::NO_CONTENT
}

fn limit(toolkit: &Toolkit, name: &'static str, policy: OnUnavailable) -> RateLimitLayer<PeerIp> {
    let limit = Policy::per_ip(Quota::per_minute(5)).name(name);
    toolkit
        .rate_limit_layer(limit.on_unavailable(policy))
        .unwrap()
}

async fn counted(decision: Decision) -> Json<Value> {
    let counted_in = match decision.basis {
        Basis::Shared => "redis",
        Basis::Unavailable(OnUnavailable::Open) | Basis::Unknown(OnUnavailable::Open) => "nowhere",
        basis => panic!("passed by {basis:?}"),
    };
    Json(json!({ "counted_in": counted_in }))
}

async fn name(State(names): State<Cache<String, String>>, Path(name): Path<String>) -> String {
    let load = || async { Ok::<_, Infallible>(name.to_uppercase()) };
    names.get_or_load(name.as_str(), load).await.unwrap()
}

async fn forget(
    State(names): State<Cache<String, String>>,
    Path(prefix): Path<String>,
) -> Json<Value> {
    let told = names.invalidate_prefix(&prefix).await.unwrap();
    Json(json!({ "reach": if told.reach == Reach::Everywhere { "everywhere" } else { "pending" } }))
}
