//! The laws of the house, held by reading the sources; `ARCHITECTURE.md` says why they are.
//!
//! For every law there is a fixture that breaks it, with the very message: a check that cannot fail
//! holds nothing.

#![expect(clippy::panic, reason = "a helper of tests fails as a test does")]

use std::path::{Path, PathBuf};

use tests::architecture::{CACHE_MACROS, DEMO_SERVER, House, Survey, TESTS, TOWER_REDIS, survey};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[track_caller]
fn surveyed(root: &Path, house: &House) -> Survey {
    match survey(root, house) {
        Ok(survey) => survey,
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn assert_in_order(package: &str, house: &House) {
    let survey = surveyed(&repository().join(package).join("src"), house);
    assert!(survey.imports > 0, "no import was followed in {package}");
    let told: Vec<String> = survey.breaches.iter().map(ToString::to_string).collect();
    assert!(
        told.is_empty(),
        "{} breaches of the laws in ARCHITECTURE.md:\n{}",
        told.len(),
        told.join("\n")
    );
}

#[test]
fn tower_redis_is_in_order() {
    assert_in_order("tower-redis", &TOWER_REDIS);
}

#[test]
fn cache_macros_is_in_order() {
    assert_in_order("cache-macros", &CACHE_MACROS);
}

#[test]
fn demo_server_is_in_order() {
    assert_in_order("demo-server", &DEMO_SERVER);
}

#[test]
fn tests_is_in_order() {
    assert_in_order("tests", &TESTS);
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/architecture")
}

fn told_about(fixture: &str, house: &House) -> Vec<String> {
    let survey = surveyed(&fixtures().join(fixture).join("src"), house);
    survey.breaches.iter().map(ToString::to_string).collect()
}

#[test]
fn an_import_points_down() {
    assert_eq!(
        told_about("upward", &TOWER_REDIS),
        [
            "upward/src/cache/typed.rs:2: imports go round in a circle: `cache/typed.rs` needs `clock.rs` (line 2), `clock.rs` needs `cache/typed.rs` (line 4); move what both sides need to a file below them",
            "upward/src/clock.rs:4: `clock` (stratum 1, leaf tools) names `crate::cache::Cache` of `cache` (stratum 6, engines); imports point down: hand it in from above, or move what both need below them",
        ]
    );
}

#[test]
fn strangers_do_not_know_each_other() {
    assert_eq!(
        told_about("strangers", &TOWER_REDIS),
        [
            "strangers/src/cache/typed.rs:2: `cache` names `crate::limit::Limiter` of `limit`; those on stratum 6 (engines) do not know each other: wire them together from above",
            "strangers/src/cache/typed.rs:2: `cache` names `crate::limit::Quota` of `limit`; those on stratum 6 (engines) do not know each other: wire them together from above",
            "strangers/src/middleware/http_cache/layer.rs:5: `http_cache` names `crate::middleware::rate_limit::key::NAME` of `rate_limit`; those in `middleware/` do not know each other: move what both need to `middleware/`, or wire them together from above",
        ]
    );
}

#[test]
fn modules_in_order_name_those_before_them() {
    assert_eq!(
        told_about("order", &TOWER_REDIS),
        [
            "order/src/error.rs:2: `error` names `super::clock` of `clock`; on stratum 1 (leaf tools) a module names only those before it: error, clock, rng, sync, bounded, key, scope, timers, tasks, registry, codec, telemetry",
        ]
    );
}

#[test]
fn every_module_stands_on_a_stratum() {
    assert_eq!(
        told_about("homeless", &TOWER_REDIS),
        [
            "homeless/src/widgets.rs:1: `widgets` stands on no stratum; give it one in `tests/src/architecture/house.rs`",
        ]
    );
}

#[test]
fn no_file_needs_itself() {
    assert_eq!(
        told_about("cycle", &TOWER_REDIS),
        [
            "cycle/src/cache/engine.rs:2: imports go round in a circle: `cache/engine.rs` needs `cache/near.rs` (line 2), `cache/near.rs` needs `cache/entry.rs` (line 2), `cache/entry.rs` needs `cache/engine.rs` (line 2); move what both sides need to a file below them",
        ]
    );
}

#[test]
fn a_facade_defines_nothing() {
    assert_eq!(
        told_about("facade-defines", &TOWER_REDIS),
        [
            "facade-defines/src/lib.rs:5: a facade holds docs, `mod` and `pub use`, and this is a private `use`; move it to a file of its own",
            "facade-defines/src/lib.rs:8: a facade holds docs, `mod` and `pub use`, and this is `struct Handle`; move it to a file of its own",
            "facade-defines/src/lib.rs:10: a facade holds docs, `mod` and `pub use`, and this is an `impl`; move it to a file of its own",
            "facade-defines/src/lib.rs:17: a facade holds docs, `mod` and `pub use`, and this is `fn helper`; move it to a file of its own",
        ]
    );
}

#[test]
fn a_facade_is_for_those_outside() {
    assert_eq!(
        told_about("facade-import", &TOWER_REDIS),
        [
            "facade-import/src/cache/engine.rs:2: `crate::Error` goes through the facade `lib.rs`, which is for those outside its folder; import `crate::error::Error`",
            "facade-import/src/cache/typed.rs:2: `super::*` goes through the facade `cache/mod.rs`, which is for those outside its folder; import each name from its own file",
            "facade-import/src/cache/typed.rs:3: `super::Part` goes through the facade `cache/mod.rs`, which is for those outside its folder; import `crate::cache::engine::Part`",
            "facade-import/src/cache/typed.rs:4: `crate::cache::Motor` goes through the facade `cache/mod.rs`, which is for those outside its folder; import `crate::cache::engine::Engine`",
        ]
    );
}

#[test]
fn layer_service_future_body_and_never_back() {
    assert_eq!(
        told_about("chain", &TOWER_REDIS),
        [
            "chain/src/middleware/thing/body.rs:2: a body names `super::service::Other` of its service; the layer names the service, the service the future, the future the body, and never back",
            "chain/src/middleware/thing/service.rs:2: a service names `super::layer::ThingLayer` of its layer; the layer names the service, the service the future, the future the body, and never back",
        ]
    );
}

#[test]
fn some_crates_are_named_in_few_places() {
    assert_eq!(
        told_about("contained", &TOWER_REDIS),
        [
            "contained/src/cache/typed.rs:3: names the crate `tower_service`; only `middleware/` may",
            "contained/src/cache/typed.rs:5: names the crate `http_body`; only `middleware/` may",
            "contained/src/cache/typed.rs:5: names the crate `http`; only `middleware/` may",
            "contained/src/cache/typed.rs:6: names the crate `redis`; only `wire/` and files named `redis.rs` may",
            "contained/src/limit/state.rs:3: names the crate `http`; only `middleware/` may",
            "contained/src/middleware/extension.rs:2: names the crate `axum`; only files named `axum*.rs` may",
            "contained/src/wire.rs:2: names the crate `redis`; only `wire/` and files named `redis.rs` may",
        ]
    );
}

#[test]
fn a_file_has_at_most_300_lines_above_its_tests() {
    assert_eq!(
        told_about("length", &TOWER_REDIS),
        [
            "length/src/error.rs:301: 301 lines above the tests, and 300 is the most; find the second noun in it",
        ]
    );
}

#[test]
fn syntax_then_plan_then_expand() {
    assert_eq!(
        told_about("syntax-plan-expand", &CACHE_MACROS),
        [
            "syntax-plan-expand/src/expand/code.rs:2: imports go round in a circle: `expand/code.rs` needs `plan/rule.rs` (line 2), `plan/rule.rs` needs `expand/code.rs` (line 7); move what both sides need to a file below them",
            "syntax-plan-expand/src/plan/rule.rs:7: `plan` (stratum 3, what is meant) names `crate::expand::code` of `expand` (stratum 4, the code); imports point down: hand it in from above, or move what both need below them",
            "syntax-plan-expand/src/syntax/cached.rs:2: `syntax` (stratum 2, what was written) names `crate::plan::Rule` of `plan` (stratum 3, what is meant); imports point down: hand it in from above, or move what both need below them",
            "syntax-plan-expand/src/syntax/cached.rs:2: imports go round in a circle: `syntax/cached.rs` needs `plan/rule.rs` (line 2), `plan/rule.rs` needs `syntax/cached.rs` (line 2); move what both sides need to a file below them",
        ]
    );
}

#[test]
fn nothing_to_read_is_a_failure() {
    let empty = fixtures().join("empty/src");
    let expected = format!("no .rs file below {}: nothing was checked", empty.display());
    assert_eq!(survey(&empty, &TOWER_REDIS).unwrap_err(), expected);
    assert!(survey(&fixtures().join("missing/src"), &TOWER_REDIS).is_err());
}

#[test]
fn every_fixture_is_used() {
    let this = include_str!("architecture.rs");
    let mut fixtures: Vec<_> = std::fs::read_dir(fixtures()).unwrap().collect();
    assert!(!fixtures.is_empty());
    fixtures.retain(|fixture| {
        let name = fixture.as_ref().unwrap().file_name();
        let name = name.to_string_lossy();
        !this.contains(&format!("\"{name}\"")) && !this.contains(&format!("\"{name}/src\""))
    });
    assert!(fixtures.is_empty(), "no test reads {fixtures:?}");
}
