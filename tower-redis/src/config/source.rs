//! Where settings come from. The only place that reads the environment of the process.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// A table of variables to read settings from.
pub trait Source {
    /// The value of `variable`; `None` when it is not set.
    fn get(&self, variable: &str) -> Option<OsString>;
}

impl<S: Source + ?Sized> Source for &S {
    fn get(&self, variable: &str) -> Option<OsString> {
        (**self).get(variable)
    }
}

/// The environment of this process, as it is when a variable is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Process;

impl Source for Process {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the environment enters"
    )]
    fn get(&self, variable: &str) -> Option<OsString> {
        std::env::var_os(variable)
    }
}

/// Variables held as values: those of a test, or of a file that was read.
///
/// Of two values for one name the later one counts.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, OsString>);

impl Source for Variables {
    fn get(&self, variable: &str) -> Option<OsString> {
        self.0.get(variable).cloned()
    }
}

impl<K: Into<String>, V: Into<OsString>> FromIterator<(K, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let own = |(name, value): (K, V)| (name.into(), value.into());
        Self(variables.into_iter().map(own).collect())
    }
}

impl<K: Into<String>, V: Into<OsString>, const N: usize> From<[(K, V); N]> for Variables {
    fn from(variables: [(K, V); N]) -> Self {
        variables.into_iter().collect()
    }
}

// a value may be a password
impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// One source over another: `over` is asked first, and what it sets hides the same variable of
/// `under`, even with an empty value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layered<Over, Under> {
    /// Asked first: the environment of the process.
    pub over: Over,
    /// Asked for what the other does not set: a `.env` file.
    pub under: Under,
}

impl<Over: Source, Under: Source> Source for Layered<Over, Under> {
    fn get(&self, variable: &str) -> Option<OsString> {
        self.over.get(variable).or_else(|| self.under.get(variable))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_has_a_path_and_not_what_nobody_set() {
        assert!(Process.get("PATH").is_some());
        assert_eq!(Process.get("TOWER_REDIS_IS_NOT_SET"), None);
    }

    #[test]
    fn what_is_over_hides_what_is_under() {
        let source = Layered {
            over: Variables::from([("BOTH", "over"), ("EMPTY", "")]),
            under: Variables::from([("BOTH", "under"), ("EMPTY", "full"), ("UNDER", "under")]),
        };
        assert_eq!(source.get("BOTH"), Some("over".into()));
        assert_eq!(source.get("EMPTY"), Some("".into()));
        assert_eq!(source.get("UNDER"), Some("under".into()));
        assert_eq!(source.get("NEITHER"), None);
    }

    #[test]
    fn debug_shows_names_and_no_values() {
        let variables = Variables::from([("REDIS_PASSWORD", "hunter2")]);
        assert_eq!(format!("{variables:?}"), r#"{"REDIS_PASSWORD"}"#);
    }
}
