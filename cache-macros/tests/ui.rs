//! What the macros say about what they do not accept.
//!
//! One idea a file. After a change of a message, `TRYBUILD=overwrite cargo test -p cache-macros --test ui`
//! writes the new ones; read the difference before keeping it.

use std::fs;
use std::path::Path;

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    let (folder, least) = ("tests/ui/fail", 180);
    let found = count(folder);
    assert!(
        found >= least,
        "{folder} holds {found} cases, expected at least {least}"
    );
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}

fn count(folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let is_case = |path: &Path| path.extension().is_some_and(|extension| extension == "rs");
    // a folder that cannot be read holds no cases
    let files = fs::read_dir(&folder).into_iter().flatten();
    files
        .filter_map(Result::ok)
        .filter(|file| is_case(&file.path()))
        .count()
}
