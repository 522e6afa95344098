//! One error type for everything that can be set up wrongly or fail on the way.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

type Source = Box<dyn StdError + Send + Sync + 'static>;

/// What went wrong, with the source it came from.
///
/// Ask it what to do next: [`is_config`](Error::is_config) means the program has to be changed,
/// [`is_installed`](Error::is_installed) that somebody else was first,
/// [`is_unavailable`](Error::is_unavailable) that nothing was done and a later try may work,
/// [`is_timeout`](Error::is_timeout) that nobody knows whether it was done. Neither stored values nor
/// secrets are ever part of the text.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    what: Cow<'static, str>,
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
    /// Redis is away or cannot work now; what was asked for was not done.
    Unavailable,
    /// Redis was asked and did not answer in time: what was asked for may have been done, or may still
    /// be.
    Timeout,
    /// Redis answered that it will not do this: a right is missing, its memory is full, the key holds
    /// something else.
    Refused,
    /// What was stored, or answered, is not of the form it has to have.
    Corrupt,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            what: what.into(),
            source: None,
        }
    }

    pub(crate) fn config(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Config, what)
    }

    #[must_use]
    pub(crate) fn because(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same for one more of those whom it concerns, but for its source.
    #[cfg(feature = "redis")]
    pub(crate) fn told_again(&self) -> Self {
        Self::new(self.kind, self.what.clone())
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

    /// True when a toolkit had been installed before.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        self.kind == ErrorKind::Installed
    }

    /// True when Redis is away or cannot work now. What was asked for was not done; a later try may
    /// work.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind == ErrorKind::Unavailable
    }

    /// True when Redis was asked and no answer came in time. What was asked for may have been done, or
    /// may still be: only a read may be repeated without thought.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind == ErrorKind::Timeout
    }

    /// True when Redis answered that it will not do this. Another try gets the same answer until
    /// somebody changes the server, its users or what is stored.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.kind == ErrorKind::Refused
    }

    /// True when what was stored or answered is not of the form it has to have.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        self.kind == ErrorKind::Corrupt
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
