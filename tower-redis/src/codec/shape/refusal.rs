//! Why an answer was not accepted, which tells what would have been.

use std::fmt;

use serde::de;

use super::recorder::with;

/// An error of `serde`; what it says has been noted.
#[derive(Debug)]
pub(super) struct Refusal;

/// What a place answers.
pub(super) type Answered<T> = Result<T, Refusal>;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shape of a type is being recorded: there is no value")
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    // free text may have the answer in it, or anything else that differs between runs
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        with(|recorder| recorder.note(format!("expects {expected}")));
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        with(|recorder| recorder.note(format!("expects {expected}")));
        Self
    }

    fn invalid_length(_: usize, expected: &dyn de::Expected) -> Self {
        with(|recorder| recorder.note(format!("expects {expected}")));
        Self
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        with(|recorder| recorder.words(expected));
        Self
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        with(|recorder| recorder.note(format!("fields {expected:?}")));
        Self
    }

    fn missing_field(field: &'static str) -> Self {
        with(|recorder| recorder.name(field));
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}
