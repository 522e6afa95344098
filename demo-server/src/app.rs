//! The router: what is answered where, and what stands around it.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};
use tower_redis::middleware::rate_limit::{PeerIp, RateLimitLayer};

use crate::access;
use crate::extract::BODY_LIMIT;
use crate::problem::Problem;
use crate::routes::{cached_data, events, health, index, limited, report, stats};
use crate::settings::Settings;
use crate::state::AppState;

/// The period of the stricter limit.
const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// The demo. Each app has caches, limits and events of its own, so a process may have many.
///
/// It is to be served with `into_make_service_with_connect_info::<SocketAddr>()`, which tells the
/// limits who is calling; without, all callers share one quota. [`serve`](crate::serve) does so.
pub fn app(settings: Settings) -> Router {
    let state = AppState::new(settings);
    let toolkit = &state.toolkit;
    let a_minute = limit(toolkit, "rate-limited", Quota::per_minute(5));
    let five_minutes = limit(toolkit, "slow-limited", Quota::new(2, FIVE_MINUTES));
    let scope = toolkit.scope_layer();
    let cache = toolkit.cache_layer();

    // A layer on one route stands behind the router: it sees only what is meant for that route. The
    // limits do, because each is that of one route, and as a `route_layer` they do not count a method
    // that the route does not take. So does the HTTP cache, because nothing else here says how long it
    // may be kept; in front of the router it would save the routing as well.
    let routes = Router::new()
        .route("/", get(index::show))
        .route("/api/cached-data", get(cached_data::show))
        .route("/api/invalidate-cache", post(cached_data::invalidate))
        .route("/api/publish-event", post(events::publish))
        .route("/api/recent-events", get(events::recent))
        .route(
            "/api/rate-limited",
            get(limited::quick).route_layer(a_minute),
        )
        .route(
            "/api/slow-limited",
            get(limited::slow).route_layer(five_minutes),
        )
        .route("/api/report", get(report::show).layer(cache))
        .route("/api/health/redis", get(health::redis))
        .route("/health", get(health::shallow))
        .route("/health/deep", get(health::deep))
        .route("/cache/stats", get(stats::show))
        .route("/metrics", get(stats::metrics))
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so);

    // Around all of them, the last one outermost. The scope makes `#[cached]` functions use the caches
    // of this app; a program with one app calls `toolkit.install()` instead. The limit on bodies is
    // further out than what reads them, and the log hears of every answer.
    routes
        .layer(scope)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(state.clone(), access::logged))
        .with_state(state)
}

#[expect(
    clippy::expect_used,
    reason = "the quotas are those written above, and every test builds them"
)]
fn limit(toolkit: &Toolkit, name: &'static str, quota: Quota) -> RateLimitLayer<PeerIp> {
    let policy = Policy::per_ip(quota).name(name);
    toolkit
        .rate_limit_layer(policy)
        .expect("a quota that can be kept")
}

async fn nowhere() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "nothing is here; `GET /` lists what there is",
    )
}

async fn not_so() -> Problem {
    let detail = "this path takes another method; `GET /` lists what there is";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
