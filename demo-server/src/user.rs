//! Who a request is about.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_redis::key::{CacheKey, KeyWriter};

/// What a user's id has to be.
pub(crate) const EXPECTED: &str = "a whole number, or a text of 1 to 64 characters";

/// A user's id: a number, or a text. A text that reads as a number is that number, since a query has
/// only texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum UserId {
    Number(u64),
    Text(String),
}

impl UserId {
    pub(crate) fn parse(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_u64().map(Self::Number),
            Value::String(text) => Self::from_text(text),
            _ => None,
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.parse::<u64>() {
            // `007` and `+7` are texts of their own
            Ok(number) if number.to_string() == text => Some(Self::Number(number)),
            // as in a body, where it would be a number
            _ if serde_json::from_str::<serde_json::Number>(text).is_ok() => None,
            _ if (1..=64).contains(&text.chars().count()) => Some(Self::Text(text.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl CacheKey for UserId {
    fn write(&self, key: &mut KeyWriter) {
        key.display(self);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        assert_eq!(UserId::parse(&json!(42)), Some(UserId::Number(42)));
        assert_eq!(UserId::parse(&json!("42")), Some(UserId::Number(42)));
        assert_eq!(
            UserId::parse(&json!("042")),
            Some(UserId::Text("042".into()))
        );
        assert_eq!(
            UserId::parse(&json!("ada")),
            Some(UserId::Text("ada".into()))
        );
    }

    #[test]
    fn what_is_neither_is_refused() {
        for value in [json!(-1), json!(1.5), json!(""), json!([1]), json!(true)] {
            assert_eq!(UserId::parse(&value), None, "{value}");
        }
        for text in ["-1", "1.5", "1e3", "18446744073709551616"] {
            assert_eq!(UserId::parse(&json!(text)), None, "{text}");
        }
        assert!(UserId::parse(&json!("ä".repeat(64))).is_some());
        assert!(UserId::parse(&json!("ä".repeat(65))).is_none());
    }
}
