//! By the route.

use axum::extract::MatchedPath as Matched;
use http::Request;

use crate::key::{CacheKey, KeyWriter};

use super::contract::{RequestKey, Unidentified};

/// Each route of an axum router has a quota of its own: requests share it that match `/users/{id}`, whatever the `id`.
/// With another key in a tuple, each client has a quota for each route: `(PeerIp::new(), MatchedPath)`.
///
/// The method is no part of it. A client can only choose among the routes there are.
///
/// What matched is known inside of the router: around its routes with `Router::layer` or `route_layer`, on one route,
/// and in a nested router. It is not in front of the router, nor around a nest from outside. Requests that match
/// nothing, as those of a fallback, share one quota, and a warning says so once.
///
/// ```
/// use axum::{Router, routing::get};
/// use tower_redis::Toolkit;
/// use tower_redis::limit::{Policy, Quota};
/// use tower_redis::middleware::rate_limit::{MatchedPath, PeerIp};
///
/// # fn main() -> Result<(), tower_redis::Error> {
/// let policy = Policy::new("routes", Quota::per_minute(60)).key((PeerIp::new(), MatchedPath));
/// let layer = Toolkit::from_env()?.rate_limit_layer(policy)?;
/// let app: Router = Router::new()
///     .route("/users/{id}", get(async || "a user"))
///     .route_layer(layer);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MatchedPath;

/// What to do where no route is known.
pub(super) const NO_ROUTE: Unidentified = Unidentified::new(
    "a request has matched no route, so all such requests share one quota; put the layer around the routes with \
     `Router::route_layer`, not in front of the router and not around a nest",
);

impl RequestKey for MatchedPath {
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
        let matched = request.extensions().get::<Matched>();
        matched.map(Matched::as_str).write(key);
        matched.map(|_| ()).ok_or(NO_ROUTE)
    }
}
