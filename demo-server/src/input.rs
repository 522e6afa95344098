//! What a request brought by name, read field by field: every mistake is told at once, and what
//! nobody asked for is one.

use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::problem::{Mistake, Problem};

/// How much of a value a message shows.
const SHOWN: usize = 60;

#[derive(Debug, Default)]
pub(crate) struct Input {
    fields: Map<String, Value>,
    asked: Vec<&'static str>,
    mistakes: Vec<Mistake>,
}

impl Input {
    pub(crate) fn new(fields: Map<String, Value>) -> Self {
        Self {
            fields,
            ..Self::default()
        }
    }

    /// The value of `field`; `None` when there is none, when it is null, and when `parse` refuses it.
    pub(crate) fn optional<T>(
        &mut self,
        field: &'static str,
        expected: &str,
        parse: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        self.asked.push(field);
        match self.fields.remove(field) {
            None | Some(Value::Null) => None,
            Some(value) => self.parsed(field, expected, &value, parse),
        }
    }

    /// The value of `field`, which may be null; `None` after a mistake.
    pub(crate) fn required<T>(
        &mut self,
        field: &'static str,
        expected: &str,
        parse: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        self.asked.push(field);
        match self.fields.remove(field) {
            None => {
                self.mistaken(field, format!("missing; expected {expected}"));
                None
            }
            Some(value) => self.parsed(field, expected, &value, parse),
        }
    }

    pub(crate) fn mistaken(&mut self, field: &str, detail: String) {
        let field = field.to_owned();
        self.mistakes.push(Mistake { field, detail });
    }

    /// To be asked when every field was: what was wrong, if anything.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        let asked: Vec<String> = self.asked.iter().map(|name| format!("`{name}`")).collect();
        for field in std::mem::take(&mut self.fields).keys() {
            let expected = if asked.is_empty() {
                "none".to_owned()
            } else {
                asked.join(" or ")
            };
            self.mistaken(field, format!("unknown; expected {expected}"));
        }
        if self.mistakes.is_empty() {
            Ok(())
        } else {
            Err(Problem::of(StatusCode::BAD_REQUEST, self.mistakes))
        }
    }

    fn parsed<T>(
        &mut self,
        field: &str,
        expected: &str,
        value: &Value,
        parse: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(value);
        if parsed.is_none() {
            let found = shown(value);
            self.mistaken(field, format!("found `{found}`; expected {expected}"));
        }
        parsed
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}
