//! Reads variable by variable and keeps what was wrong, so that all of it is reported together.

use crate::error::Error;

use super::source::Source;

/// How much of a value a message shows.
const SHOWN: usize = 60;

pub(super) struct Reader<'a> {
    source: &'a dyn Source,
    mistakes: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a dyn Source) -> Self {
        Self {
            source,
            mistakes: Vec::new(),
        }
    }

    /// The value of `variable`; `None` when it is not set, or set to what `parse` refuses.
    pub(super) fn read<T>(
        &mut self,
        variable: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let found = self.source.get(variable)?;
        let text = found.to_string_lossy();
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        // what is not UTF-8 has become U+FFFD, which no setting contains
        let value = parse(text);
        if value.is_none() {
            let found = shown(text);
            self.complain(variable, &format!("found {found}; expected {expected}"));
        }
        value
    }

    /// True when `variable` has a value. For secrets: the value itself is not looked at.
    pub(super) fn is_set(&self, variable: &str) -> bool {
        let found = self.source.get(variable);
        found.is_some_and(|found| !found.to_string_lossy().trim().is_empty())
    }

    pub(super) fn complain(&mut self, variable: &str, what: &str) {
        self.mistakes.push(format!("{variable}: {what}"));
    }

    /// `value`, unless something was wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Error> {
        match &self.mistakes[..] {
            [] => Ok(value),
            [mistake] => Err(Error::config(format!(
                "a setting cannot be used: {mistake}"
            ))),
            mistakes => Err(Error::config(format!(
                "{} settings cannot be used:\n  {}",
                mistakes.len(),
                mistakes.join("\n  ")
            ))),
        }
    }
}

/// A value in a message. What may be a URL, or a part of one, may have a password in it.
fn shown(text: &str) -> String {
    if text.contains("://") || text.contains('@') {
        return "what may be a URL and is not shown".to_owned();
    }
    let start = text.chars().take(SHOWN).flat_map(char::escape_debug);
    let rest = match text.chars().nth(SHOWN) {
        Some(_) => "...",
        None => "",
    };
    format!("`{}{rest}`", start.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source::Variables;

    #[test]
    fn a_long_or_odd_value_is_shown_on_one_line() {
        assert_eq!(shown("a\nb"), "`a\\nb`");
        let long = "x".repeat(SHOWN + 1);
        assert_eq!(shown(&long), format!("`{}...`", "x".repeat(SHOWN)));
        assert_eq!(shown(&long[1..]), format!("`{}`", "x".repeat(SHOWN)));
    }

    #[test]
    fn what_may_have_a_password_in_it_is_not_shown() {
        for text in ["redis://joe:hunter2@host", "hunter2://", "joe:hunter2@host"] {
            assert_eq!(shown(text), "what may be a URL and is not shown");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_text_is_a_mistake_and_not_a_panic() {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt;

        let variables = Variables::from([("FLAG", OsString::from_vec(vec![b'1', 0xFF]))]);
        let mut reader = Reader::new(&variables);
        assert_eq!(
            reader.read("FLAG", "a flag", super::super::parse::flag),
            None
        );
        let error = reader.finish(()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a setting cannot be used: FLAG: found `1\u{FFFD}`; expected a flag"
        );
    }
}
