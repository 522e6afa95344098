//! The page against the tests.

use super::page::{Line, Page, Shown};
use super::said::{Outcome, Said};

/// What is wrong with `page`, one sentence each: it has the lines `rows` in this order, under these headings,
/// leaves out at most `most_left_out` of them, and every test that it names passed. Without `said` the tests
/// are not looked at.
#[must_use]
pub fn check(
    page: &Page,
    rows: &[(&str, &[&str])],
    most_left_out: usize,
    said: Option<&Said>,
) -> Vec<String> {
    let mut wrong = order(page, rows);
    let mut left_out = 0;
    for line in &page.lines {
        match &line.shown {
            Shown::By(tests) => {
                if let Some(said) = said {
                    let missing = tests.iter().filter_map(|test| missing(test, said));
                    wrong.extend(missing.map(|what| about(line, &what)));
                }
            }
            Shown::LeftOut(reason) => {
                left_out += 1;
                if reason.is_empty() {
                    wrong.push(about(line, "it is left out without a reason"));
                }
            }
            Shown::Unsaid(cell) => wrong.push(about(
                line,
                &format!(
                    "the last cell is \"{cell}\"; expected tests, as in `cached::flight::name`, or \"left \
                     out: \" and why"
                ),
            )),
        }
    }
    if left_out > most_left_out {
        wrong.push(format!(
            "{left_out} lines are left out, and {most_left_out} may be"
        ));
    }
    if said.is_some_and(Said::is_empty) {
        wrong.push("no test is told of: is this an output of `cargo test`?".to_owned());
    }
    wrong
}

/// Where the lines of the page are not those of `rows`.
fn order(page: &Page, rows: &[(&str, &[&str])]) -> Vec<String> {
    let rows = rows
        .iter()
        .flat_map(|(section, features)| features.iter().map(move |feature| (*section, *feature)));
    let expected: Vec<_> = rows.collect();
    let of = |line: &Line| (line.section.clone(), line.feature.clone());
    let found: Vec<_> = page.lines.iter().map(of).collect();
    let mut wrong = Vec::new();
    for (section, feature) in &expected {
        let count = found.iter().filter(|(s, f)| s == section && f == feature);
        match count.count() {
            0 => wrong.push(format!("there is no line `{feature}` under \"{section}\"")),
            1 => {}
            count => wrong.push(format!(
                "there are {count} lines `{feature}` under \"{section}\""
            )),
        }
    }
    for line in &page.lines {
        let known = (&*line.section, &*line.feature);
        if !expected.contains(&known) {
            wrong.push(about(line, "no line of this name is expected here"));
        }
    }
    if wrong.is_empty() {
        let mut both = page.lines.iter().zip(&expected);
        let other = both.find(|(line, (s, f))| (&*line.section, &*line.feature) != (*s, *f));
        let what = |(line, (_, feature)): (&Line, &(&str, &str))| {
            about(line, &format!("expected `{feature}` here"))
        };
        wrong.extend(other.map(what));
    }
    wrong
}

/// What is wrong with a test that is named.
fn missing(test: &str, said: &Said) -> Option<String> {
    match said.of(test) {
        Some(Outcome::Passed) => None,
        Some(Outcome::Failed) => Some(format!("`{test}` failed")),
        Some(Outcome::Ignored) => Some(format!("`{test}` is ignored")),
        None => {
            let like = said.like(test);
            let like = like.map_or(String::new(), |like| format!("; there is `{like}`"));
            Some(format!("no test `{test}` ran{like}"))
        }
    }
}

fn about(line: &Line, what: &str) -> String {
    format!("line {}, {}: {what}", line.number, line.feature)
}
