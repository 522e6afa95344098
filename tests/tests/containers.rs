//! What has to hold of `compose.yaml`, `Dockerfile` and `.dockerignore`. They are read here and not run:
//! the tests need no Docker.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::Folder;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The lines of a file that are no comments.
fn lines(name: &str) -> Vec<String> {
    let text = read(name);
    let lines = text.lines().map(str::trim_end);
    let said = lines.filter(|line| !line.is_empty() && !line.trim_start().starts_with('#'));
    said.map(str::to_owned).collect()
}

/// The lines below `key` of a block of YAML, and nothing of what follows them.
#[track_caller]
fn below(block: &[String], key: &str) -> Vec<String> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let own = block.iter().map(|line| depth(line)).min();
    let is_key = |line: &String| {
        let rest = line.trim_start().strip_prefix(key);
        Some(depth(line)) == own && rest.is_some_and(|rest| rest.starts_with(':'))
    };
    let at = block.iter().position(is_key);
    let at = at.unwrap_or_else(|| panic!("no {key} in\n{}", block.join("\n")));
    let inside = block[at + 1..].iter();
    let inside = inside.take_while(|line| depth(line) > depth(&block[at]));
    inside.cloned().collect()
}

#[track_caller]
fn says(block: &[String], line: &str) {
    let said = block.iter().any(|found| found.trim() == line);
    assert!(said, "no `{line}` in\n{}", block.join("\n"));
}

#[test]
fn compose_has_a_redis_that_keeps_what_it_has() {
    let services = below(&lines("compose.yaml"), "services");
    let redis = below(&services, "redis");
    says(&redis, "image: redis:7.2-alpine");
    says(&redis, "ports: [\"127.0.0.1:6379:6379\"]");
    says(
        &redis,
        "command: [\"redis-server\", \"--appendonly\", \"yes\"]",
    );
    says(&redis, "volumes: [\"redis:/data\"]");
    let health = below(&redis, "healthcheck");
    says(
        &health,
        "test: [\"CMD-SHELL\", \"redis-cli ping | grep -q PONG\"]",
    );
    assert!(health.len() >= 4, "{health:?}");
    says(&below(&lines("compose.yaml"), "volumes"), "redis:");
}

#[test]
fn compose_has_two_demos_that_differ_in_their_port() {
    let services = below(&lines("compose.yaml"), "services");
    let one = below(&services, "demo-1");
    says(&one, "build: .");
    says(&one, "ports: [\"127.0.0.1:8080:8080\"]");
    says(&below(&one, "environment"), "REDIS_URL: redis://redis:6379");
    let other = below(&services, "demo-2");
    assert_eq!(other.len(), 2, "{other:?}");
    says(&services, "demo-1: &demo");
    says(&other, "<<: *demo");
    says(&other, "ports: [\"127.0.0.1:8081:8080\"]");
}

#[test]
fn the_image_has_the_demo_alone_and_no_root() {
    let file = lines("Dockerfile");
    let stages = file.iter().filter(|line| line.starts_with("FROM "));
    assert_eq!(stages.count(), 2);
    let last = file.iter().rposition(|line| line.starts_with("FROM "));
    let (build, image) = file.split_at(last.unwrap_or_default());

    let manifest = read("Cargo.toml");
    let (_, version) = manifest.split_once("rust-version = \"").unwrap_or_default();
    let (version, _) = version.split_once('"').unwrap_or_default();
    says(
        build,
        &format!("FROM rust:{version}-slim-bookworm AS build"),
    );
    let builds = "cargo build --locked --release --package demo-server";
    assert!(build.iter().any(|line| line.contains(builds)), "{build:?}");

    says(
        image,
        "COPY --from=build /demo-server /usr/local/bin/demo-server",
    );
    let copies = image
        .iter()
        .filter(|line| line.starts_with("COPY "))
        .count();
    assert_eq!(copies, 1, "{image:?}");
    says(image, "USER 10001:10001");
    says(image, "ENV LISTEN_ADDR=0.0.0.0:8080");
    says(image, "ENTRYPOINT [\"demo-server\"]");
    // a later line would be another user, or an argument with a secret
    for word in ["USER ", "ARG ", "ENV "] {
        let count = file.iter().filter(|line| line.starts_with(word)).count();
        assert!(count <= 1, "{count} lines with {word}");
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

#[test]
fn what_is_sent_to_the_build_is_a_workspace_and_little_else() {
    let file = lines(".dockerignore");
    assert_eq!(file.first().map(String::as_str), Some("*"));
    let folder = Folder::new();
    for line in &file[1..] {
        let Some(sent) = line.strip_prefix('!') else {
            panic!("found `{line}`; expected lines that start with `!`");
        };
        copy(&root().join(sent), &folder.path().join(sent));
    }
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&metadata.stderr);
    assert!(metadata.status.success(), "{said}");
    for name in [".git", "target", "bench", ".env", "tests/tests"] {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
}
