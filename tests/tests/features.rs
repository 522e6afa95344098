//! `docs/caching-features.md` and `docs/limits.md` say of every feature which test shows it, and those tests are there
//! and ran; nobody has to believe a page.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::fs;
use std::path::Path;

use tests::features::{PAGES, Page, Said, Shown, check};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(path).unwrap()
}

/// What is wrong with all pages, by what the tests said if that is known.
#[track_caller]
fn nothing_is_wrong(said: Option<&Said>) {
    for page in PAGES {
        let found = Page::read(&read(page.path));
        let wrong = check(&found, page.rows, page.most_left_out, said);
        assert!(wrong.is_empty(), "{}:\n{}", page.path, wrong.join("\n"));
    }
}

#[test]
fn every_feature_has_its_line() {
    nothing_is_wrong(None);
}

#[test]
fn a_trap_is_shown_by_tests_of_its_number() {
    let page = Page::read(&read("docs/limits.md"));
    let traps = page.lines.iter().filter(|line| line.section == "Traps");
    for trap in traps {
        let Shown::By(tests) = &trap.shown else {
            panic!("{trap:?}");
        };
        let name = format!("::trap_{}_", trap.feature);
        assert!(tests.iter().all(|test| test.contains(&name)), "{trap:?}");
    }
}

/// `./tests/run` runs it last, and gives it what all the others said.
#[test]
#[ignore = "needs what all tests said, which ./tests/run has"]
fn every_test_that_is_named_ran() {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is told by the script that starts it"
    )]
    let said = std::env::var("TESTS_SAID");
    let said = said.unwrap_or_else(|_| {
        panic!("TESTS_SAID is not set; expected a file with the output of `cargo test`. Run ./tests/run")
    });
    let said = Said::read(&fs::read_to_string(said).unwrap());
    nothing_is_wrong(Some(&said));
}

const EXPECTED: &[(&str, &[&str])] = &[
    ("Keys", &["automatic key", "misuse"]),
    ("Stores", &["disk", "examples"]),
];

/// What is wrong with a small page when `from` stands as `to` in it.
fn wrong_with(from: &str, to: &str) -> Vec<String> {
    let page = include_str!("../fixtures/features/page.md");
    assert!(page.contains(from), "{from}");
    let said = Said::read(include_str!("../fixtures/features/said.txt"));
    check(
        &Page::read(&page.replacen(from, to, 1)),
        EXPECTED,
        1,
        Some(&said),
    )
}

#[test]
fn a_page_on_which_all_is_right_is_right() {
    assert_eq!(wrong_with("", ""), [""; 0]);
}

#[test]
fn a_test_that_is_not_there_or_did_not_pass_is_told() {
    let named = "`cached::arguments::arguments_do_not_run_together`";
    for (instead, expected) in [
        (
            "`cached::arguments::arguments_run_together`",
            "no test `cached::arguments::arguments_run_together` ran",
        ),
        (
            "`cache::keys::arguments_do_not_run_together`",
            "no test `cache::keys::arguments_do_not_run_together` ran; there is \
             `cached::arguments::arguments_do_not_run_together`",
        ),
        (
            "`tower_redis::wire::figures::a_round_trip`",
            "`tower_redis::wire::figures::a_round_trip` is ignored",
        ),
        (
            "`tower_redis::store::names::keys_are_as_the_protocol_says`",
            "`tower_redis::store::names::keys_are_as_the_protocol_says` failed",
        ),
    ] {
        let expected = format!("line 7, automatic key: {expected}");
        assert_eq!(wrong_with(named, instead), [expected]);
    }
    // each test of a line counts
    let wrong = wrong_with("tests/ui/fail/key_empty.rs", "tests/ui/fail/key_full.rs");
    let expected = "line 8, misuse: no test `ui::tests/ui/fail/key_full.rs` ran";
    assert_eq!(wrong, [expected]);
}

#[test]
fn a_line_that_is_missing_double_unknown_or_out_of_place_is_told() {
    let disk = "| disk | | left out: a Redis is enough |\n";
    let gone = "there is no line `disk` under \"Stores\"";
    assert_eq!(wrong_with(disk, ""), [gone]);
    let twice = wrong_with(disk, &disk.repeat(2));
    assert_eq!(
        twice,
        [
            "there are 2 lines `disk` under \"Stores\"",
            "2 lines are left out, and 1 may be"
        ]
    );
    assert_eq!(
        wrong_with("| disk |", "| tape |"),
        [gone, "line 14, tape: no line of this name is expected here"]
    );
    let examples =
        "| examples | they run | `doc-tests tower_redis::tower-redis/src/cache/mod.rs - cache` |\n";
    assert_eq!(
        wrong_with(&format!("{disk}{examples}"), &format!("{examples}{disk}")),
        ["line 14, examples: expected `disk` here"]
    );
    let elsewhere = wrong_with("## Stores", "## Shops");
    assert_eq!(elsewhere.len(), 4, "{elsewhere:?}");
}

#[test]
fn a_line_that_says_nothing_is_told() {
    let wrong = wrong_with("left out: a Redis is enough", "left out:");
    assert_eq!(wrong, ["line 14, disk: it is left out without a reason"]);
    for nothing in [
        "",
        "some day",
        "cached::flight::name",
        "see `cached::flight::name`",
    ] {
        let wrong = wrong_with("left out: a Redis is enough", nothing);
        let expected = format!("line 14, disk: the last cell is \"{nothing}\"; expected tests");
        assert!(
            wrong.len() == 1 && wrong[0].starts_with(&expected),
            "{wrong:?}"
        );
    }
}

#[test]
fn more_than_may_be_left_out_are_told() {
    let named = "`cached::arguments::arguments_do_not_run_together`";
    let wrong = wrong_with(named, "left out: no time");
    assert_eq!(wrong, ["2 lines are left out, and 1 may be"]);
}

#[test]
fn an_output_that_tells_of_no_test_is_told() {
    let page = Page { lines: Vec::new() };
    let wrong = check(&page, &[], 0, Some(&Said::read("Compiling\n")));
    assert_eq!(
        wrong,
        ["no test is told of: is this an output of `cargo test`?"]
    );
}
