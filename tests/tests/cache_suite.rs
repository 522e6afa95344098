//! The public suite for HTTP caches against the example `caching_proxy`, and the judge of that run.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use tests::cache_suite::{Kind, List, Question, Verdicts, judge};
use tests::{Ended, Program, Serving};

/// The suite waits a few seconds in many of its questions, for what is stored to become stale.
const PATIENCE: Duration = Duration::from_secs(300);

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cache-suite");

/// `./tests/http-cache-tests` runs it, once it has brought the suite.
#[test]
#[ignore = "needs Node and the suite, which ./tests/http-cache-tests brings"]
fn the_caching_proxy_answers_the_public_suite_as_the_list_says() {
    let (suite, here) = (suite(), Path::new(HERE));
    let list = std::fs::read_to_string(here.join("list.toml")).unwrap();
    let list = List::read(&list).unwrap();
    let questions = node(&here.join("questions.mjs")).arg(&suite).run();
    let questions: Vec<Question> = serde_json::from_str(&said(questions)).unwrap();

    let origin = node(&suite.join("server/server.mjs"))
        .env("npm_config_protocol", "http")
        .env("npm_config_port", "0")
        .env("npm_config_pidfile", "pid")
        .serve_where(port_of_node);
    let proxy = proxy(&format!("http://127.0.0.1:{}", origin.address().port()));
    let asked = node(&suite.join("cli.mjs"))
        .env("npm_config_base", format!("http://{}", proxy.address()))
        // all questions
        .env("npm_config_id", "")
        .env("npm_package_config_id", "")
        .run_within(PATIENCE);
    let verdicts = Verdicts::read(&said(asked)).unwrap();

    let judgement = judge(&questions, &verdicts, &list);
    println!("{}", judgement.table);
    for kind in [Kind::Required, Kind::Optimal] {
        let (passed, all) = told(kind);
        let counted = format!("{kind:<8} {passed:>5} {all:>4} ", kind = kind.to_string());
        assert!(
            judgement.table.contains(&counted),
            "docs/http-caching.md says {counted}"
        );
    }
    let wrong = judgement.wrong.join("\n");
    assert!(
        wrong.is_empty(),
        "not as tests/cache-suite/list.toml says:\n{wrong}"
    );
}

/// What the page on HTTP caching says: how many of a kind passed, of how many.
fn told(kind: Kind) -> (usize, usize) {
    let page = Path::new(HERE).join("../../docs/http-caching.md");
    let page = std::fs::read_to_string(page).unwrap();
    let cells = |begins: &str| -> Vec<String> {
        let line = page.lines().find(|line| line.starts_with(begins)).unwrap();
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let number = |cell: &String| cell.parse::<usize>().unwrap();
    let own = cells(&format!("| {kind} |"));
    let told = (number(&own[1]), number(&own[2]));
    let ours = cells("| **tower-redis** |");
    let at = if kind == Kind::Required { 1 } else { 3 };
    assert_eq!((number(&ours[at]), number(&ours[at + 1])), told, "{kind}");
    told
}

#[test]
fn the_page_on_http_caching_says_what_the_list_says() {
    let list = std::fs::read_to_string(Path::new(HERE).join("list.toml")).unwrap();
    let list = List::read(&list).unwrap();
    for kind in [Kind::Required, Kind::Optimal] {
        let groups = list.listed.iter().chain(&list.not_yet);
        let groups = groups.filter(|group| group.kind == kind);
        let failed: usize = groups.map(|group| group.questions.len()).sum();
        let (passed, all) = told(kind);
        assert_eq!(passed + failed, all, "{kind}");
    }
}

/// Where `./tests/http-cache-tests` puts it: beside what is built.
fn suite() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let modules = test
        .ancestors()
        .nth(3)
        .unwrap()
        .join("cache-suite/node_modules");
    let suite = modules.join("http-cache-tests");
    assert!(
        suite.exists(),
        "{} is not there; run ./tests/http-cache-tests",
        suite.display()
    );
    suite
}

fn node(script: &Path) -> Program {
    #[expect(
        clippy::disallowed_methods,
        reason = "where Node is, is told by the process"
    )]
    let path = std::env::var_os("PATH").unwrap_or_default();
    let node = Program::new("node").env("PATH", path);
    node.arg("--no-warnings").arg(script)
}

/// The port in `Listening on http://[::]:8000/`, which is one of all addresses.
fn port_of_node(line: &str) -> Option<std::net::SocketAddr> {
    let rest = line.strip_prefix("Listening on http://")?;
    let (_, port) = rest.strip_suffix('/')?.rsplit_once(':')?;
    Some(([127, 0, 0, 1], port.parse().ok()?).into())
}

fn proxy(origin: &str) -> Serving {
    let build = "-p tower-redis --all-features --examples";
    let program = Program::built("examples/caching_proxy", build);
    let program = program.arg("--listen").arg("127.0.0.1:0");
    program.arg("--origin").arg(origin).serve()
}

#[track_caller]
fn said(ended: Ended) -> String {
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    ended.stdout
}

/// A small suite, what came of it, and its list.
const QUESTIONS: &str = r#"[
    {"id": "base", "section": "a", "kind": "check"},
    {"id": "must", "section": "a", "depends_on": ["base"]},
    {"id": "contested", "section": "a", "kind": "required"},
    {"id": "resting", "section": "a", "kind": "optimal", "depends_on": ["contested"]},
    {"id": "good", "section": "a", "kind": "optimal"},
    {"id": "elsewhere", "section": "b"}
]"#;
const RESULTS: &str = r#"{
    "base": true,
    "must": true,
    "contested": ["Assertion", "it was not cached"],
    "resting": true,
    "good": true,
    "elsewhere": ["Setup", "retry"]
}"#;
const LIST: &str = r#"
[most]
required = 1
optimal = 0

[[left-out]]
section = "b"
because = "it is of no RFC"

[[listed]]
kind = "required"
because = "the RFC says otherwise"
questions = ["contested"]

[[not-yet]]
kind = "optimal"
because = "there are no ranges"
questions = ["resting"]
"#;

/// What is wrong when `from` stands as `to` in one of the three.
fn wrong_with(from: &str, to: &str) -> Vec<String> {
    let texts = [QUESTIONS, RESULTS, LIST];
    let there = texts.iter().filter(|text| text.contains(from)).count();
    assert!(there == 1 || from.is_empty(), "{from} is in {there} texts");
    let [questions, results, list] = texts.map(|text| text.replacen(from, to, 1));
    let questions: Vec<Question> = serde_json::from_str(&questions).unwrap();
    let verdicts = Verdicts::read(&results).unwrap();
    judge(&questions, &verdicts, &List::read(&list).unwrap()).wrong
}

#[test]
fn a_run_that_is_as_the_list_says_is_right() {
    assert_eq!(wrong_with("", ""), [""; 0]);
    let questions: Vec<Question> = serde_json::from_str(QUESTIONS).unwrap();
    assert_eq!(questions[1].kind, Kind::Required);
    let verdicts = Verdicts::read(RESULTS).unwrap();
    let table = judge(&questions, &verdicts, &List::read(LIST).unwrap()).table;
    let expected = "kind      pass   of  listed  not yet\n\
                    required     1    2       1        0\n\
                    optimal      1    2       0        1\n\
                    check        1    1       0        0\n\
                    left out: b, 0 of 1\n\
                    yes  base\n";
    assert_eq!(table, expected);
}

#[test]
fn what_fails_and_is_not_listed_is_told_with_what_was_seen() {
    for (from, to, expected) in [
        (
            "\"must\": true",
            "\"must\": [\"Assertion\", \"no Age\"]",
            "must (required) is not listed, and fails: Assertion: no Age",
        ),
        (
            "\"good\": true",
            "\"good\": [\"Setup\", \"retry\"]",
            "good (optimal) is not listed, and fails: Setup: retry",
        ),
        (
            "\"base\": true",
            "\"base\": [\"TypeError\", \"x\"]",
            "must (required) is not listed, and fails: it rests on `base`, which does not pass",
        ),
        ("\"good\": true,", "", "good: it was not asked"),
        (
            "\"good\": true",
            "\"good\": true, \"new\": true",
            "new was asked, and is not among the questions",
        ),
    ] {
        assert_eq!(wrong_with(from, to), [expected]);
    }
}

#[test]
fn what_is_listed_and_passes_is_told() {
    let wrong = wrong_with("[\"Assertion\", \"it was not cached\"]", "true");
    let expected = ["contested (required)", "resting (optimal)"];
    let expected =
        expected.map(|what| format!("{what} is listed, and passes: take it off the list"));
    assert_eq!(wrong, expected);
}

#[test]
fn a_list_that_names_what_is_not_there_or_gives_no_reason_is_told() {
    for (from, to, expected) in [
        (
            "[\"resting\"]",
            "[\"resting\", \"gone\"]",
            "gone is listed, and the suite has no such question",
        ),
        (
            "[\"resting\"]",
            "[\"resting\", \"resting\"]",
            "resting is listed twice",
        ),
        (
            "[\"resting\"]",
            "[\"resting\", \"elsewhere\"]",
            "elsewhere is listed, and all of `b` is left out",
        ),
        (
            "kind = \"optimal\"",
            "kind = \"required\"",
            "resting is listed as required, and is optimal",
        ),
        (
            "there are no ranges",
            " ",
            "[\"resting\"] are listed without a reason",
        ),
        ("it is of no RFC", "", "`b` is left out without a reason"),
        (
            "required = 1",
            "required = 0",
            "1 required questions are listed for good, and 0 may be",
        ),
        (
            "[[left-out]]",
            "[[left-out]]\nsection = \"c\"\nbecause = \"x\"\n[[left-out]]",
            "`c` is left out, and the suite has no such part",
        ),
    ] {
        assert_eq!(wrong_with(from, to), [expected]);
    }
}

#[test]
fn a_list_with_a_check_is_told() {
    let wrong = wrong_with(
        "[[not-yet]]",
        "[[listed]]\nkind = \"check\"\nbecause = \"x\"\nquestions = [\"base\"]\n[[not-yet]]",
    );
    assert_eq!(wrong, ["base is listed, and a check cannot fail"]);
}
