//! The corpora of the fuzz targets, replayed: whatever has been found once holds from then on. See "Fuzzing" in
//! `CONTRIBUTING.md`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use tower_redis::fuzz::{
    cache_control, cdn_cache_control, http_date, ranges, stored_response, vary,
};
use tower_redis::testing::HttpCacheFault;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 6] = [
    ("cache_control", cache_control),
    ("cdn_cache_control", cdn_cache_control),
    ("http_date", http_date),
    ("ranges", ranges),
    ("stored_response", stored_response),
    ("vary", vary),
];

fn fuzz() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().join("fuzz")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = found.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The inputs of a target, each with its name.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let files = files(&fuzz().join("corpus").join(target));
    let named = |file: PathBuf| (file.display().to_string(), fs::read(&file).unwrap());
    files.into_iter().map(named).collect()
}

/// The inputs of which the target says that something does not hold.
fn failing(name: &str, target: Target) -> Vec<String> {
    let fails =
        |(file, data): (String, Vec<u8>)| catch_unwind(|| target(&data)).err().map(|_| file);
    corpus(name).into_iter().filter_map(fails).collect()
}

#[test]
fn what_was_found_once_holds() {
    for (name, target) in TARGETS {
        assert!(
            corpus(name).len() >= 20,
            "{name}: a corpus that says little"
        );
        assert_eq!(failing(name, target), [""; 0], "{name}");
    }
}

#[test]
fn a_fault_is_found() {
    for (fault, name) in [
        (HttpCacheFault::VaryIsOneLine, "vary"),
        (HttpCacheFault::UnreadableTargetsCount, "cdn_cache_control"),
    ] {
        let (_, target) = TARGETS
            .into_iter()
            .find(|(known, _)| *known == name)
            .unwrap();
        let _committed = fault.commit();
        assert_ne!(failing(name, target), [""; 0], "{fault:?}");
    }
}

#[test]
fn every_target_is_replayed() {
    let targets = files(&fuzz().join("fuzz_targets"));
    let stem = |file: &PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
    let replayed: Vec<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets.iter().map(stem).collect::<Vec<_>>(), replayed);
    assert_eq!(
        files(&fuzz().join("corpus"))
            .iter()
            .map(stem)
            .collect::<Vec<_>>(),
        replayed
    );
}
