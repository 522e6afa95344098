//! The toolkit as an argument of an axum handler.
#![cfg(all(feature = "axum", feature = "macros"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::routing::get;
use tower::ServiceExt as _;
use tower_redis::{Toolkit, cached};

#[cached(ttl = 60)]
async fn length(word: String) -> usize {
    word.len()
}

/// How many loads the toolkit of this handler has run, after it called a cached function.
async fn loads(toolkit: Toolkit) -> String {
    length("four".to_owned()).await;
    let loads: u64 = toolkit.stats().caches.iter().map(|cache| cache.loads).sum();
    loads.to_string()
}

async fn ask(router: Router) -> String {
    let request = Request::get("/").body(Body::empty()).unwrap();
    let body = router.oneshot(request).await.unwrap().into_body();
    let bytes = to_bytes(body, 64).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_handler_gets_the_toolkit_that_its_functions_use() {
    let (one, two) = (Toolkit::in_memory(), Toolkit::in_memory());
    let router = |toolkit: &Toolkit| {
        Router::new()
            .route("/", get(loads))
            .layer(toolkit.scope_layer())
    };
    assert_eq!(ask(router(&one)).await, "1");
    assert_eq!(ask(router(&one)).await, "1", "the second call was a hit");
    assert_eq!(ask(router(&two)).await, "1", "another toolkit starts empty");
    let installed = Toolkit::in_memory();
    installed.install().unwrap();
    assert_eq!(ask(Router::new().route("/", get(loads))).await, "1");
    assert_eq!(installed.stats().caches.len(), 1);
}
