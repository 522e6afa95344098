//! What tests said.

use std::collections::BTreeMap;

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It was not run.
    Ignored,
    /// It passed.
    Passed,
    /// It did not pass.
    Failed,
}

/// Every test that an output of `cargo test` tells of, as `target::path::name`. The target is called as its
/// file is: `cached`, `tower_redis` for the tests inside of the library, `doc-tests tower_redis` for those of
/// its documentation. The cases of `trybuild` are called by their files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said(BTreeMap<String, Outcome>);

impl Said {
    /// What `output` tells. Of a test that is told of several times the worst counts, and that it ran counts
    /// more than that it did not.
    #[must_use]
    pub fn read(output: &str) -> Self {
        let mut said = Self::default();
        let mut target = None;
        // one whose end is told on a line of its own, because something else was said before it
        let mut open: Option<String> = None;
        for line in output.lines() {
            let line = without_colours(line);
            if let Some(begun) = target_of(&line) {
                target = Some(begun);
                open = None;
            }
            let Some(target) = &target else { continue };
            if let Some((name, end)) = test(&line) {
                let test = format!("{target}::{name}");
                open = match outcome(end) {
                    Some(outcome) => {
                        said.add(test, outcome);
                        None
                    }
                    None => Some(test),
                };
            } else if let Some(outcome) = outcome(&line)
                && let Some(test) = open.take()
            {
                said.add(test, outcome);
            }
        }
        said
    }

    fn add(&mut self, test: String, outcome: Outcome) {
        let known = self.0.entry(test).or_insert(outcome);
        *known = outcome.max(*known);
    }

    /// How a test ended; `None` when nothing is told of it.
    #[must_use]
    pub fn of(&self, test: &str) -> Option<Outcome> {
        self.0.get(test).copied()
    }

    /// Whether nothing is told of any.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Another that ends with the same name: one that was moved.
    #[must_use]
    pub fn like(&self, test: &str) -> Option<&str> {
        let last = |test: &str| test.rsplit("::").next().map(str::to_owned);
        let mut all = self.0.keys();
        all.find(|known| last(known) == last(test))
            .map(String::as_str)
    }
}

/// The target that a line says is run from now on.
fn target_of(line: &str) -> Option<String> {
    let line = line.trim_start();
    if let Some(library) = line.strip_prefix("Doc-tests ") {
        return Some(format!("doc-tests {}", library.trim()));
    }
    let (_, file) = line.strip_prefix("Running ")?.rsplit_once('(')?;
    let file = file.trim_end().strip_suffix(')')?;
    let name = file.rsplit(['/', '\\']).next()?;
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let (target, _hash) = name.rsplit_once('-')?;
    Some(target.to_owned())
}

/// The name of the test that a line is about, and what follows.
fn test(line: &str) -> Option<(&str, &str)> {
    let (name, end) = line.strip_prefix("test ")?.split_once(" ... ")?;
    // `a (line 7) - compile fail`, `b - should panic`, `c.rs [should pass]`: more than its name
    let name = name.split(" [should ").next().unwrap_or(name);
    let name = name.split(" (line ").next().unwrap_or(name);
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    Some((name, end))
}

/// The outcome at the end of a line.
fn outcome(line: &str) -> Option<Outcome> {
    let last = line.split([' ', ',']).next_back()?;
    if line.starts_with("ignored") || last == "ignored" {
        Some(Outcome::Ignored)
    } else if last == "ok" {
        Some(Outcome::Passed)
    } else {
        let failed = ["FAILED", "error", "mismatch", "wip"];
        failed.contains(&last).then_some(Outcome::Failed)
    }
}

/// Some say in colours what happened, even to a file.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (_, rest) = part.split_once('m').unwrap_or(("", part));
        text + rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(output: &str) -> Vec<(String, Outcome)> {
        Said::read(output).0.into_iter().collect()
    }

    fn expected(tests: &[(&str, Outcome)]) -> Vec<(String, Outcome)> {
        let owned = tests
            .iter()
            .map(|(test, outcome)| ((*test).to_owned(), *outcome));
        owned.collect()
    }

    #[test]
    fn a_test_belongs_to_the_target_that_runs() {
        let output = "test before::any ... ok\n     Running unittests src/lib.rs (target/debug/deps/tower_redis-0123456789abcdef)\n\n\
             running 2 tests\ntest clock::a ... ok\ntest key::b - should panic ... ok\ntest key::c ... FAILED\n\n\
             test result: FAILED. 2 passed; 1 failed\n\n     Running tests/cache/main.rs (/else/where/cache-12ab)\n\n\
             test clock::a ... ignored, a figure\ntest clock::d ... ignored\n   Doc-tests tower_redis\n\
             test tower-redis/src/cache/mod.rs - cache (line 4) ... ok\n\
             test tower-redis/src/cache/mod.rs - cache::x (line 9) - compile fail ... ok\n";
        assert_eq!(
            said(output),
            expected(&[
                ("cache::clock::a", Outcome::Ignored),
                ("cache::clock::d", Outcome::Ignored),
                (
                    "doc-tests tower_redis::tower-redis/src/cache/mod.rs - cache",
                    Outcome::Passed
                ),
                (
                    "doc-tests tower_redis::tower-redis/src/cache/mod.rs - cache::x",
                    Outcome::Passed
                ),
                ("tower_redis::clock::a", Outcome::Passed),
                ("tower_redis::key::b", Outcome::Passed),
                ("tower_redis::key::c", Outcome::Failed),
            ])
        );
    }

    #[test]
    fn cases_of_trybuild_are_tests() {
        let output = "     Running tests/ui.rs (target/debug/deps/ui-1)\n\
             \u{1b}[0mtest \u{1b}[0m\u{1b}[1mtests/ui/fail/a.rs\u{1b}[0m [should fail to compile] ... \u{1b}[0m\u{1b}[32mok\n\
             \u{1b}[0mtest \u{1b}[0m\u{1b}[1mtests/ui/fail/b.rs\u{1b}[0m [should fail to compile] ... \u{1b}[0m\u{1b}[31;1mmismatch\n\
             \u{1b}[0m\n\ntest ui ... ok\n";
        assert_eq!(
            said(output),
            expected(&[
                ("ui::tests/ui/fail/a.rs", Outcome::Passed),
                ("ui::tests/ui/fail/b.rs", Outcome::Failed),
                ("ui::ui", Outcome::Passed),
            ])
        );
    }

    /// With one thread a test is named before it runs.
    #[test]
    fn the_end_of_a_test_may_be_told_later() {
        let output = "Running tests/a.rs (a-1)\ntest one ... it says\nsomething\nok\ntest two ... \nnoise\n\
             test three ... ok\nok\n";
        let both = [("a::one", Outcome::Passed), ("a::three", Outcome::Passed)];
        assert_eq!(said(output), expected(&both));
    }

    #[test]
    fn of_several_runs_the_worst_counts() {
        let run = |end: &str| format!("Running tests/a.rs (a-1)\ntest one ... {end}\n");
        for (ends, outcome) in [
            (["ok", "FAILED"], Outcome::Failed),
            (["FAILED", "ok"], Outcome::Failed),
            (["ignored", "ok"], Outcome::Passed),
            (["ok", "ignored"], Outcome::Passed),
        ] {
            let output: String = ends.map(run).concat();
            assert_eq!(said(&output), expected(&[("a::one", outcome)]));
        }
    }

    #[test]
    fn one_that_was_moved_is_found() {
        let said = Said::read("Running tests/a.rs (a-1)\ntest b::one ... ok\n");
        assert_eq!(said.like("c::d::one"), Some("a::b::one"));
        assert_eq!(said.like("a::b::two"), None);
        assert!(!said.is_empty() && Said::read("").is_empty());
    }
}
