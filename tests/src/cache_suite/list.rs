//! What is known to fail.

use serde::Deserialize;

use super::question::Kind;

/// What is known to fail, and why.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct List {
    /// How many may be listed for good.
    pub most: Most,
    /// Parts of the suite that are asked, and do not count.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
    /// What fails for good, with the sentence of an RFC, or the fault of the question.
    #[serde(default)]
    pub listed: Vec<Group>,
    /// What is still to be done; empty when the work is.
    #[serde(default)]
    pub not_yet: Vec<Group>,
}

/// How many questions may be listed for good.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Most {
    /// Of the required ones.
    pub required: usize,
    /// Of the optimal ones.
    pub optimal: usize,
}

/// A part of the suite that does not count.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Its name.
    pub section: String,
    /// Why.
    pub because: String,
}

/// Questions that fail for one reason.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The kind of all of them.
    pub kind: Kind,
    /// Why they fail.
    pub because: String,
    /// Their names.
    pub questions: Vec<String>,
}

impl List {
    /// Reads a list.
    ///
    /// # Errors
    /// When it is no TOML, or says something else.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
