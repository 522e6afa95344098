//! The page that says what there is.

use std::fmt::Write as _;

use axum::http::HeaderMap;
use axum::http::header::HOST;

use crate::extract::NoQuery;

/// One line of the page: what it is, and the arguments of a `curl` that shows it, with `{}` for the
/// address of the server.
type Endpoint = (&'static str, &'static str);

const ENDPOINTS: [Endpoint; 13] = [
    (
        "a slow function, cached for 60 seconds: the second call is a hit",
        "'{}/api/cached-data?user_id=42'",
    ),
    (
        "forget what it gave for one user, or without a body for all",
        "-X POST '{}/api/invalidate-cache' -d '{\"user_id\": 42}'",
    ),
    (
        "publish an event: a channel, and any JSON as the message",
        "-X POST '{}/api/publish-event' -d '{\"channel\": \"orders\", \"message\": {\"id\": 7}}'",
    ),
    (
        "the last events (500 are kept), newest first",
        "'{}/api/recent-events?limit=20&channel=orders'",
    ),
    (
        "never more than 5 in any 60 seconds: look at the RateLimit fields",
        "-i '{}/api/rate-limited'",
    ),
    (
        "slow, and never more than 2 in any 300 seconds",
        "-i '{}/api/slow-limited'",
    ),
    (
        "kept by the HTTP cache for 10 seconds: look at Age and Cache-Status",
        "-i '{}/api/report'",
    ),
    ("health, from what is known already", "'{}/health'"),
    (
        "health, with a look at everything: a 503 while Redis should be there and is not",
        "'{}/health/deep'",
    ),
    (
        "whether Redis is there, from what is known already",
        "'{}/api/health/redis'",
    ),
    (
        "what the caches, the limits and Redis have done",
        "'{}/cache/stats'",
    ),
    ("the same for Prometheus", "'{}/metrics'"),
    ("this page", "'{}/'"),
];

/// `GET /`
pub(crate) async fn show(_: NoQuery, headers: HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    // it is the client's word, and goes into a line for a shell
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte);
    let host = host.filter(|host| !host.is_empty() && host.bytes().all(plain));
    let host = host.unwrap_or("127.0.0.1:8080");
    let mut page = "The demo of tower-redis: answers come from its caches and limits.\n".to_owned();
    for (what, arguments) in ENDPOINTS {
        let arguments = arguments.replace("{}", &format!("http://{host}"));
        // writing to a String does not fail
        let _ = write!(page, "\n{what}\n    curl {arguments}\n");
    }
    page
}
