//! What `./tests/run` and `./tests/http-cache-tests` say when something is missing, and what the first makes of
//! what the tests say.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output};

use tests::Folder;
use tests::features::{Outcome, Said};

/// What the script needs of a system before it starts to test.
const TOOLS: [&str; 15] = [
    "awk", "bash", "cat", "cmp", "cp", "cut", "dirname", "env", "head", "mkdir", "mktemp", "rm",
    "sed", "sort", "tee",
];

/// A folder of programs in which Rust is new enough.
fn programs() -> Folder {
    let folder = Folder::new();
    for tool in TOOLS {
        let found = ["/bin", "/usr/bin"].map(|place| Path::new(place).join(tool));
        let found = found.iter().find(|file| file.exists()).unwrap();
        symlink(found, folder.path().join(tool)).unwrap();
    }
    says(&folder, "rustc", "rustc 9.9.9 (0 2026-01-01)");
    says(&folder, "cargo", "this would be a test");
    folder
}

/// Puts a program into `folder` that prints a line.
fn says(folder: &Folder, name: &str, line: &str) {
    does(folder, name, &format!("echo '{line}'"));
}

/// Puts a program into `folder`.
fn does(folder: &Folder, name: &str, script: &str) {
    let file = folder.path().join(name);
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn run(programs: &Folder) -> Output {
    script("run", programs)
}

fn script(name: &str, programs: &Folder) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut script = Command::new(script);
    script.env_clear().env("PATH", programs.path());
    script.output().unwrap()
}

#[track_caller]
fn stops_with(programs: &Folder, expected: &str) {
    stopped_with(run(programs), expected);
}

#[track_caller]
fn stopped_with(output: Output, expected: &str) {
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(!output.status.success());
    assert!(stderr.contains(expected), "{stderr}");
    assert!(!stdout.contains("this would be a test"), "{stdout}");
}

#[test]
fn without_a_redis_it_says_what_to_install() {
    // there is no `apt-get` among the programs
    let programs = programs();
    stops_with(&programs, "tests/run: redis-server was not found");
    stops_with(&programs, "sudo apt-get install redis-server");
}

#[test]
fn root_gets_a_redis_installed_where_there_is_apt() {
    let programs = programs();
    let here = programs.path().display();
    let apt = format!(
        r#"echo "$@" >>{here}/told
case $1 in
install)
    printf '#!/bin/sh\necho "Redis server v=6.0.16"\n' >{here}/redis-server
    /bin/chmod +x {here}/redis-server
    ;;
esac"#
    );
    does(&programs, "apt-get", &apt);
    says(&programs, "id", "1000");
    stops_with(&programs, "sudo apt-get install redis-server");
    says(&programs, "id", "0");
    // what was installed is looked at
    stops_with(&programs, "found redis-server 6.0.16");
    let told = fs::read_to_string(programs.path().join("told")).unwrap();
    assert_eq!(
        told,
        "update -q\ninstall -q -y --no-install-recommends redis-server\n"
    );
}

#[test]
fn a_redis_that_is_too_old_is_refused() {
    let programs = programs();
    let said = "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=0";
    says(&programs, "redis-server", said);
    stops_with(
        &programs,
        "found redis-server 6.0.16; the tests need 6.2 or newer",
    );
}

#[test]
fn a_rust_that_is_too_old_is_refused() {
    let programs = programs();
    says(&programs, "rustc", "rustc 1.80.0 (0 2024-01-01)");
    stops_with(&programs, "found Rust 1.80.0");
}

#[test]
fn without_node_it_says_what_to_install() {
    let programs = programs();
    says(&programs, "redis-server", "Redis server v=7.0.15");
    // neither of them, and then no npm
    for _ in 0..2 {
        stops_with(
            &programs,
            "tests/http-cache-tests: node or npm was not found",
        );
        stops_with(&programs, "sudo apt-get install nodejs npm");
        says(&programs, "node", "v20.0.0");
    }
}

#[test]
fn root_gets_node_installed_where_there_is_apt() {
    let programs = programs();
    let here = programs.path().display();
    let apt = format!(
        r#"echo "$@" >>{here}/told
case $1 in
install)
    printf '#!/bin/sh\necho v12.22.5\n' >{here}/node
    printf '#!/bin/sh\n' >{here}/npm
    /bin/chmod +x {here}/node {here}/npm
    ;;
esac"#
    );
    does(&programs, "apt-get", &apt);
    says(&programs, "id", "1000");
    let suite = || script("http-cache-tests", &programs);
    stopped_with(suite(), "sudo apt-get install nodejs npm");
    says(&programs, "id", "0");
    // what was installed is looked at
    stopped_with(suite(), "found Node 12; expected 18 or newer");
    let told = fs::read_to_string(programs.path().join("told")).unwrap();
    assert_eq!(
        told,
        "update -q\ninstall -q -y --no-install-recommends nodejs npm\n"
    );
}

#[test]
fn the_suite_is_brought_once_and_again_when_its_lock_file_changes() {
    let programs = tested("");
    let here = programs.path().display();
    does(
        &programs,
        "npm",
        &format!("pwd >>{here}/brought; echo \"$*\" >>{here}/brought"),
    );
    let prepare = || {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("http-cache-tests");
        let mut script = Command::new(script);
        script
            .arg("prepare")
            .env_clear()
            .env("PATH", programs.path());
        assert!(script.status().unwrap().success());
        fs::read_to_string(programs.path().join("brought")).unwrap()
    };
    let once = format!(
        "{here}/target/cache-suite\nci --ignore-scripts --no-audit --no-fund --loglevel=error\n"
    );
    assert_eq!(prepare(), once);
    assert_eq!(prepare(), once);
    let brought = programs.path().join("target/cache-suite/brought");
    fs::write(brought, "an older one").unwrap();
    assert_eq!(prepare(), once.repeat(2));
}

#[test]
fn the_suite_takes_no_other_word() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("http-cache-tests");
    let output = Command::new(script).arg("all").output().unwrap();
    stopped_with(output, "found `all`; expected nothing, or `prepare`");
}

#[test]
fn what_is_pinned_names_no_registry() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/cache-suite/package-lock.json");
    let lock = fs::read_to_string(lock).unwrap();
    assert!(lock.contains("\"version\": \"0.4.5\""));
    assert!(!lock.contains("\"resolved\": \"http"), "{lock}");
}

/// Programs of which `cargo` says that a test passed, and tells what `then` says where the page of features
/// is held against that.
fn tested(then: &str) -> Folder {
    let programs = programs();
    says(&programs, "redis-server", "Redis server v=7.0.15");
    says(&programs, "node", "v20.0.0");
    says(&programs, "npm", "");
    let here = programs.path().display();
    let cargo = format!(
        r#"case "$*" in
metadata*)
    echo '{{"target_directory":"{here}/target"}}'
    ;;
*"--test features -- --ignored")
    cat "$TESTS_SAID" >{here}/said
    {then}
    ;;
*)
    echo "     Running tests/a.rs (target/debug/deps/a-1)"
    echo "test with $4 ... ok"
    echo "test result: ok. 1 passed; 0 failed"
    ;;
esac"#
    );
    does(&programs, "cargo", &cargo);
    programs
}

#[test]
fn what_all_tests_said_is_held_against_the_page_of_features() {
    let programs = tested("echo 'test result: ok. 1 passed; 0 failed'");
    let output = run(&programs);
    assert!(output.status.success(), "{output:?}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.ends_with("\n4 passed, 0 failed\n"), "{stdout}");
    let said = Said::read(&fs::read_to_string(programs.path().join("said")).unwrap());
    for run in ["--workspace", "--package"] {
        let test = format!("a::with {run}");
        assert_eq!(said.of(&test), Some(Outcome::Passed), "{test}");
    }
}

#[test]
fn a_page_of_features_that_is_wrong_fails_the_run() {
    let programs = tested("echo 'test result: FAILED. 0 passed; 1 failed'; exit 1");
    stops_with(
        &programs,
        "cargo test --workspace --all-features --test features",
    );
}
