//! In process: what a hit takes under `Router::layer`, and in front of the router beside the layers of others.

use std::fmt::Debug;
use std::hint::black_box;
use std::time::Duration;

use axum::body::{Body, Bytes};
use hitbox::Config;
use hitbox::policy::PolicyConfig;
use hitbox_http::extractors::{Method, path::PathExtractor};
use hitbox_http::predicates::{NeutralRequestPredicate, NeutralResponsePredicate};
use hitbox_moka::MokaBackend;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use http_cache::MokaManager;
use http_cache_tower_server::ServerCacheLayer;
use tower::layer::util::Identity;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};
use tower_http_cache::prelude::InMemoryBackend;
use tower_redis::Toolkit;

use crate::figure::figure;
use crate::harness::{Effort, Table};
use crate::runtime;

use super::{BODY, request, router};

const LONG: Duration = Duration::from_secs(3_600);
const BARE: &str = "the bare router";
/// What a hit may take under `Router::layer`, in nanoseconds and in allocations.
const BOUNDS: (f64, f64) = (350.0, 6.0);

pub fn measure(effort: Effort) {
    under(effort);
    in_front(effort);
}

fn under(effort: Effort) {
    let toolkit = Toolkit::in_memory();
    let mut table = Table::new("a hit of 1 KiB, under Router::layer, in process", BARE);
    let ours = router().layer(toolkit.cache_layer());
    table.row("tower-redis CacheLayer", requests(ours));
    table.row(BARE, requests(router()));
    // the router boxes what any layer makes of it, each request that it gets and each answer
    let nothing = router().layer(Identity::new());
    table.row(
        "a layer that does nothing, under Router::layer",
        requests(nothing),
    );
    let compared = table.measure_compared(effort);
    println!();
    for compared in compared.iter().filter(|compared| compared.name == BARE) {
        let what = "http hit, under Router::layer: added to the bare router";
        figure(what, compared.more, "ns", BOUNDS.0);
        figure(what, compared.allocations, "allocations", BOUNDS.1);
    }
}

fn in_front(effort: Effort) {
    let toolkit = Toolkit::in_memory();
    let mut table = Table::new("a hit of 1 KiB, in front of the router, in process", BARE);
    table.row(
        "tower-redis CacheLayer",
        requests(toolkit.cache_layer().layer(router())),
    );
    table.row(BARE, requests(router()));
    let theirs = axum_response_cache::CacheLayer::with_lifespan(LONG);
    table.row("axum-response-cache", requests(theirs.layer(router())));
    let theirs = tower_http_cache::prelude::CacheLayer::builder(InMemoryBackend::new(1_000));
    // it wants a body that is `Sync`, which that of a router is not; the router is asked once
    let router_of_sync = ServiceBuilder::new()
        .map_response(|response: Response<Body>| response.map(|_| Full::<Bytes>::from(*BODY)))
        .service(router());
    let theirs = theirs.ttl(LONG).build().layer(router_of_sync);
    table.row("tower-http-cache", requests(theirs));
    let theirs = ServerCacheLayer::new(MokaManager::default());
    table.row("http-cache-tower-server", requests(theirs.layer(router())));
    let config = Config::builder()
        .request_predicate(NeutralRequestPredicate::<Body>::new())
        .response_predicate(NeutralResponsePredicate::<Body>::new())
        .extractor(Method::new().path("/{page}"))
        .policy(PolicyConfig::builder().ttl(LONG).build())
        .build();
    let theirs = hitbox_tower::Cache::builder()
        .backend(MokaBackend::builder().max_entries(1_000).build())
        .config(config)
        .build();
    table.row("hitbox-tower", requests(theirs.layer(router())));
    let compared = table.measure_compared(effort);
    println!();
    for compared in compared.iter().filter(|compared| compared.name != BARE) {
        let what = format!("http hit, in front of the router: of {}", compared.name);
        figure(&what, 100.0 * compared.times, "%", 100.0);
    }
}

fn requests<S, B>(service: S) -> impl FnMut(u64)
where
    S: Service<Request<Body>, Response = Response<B>, Error: Debug> + Clone + 'static,
    B: BodyExt + 'static,
{
    let runtime = runtime();
    move |n| {
        runtime.block_on(async {
            for _ in 0..n {
                let answered = service.clone().oneshot(request()).await;
                let response = answered.expect("an answer");
                assert!(response.status().is_success());
                black_box(response.into_body().collect().await.is_ok());
            }
        });
    }
}
