//! One error type for everything that can be set up wrongly or fail on the way.

use std::error::Error as StdError;
use std::fmt;

type Source = Box<dyn StdError + Send + Sync + 'static>;

/// What went wrong, with the source it came from.
///
/// Ask it what to do next: [`is_config`](Error::is_config) means the program has to be changed,
/// [`is_installed`](Error::is_installed) that somebody else was first. Neither stored values nor
/// secrets are ever part of the text.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    what: String,
    source: Option<Source>,
}

/// The reason of an [`Error`], for matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting or a builder was given a value it cannot work with.
    Config,
    /// A toolkit was already installed in this process.
    Installed,
    /// A value could not be written in the form it has to travel in.
    Encode,
    /// What was read is not what was expected there.
    Corrupt,
    /// Nothing was done: Redis cannot be reached, or says that it cannot answer now.
    Unavailable,
    /// Redis was asked and did not answer in time: whether it was done is unknown.
    Timeout,
    /// Redis answered that it will not do it.
    Refused,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            source: None,
        }
    }

    pub(crate) fn config(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, what)
    }

    #[must_use]
    pub(crate) fn because(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The reason, for matching.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// True when a setting or a builder has to be corrected.
    #[must_use]
    pub fn is_config(&self) -> bool {
        self.kind == ErrorKind::Config
    }

    /// True when what was read is not what was expected there.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        self.kind == ErrorKind::Corrupt
    }

    /// True when nothing was done, since Redis could not be reached or cannot answer now.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind == ErrorKind::Unavailable
    }

    /// True when Redis was asked and did not answer in time: whether it was done is unknown.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind == ErrorKind::Timeout
    }

    /// True when a toolkit had been installed before.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        self.kind == ErrorKind::Installed
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_source() {
        let error = Error::config("bad").because("worse");
        assert!(error.is_config());
        assert!(!error.is_installed());
        assert_eq!(error.to_string(), "bad");
        assert_eq!(
            error.source().map(ToString::to_string),
            Some("worse".into())
        );
    }
}
