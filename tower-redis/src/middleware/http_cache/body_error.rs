//! Why a body ended before its end.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An error as it is usual in the types around a body.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Why a body ended before its end: the error of [`CacheBody`](super::CacheBody).
///
/// Several clients may read one body of the inner service while it comes, and all of them get its error. So it is
/// shared: [`source`](Error::source) is that of the inner service's body, to be looked at with
/// `downcast_ref`.
#[derive(Clone)]
pub struct CacheBodyError(Why);

#[derive(Clone)]
enum Why {
    /// The inner service's body failed.
    Inner(Arc<dyn Error + Send + Sync>),
    /// It ended well, before all that was announced had come.
    Truncated,
    /// The client was too slow, and held others up.
    Slow,
    /// The task that read the body is gone: the body's code panicked, or the runtime was shut down.
    Gone,
}

impl CacheBodyError {
    pub(crate) const TRUNCATED: Self = Self(Why::Truncated);
    pub(crate) const SLOW: Self = Self(Why::Slow);
    pub(crate) const GONE: Self = Self(Why::Gone);

    pub(crate) fn inner(error: impl Into<BoxError>) -> Self {
        Self(Why::Inner(error.into().into()))
    }
}

impl fmt::Display for CacheBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Why::Inner(_) => "the body of the inner service failed",
            Why::Truncated => "the body of the inner service is shorter than it was announced",
            Why::Slow => "this client was cut off: it took nothing of a body while others waited for more of it",
            Why::Gone => "nobody reads this body any more: its code panicked, or the runtime was shut down",
        })
    }
}

// what the inner service says is its own affair
impl fmt::Debug for CacheBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.0 {
            Why::Inner(_) => "inner",
            Why::Truncated => "truncated",
            Why::Slow => "slow",
            Why::Gone => "gone",
        };
        f.debug_tuple("CacheBodyError").field(&why).finish()
    }
}

impl Error for CacheBodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Why::Inner(error) => Some(&**error),
            Why::Truncated | Why::Slow | Why::Gone => None,
        }
    }
}
