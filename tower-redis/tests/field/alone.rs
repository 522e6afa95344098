//! A user of this library and of nothing else.

use std::fs;
use std::path::Path;
use std::process::Command;

use tests::Folder;

/// Elsewhere: it does not compile, since the macro names crates that the user does not have.
#[test]
fn x17_a_crate_that_depends_on_nothing_else_compiles_and_works() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = package.parent().unwrap();
    let folder = Folder::new();
    let here = folder.path();
    let manifest = format!(
        "[package]\n\
         name = \"alone\"\n\
         edition = \"2024\"\n\
         [[bin]]\n\
         name = \"alone\"\n\
         path = \"main.rs\"\n\
         [dependencies]\n\
         tower-redis = {{ path = {:?} }}\n\
         [profile.dev]\n\
         debug = \"line-tables-only\"\n\
         [workspace]\n",
        package
    );
    fs::write(here.join("Cargo.toml"), manifest).unwrap();
    let main = workspace.join("tests/fixtures/alone/main.rs");
    fs::copy(main, here.join("main.rs")).unwrap();
    // the versions that everything else is tested with
    fs::copy(workspace.join("Cargo.lock"), here.join("Cargo.lock")).unwrap();

    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    let ran = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--target-dir"])
        .arg(target)
        .current_dir(here)
        .output()
        .unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    assert!(ran.status.success(), "{stderr}");
    assert_eq!(stdout, "it works\n", "{stderr}");
}
