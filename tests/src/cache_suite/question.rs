//! What the suite asks.

use std::fmt;

use serde::Deserialize;

/// One question of the suite.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Question {
    /// Its name.
    pub id: String,
    /// The name of the part of the suite it belongs to.
    pub section: String,
    /// What it means when it fails; required where nothing is said.
    #[serde(default)]
    pub kind: Kind,
    /// Those without which it says nothing.
    #[serde(default)]
    pub depends_on: Vec<String>,
}

/// What it means when a question fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A cache must do it.
    #[default]
    Required,
    /// A good cache does it.
    Optimal,
    /// Nothing: it is good to know.
    Check,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Optimal => "optimal",
            Self::Check => "check",
        })
    }
}
