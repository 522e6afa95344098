//! The README says what is so: its code is that of the examples, and the examples run.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An example without the lines that only concern the repository.
fn code(example: &str) -> String {
    let source = read(&format!("tower-redis/examples/{example}.rs"));
    let (_, code) = source.split_once("\n\n").unwrap();
    code.trim_end().to_owned()
}

#[test]
fn its_code_is_that_of_the_examples() {
    let readme = read("README.md");
    let blocks: Vec<&str> = readme
        .split("\n```")
        .filter_map(|block| block.strip_prefix("rust"))
        .filter_map(|block| Some(block.split_once('\n')?.1))
        .collect();
    let examples = [
        "cached_function",
        "invalidates",
        "rate_limited",
        "axum",
        "library",
    ];
    assert_eq!(blocks.len(), examples.len());
    for (block, example) in blocks.iter().zip(examples) {
        assert_eq!(block.trim_end(), code(example), "{example}");
    }
}

#[test]
fn it_lists_the_settings_and_features_there_are() {
    let readme = read("README.md");
    let settings = read("tower-redis/src/config/mod.rs");
    let variables: Vec<&str> = settings
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `")?.split('`').next())
        .collect();
    assert!(variables.len() >= 2, "{variables:?}");
    for variable in variables {
        assert!(readme.contains(&format!("`{variable}`")), "{variable}");
    }
    let manifest = read("tower-redis/Cargo.toml");
    let (_, features) = manifest.split_once("[features]").unwrap();
    let (features, _) = features.split_once("\n[").unwrap();
    let documented = features.lines().zip(features.lines().skip(1));
    let documented: Vec<&str> = documented
        .filter(|(above, _)| above.starts_with("## "))
        .filter_map(|(_, line)| line.split(' ').next())
        .collect();
    assert!(documented.len() >= 5, "{documented:?}");
    for feature in documented {
        assert!(readme.contains(&format!("| `{feature}` |")), "{feature}");
    }
}

#[test]
fn its_rust_version_and_its_files_are_right() {
    let readme = read("README.md");
    let manifest = read("Cargo.toml");
    let (_, version) = manifest.split_once("rust-version = \"").unwrap();
    let (version, _) = version.split_once('"').unwrap();
    assert!(
        readme.contains(&format!("Rust {version} or newer")),
        "{version}"
    );
    let mut links = 0;
    for link in readme.split("](").skip(1) {
        let (link, _) = link.split_once(')').unwrap();
        if !link.starts_with("http") {
            assert!(root().join(link).exists(), "{link}");
            links += 1;
        }
    }
    assert!(links >= 5, "{links}");
}
