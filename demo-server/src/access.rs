//! One line in the log for every request.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::state::AppState;

/// Logs what was asked, what came of it, and how long it took.
pub(crate) async fn logged(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let clock = state.toolkit.clock();
    let began = clock.now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let took = clock.now().since(began);
    let status = response.status().as_u16();
    tracing::info!(%method, path, status, ?took, "answered");
    response
}
