//! Which requests are counted, and where.

use http::{Method, Request, StatusCode};
use tower_redis::limit::{Policy, Quota};
use tower_redis::testing::ManualClock;
use tracing::subscriber::with_default;

use crate::support::{Server, Verdict, naive, only_naive, served, toolkit, unless};
use crate::warnings::Warnings;

/// Ten connections, and three requests to all of them together.
fn connections_count_together(mut connect: impl FnMut() -> Server) -> Verdict {
    let calls = (0..10).map(|_| connect()(Request::new(())));
    let passed = calls
        .filter(|(status, _)| *status == StatusCode::OK)
        .count();
    unless(passed == 3, format!("{passed} passed of a quota of 3"))
}

/// Elsewhere the state lies in the service, of which each connection gets one (tower#764, axum#2634).
#[test]
fn trap_1_each_connection_has_its_own_count() {
    let clock = ManualClock::new();
    let policy = Policy::global(Quota::per_minute(3));
    let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
    let per_service = || {
        let mut left = 3_u32;
        naive(move |_| {
            let passes = left > 0;
            left = left.saturating_sub(1);
            passes
        })
    };
    only_naive(
        connections_count_together(|| served(&layer)),
        connections_count_together(per_service),
    );
}

/// What is said when nobody tells the addresses of peers.
fn a_missing_address_is_told(mut server: Server) -> Verdict {
    let warnings = Warnings::default();
    with_default(warnings.clone(), || {
        for _ in 0..3 {
            server(Request::new(()));
        }
    });
    let said = warnings.take();
    let told = said.len() == 1 && said[0].contains("into_make_service_with_connect_info");
    unless(
        told,
        format!("all are one client, and it is said: {said:?}"),
    )
}

/// Elsewhere all are one client, or all are answered 500, and nobody says why.
#[test]
fn trap_4_without_addresses_all_are_one_client() {
    let clock = ManualClock::new();
    let policy = Policy::per_ip(Quota::per_minute(3));
    let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
    let mut calls = 0;
    let one_bucket = naive(move |_| {
        calls += 1;
        calls <= 3
    });
    only_naive(
        a_missing_address_is_told(served(&layer)),
        a_missing_address_is_told(one_bucket),
    );
}

/// A browser's preflights and a balancer's probes, before the one request that may be.
fn only_requests_are_counted(mut server: Server) -> Verdict {
    let request = |method: Method, path: &str| {
        let request = Request::builder().method(method).uri(path);
        request.header("origin", "https://shop.test")
    };
    for _ in 0..5 {
        let preflight = request(Method::OPTIONS, "/buy");
        let preflight = preflight.header("access-control-request-method", "POST");
        server(preflight.body(()).unwrap());
        server(request(Method::GET, "/health").body(()).unwrap());
    }
    let (status, _) = server(request(Method::POST, "/buy").body(()).unwrap());
    unless(
        status == StatusCode::OK,
        "preflights and probes used the quota up",
    )
}

/// express-rate-limit#69.
#[test]
fn trap_5_preflights_and_health_checks_use_the_quota_up() {
    let clock = ManualClock::new();
    let policy = Policy::global(Quota::per_minute(1));
    let layer = toolkit(&clock).rate_limit_layer(policy).unwrap();
    let layer = layer.skip_preflights().skip_paths(["/health"]);
    let mut calls = 0;
    let counts_all = naive(move |_| {
        calls += 1;
        calls <= 1
    });
    only_naive(
        only_requests_are_counted(served(&layer)),
        only_requests_are_counted(counts_all),
    );
}
