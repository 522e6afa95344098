//! What came of a question.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::question::Question;

/// What the suite noted of a question: that it passed, or the name of what failed and what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Note {
    Passed(bool),
    Failed(String, String),
}

/// What came of a question, once those that it rests on are taken into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Passed,
    /// No, or it could not be asked; with what was seen.
    Failed(String),
    /// One that it rests on did not pass.
    Rests(String),
    /// The run says nothing of it.
    Unasked,
}

/// What the suite printed.
#[derive(Debug, Clone)]
pub struct Verdicts(BTreeMap<String, Note>);

impl Verdicts {
    /// Reads what `cli.mjs` printed.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(Self)
    }

    /// What came of `question`, which is one of `all`.
    #[must_use]
    pub fn of(&self, question: &Question, all: &[Question]) -> Verdict {
        let Some(note) = self.0.get(&question.id) else {
            return Verdict::Unasked;
        };
        let passes = |id: &String| {
            let found = all.iter().find(|other| other.id == *id);
            found.is_some_and(|other| self.of(other, all) == Verdict::Passed)
        };
        if let Some(missing) = question.depends_on.iter().find(|id| !passes(id)) {
            return Verdict::Rests(missing.clone());
        }
        match note {
            Note::Passed(true) => Verdict::Passed,
            Note::Passed(false) => Verdict::Failed("it failed".to_owned()),
            Note::Failed(what, seen) => Verdict::Failed(format!("{what}: {seen}")),
        }
    }

    /// The questions that the run tells of.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("it passes"),
            Self::Failed(what) => f.write_str(what),
            Self::Rests(other) => write!(f, "it rests on `{other}`, which does not pass"),
            Self::Unasked => f.write_str("it was not asked"),
        }
    }
}
