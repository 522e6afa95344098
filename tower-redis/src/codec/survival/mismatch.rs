//! That a value does not come back, and where it differs.

use std::any::type_name;
use std::error::Error as StdError;
use std::fmt;

use crate::codec::format::Format;

use super::path::Path;

/// A value does not come back from Redis as it was; no part of the value is in the text.
#[derive(Debug, Clone)]
pub struct Mismatch {
    format: Format,
    type_name: &'static str,
    loss: Loss,
    path: String,
}

/// What is wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Loss {
    /// It was not tried.
    Off(&'static str),
    Unwritable,
    Unreadable,
    Different,
}

impl Mismatch {
    pub(super) fn of<V>(format: Format, loss: Loss, path: &Path) -> Self {
        Self {
            format,
            type_name: type_name::<V>(),
            loss,
            path: path.to_string(),
        }
    }

    /// The form that it does not come back from.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Where it differs, as `quotes[1].price`; empty when that is the whole, or cannot be told. Items of maps
    /// whose key does not look like the name of a field are `[entry]`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            format,
            type_name,
            loss,
            path,
        } = self;
        let place = match path.as_str() {
            "" => "the value itself",
            path => &format!("`{path}`"),
        };
        write!(
            f,
            "a value of type `{type_name}` does not survive {format}: "
        )?;
        match loss {
            Loss::Off(feature) => write!(
                f,
                "the feature `{feature}` of tower-redis is off; turn it on to find out"
            ),
            Loss::Unwritable => write!(
                f,
                "it cannot be written; expected one whose `Serialize` succeeds, and in JSON maps whose keys are text \
                 or numbers"
            ),
            Loss::Unreadable => write!(
                f,
                "what was written at {place} is not read; in JSON a NaN is written as `null`, and what \
                 `skip_serializing_if` leaves out needs `#[serde(default)]`"
            ),
            Loss::Different => write!(
                f,
                "{place} comes back as another value; a field with `#[serde(skip)]` comes back as its \
                 default, `Some(None)` as `None`, and an untagged enum as its first variant that fits"
            ),
        }
    }
}

impl StdError for Mismatch {}
