//! Which public types there are, from the sources, so that a new one is not forgotten.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::said::Said;

/// What the library and generated code alone use (`doc(hidden)`): it is never a value of the user's.
const OF_MACROS: [&str; 10] = [
    "tower_redis::macro_support::",
    "tower_redis::toolkit::slot::Slot",
    "tower_redis::cache::share::ByClone",
    "tower_redis::cache::share::AsSource",
    "tower_redis::cache::share::WithKind",
    "tower_redis::cache::share::Unshared",
    "tower_redis::cache::hold::",
    "tower_redis::key::contract::Ready",
    "tower_redis::key::sought::Sought",
    "tower_redis::limit::subjects::Subjects",
];

/// Holds that every public type has said something by `Debug`, and by `Display` if it can.
#[track_caller]
pub(crate) fn assert_all_said_something(said: &Said) {
    let (public, printed) = types();
    let (by_debug, by_display) = said.by();
    let missing = |all: &BTreeSet<String>, said: &BTreeSet<String>| {
        all.difference(said).cloned().collect::<Vec<_>>()
    };
    let debug = missing(&public, by_debug);
    let display = missing(&printed, by_display);
    assert!(
        debug.is_empty() && display.is_empty(),
        "public types whose `Debug` was not looked at: {debug:#?}\nwhose `Display` was not: {display:#?}\nshow \
         a value of each, made of canaries where it takes any, in tests/tests/canary"
    );
}

/// The paths of all public types, and of those with a `Display`. The lint `unreachable_pub` holds that
/// whatever is `pub` can be reached from outside.
fn types() -> (BTreeSet<String>, BTreeSet<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tower-redis/src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let (mut public, mut printed) = (BTreeSet::new(), BTreeSet::new());
    for file in files {
        let module = module(file.strip_prefix(&root).unwrap());
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let path = |name: &str| format!("{module}::{name}");
        public.extend(code.lines().filter_map(declared).map(path));
        printed.extend(code.lines().filter_map(displayed).map(path));
        // thiserror writes a `Display`
        let derived = code.split("thiserror::Error)]").skip(1);
        printed.extend(
            derived
                .filter_map(|after| after.lines().find_map(declared))
                .map(path),
        );
    }
    public.retain(|path| !OF_MACROS.iter().any(|hidden| path.starts_with(hidden)));
    printed.retain(|path| public.contains(path));
    (public, printed)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            files.push(path);
        }
    }
}

fn module(file: &Path) -> String {
    let mut parts = vec!["tower_redis".to_owned()];
    let file = file.with_extension("");
    parts.extend(file.iter().map(|part| part.to_string_lossy().into_owned()));
    parts.retain(|part| part != "mod" && part != "lib");
    parts.join("::")
}

/// The name in `pub struct Name`, `pub enum Name` or `pub union Name`.
fn declared(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let (kind, rest) = rest.split_once(' ')?;
    ["struct", "enum", "union"]
        .contains(&kind)
        .then(|| name(rest))
}

/// The name in `impl<..> fmt::Display for Name`.
fn displayed(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("Display for ")?;
    before.starts_with("impl").then(|| name(rest))
}

fn name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

#[test]
fn public_types_are_found() {
    let (public, printed) = types();
    for path in [
        "tower_redis::toolkit::handle::Toolkit",
        "tower_redis::error::Error",
        "tower_redis::config::server::Server",
        "tower_redis::middleware::rate_limit::body::RateLimitBody",
        "tower_redis::clock::Clock",
    ] {
        assert!(public.contains(path), "{path} is not in {public:#?}");
    }
    for path in [
        "tower_redis::error::Error",
        "tower_redis::pubsub::event::Lagged",
        "tower_redis::config::server::Address",
    ] {
        assert!(printed.contains(path), "{path} is not in {printed:#?}");
    }
    assert!(!public.contains("tower_redis::wire::op::Op"));
}
