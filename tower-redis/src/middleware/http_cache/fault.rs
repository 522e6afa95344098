//! Ways for the HTTP cache to be wrong, to see whether a test finds out.

use std::cell::Cell;

/// A rule of the RFCs that `CacheLayer` does not keep while requests run on this thread. A test that passes all the
/// same tests nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpCacheFault {
    /// `s-maxage` counts for nothing (RFC 9111 section 5.2.2.10).
    SMaxageIsIgnored,
    /// `Age` of a response is not counted (section 4.2.3).
    AgeIsNotCounted,
    /// Only the first line of `Vary` is read (section 4.1).
    VaryIsOneLine,
    /// Of several that are selected the newest answers, with `Vary` or without (section 4.1).
    VaryIsNotPreferred,
    /// Something stale answers in spite of `must-revalidate` (section 4.2.4).
    StaleInSpiteOfMustRevalidate,
    /// A 304 replaces `Content-Length` (section 3.2).
    LengthIsUpdated,
    /// `If-Modified-Since` counts beside `If-None-Match` (RFC 9110 section 13.1.3).
    DateBeatsTag,
    /// A failure to change something invalidates it (RFC 9111 section 4.4).
    FailuresInvalidate,
    /// What credentials have asked for is shared (section 3.5).
    AuthorizationIsShared,
    /// 302 is taken for a status code that a cache may guess about (section 4.2.2).
    FoundIsGuessed,
    /// `If-Range` is compared weakly (RFC 9110 section 13.1.5).
    IfRangeIsWeak,
    /// Parts are joined whose entity tag is weak (RFC 9110 section 15.3.7.3).
    WeakPartsAreJoined,
    /// What the origin says is gone is served on where the answer is not stored (RFC 9111 section 4.3.3).
    RefusalsLeaveWhatIsStored,
    /// A targeted field that cannot be read counts as one without directives (RFC 9213 section 2.1).
    UnreadableTargetsCount,
}

thread_local! {
    static COMMITTED: Cell<Option<HttpCacheFault>> = const { Cell::new(None) };
}

/// As long as it lives, HTTP caches on this thread are wrong.
#[derive(Debug)]
#[must_use = "a fault ends with what `commit` returns"]
pub struct HttpCacheCommitted(());

impl HttpCacheFault {
    /// Breaks the rule, in place of any other one, until what is returned is dropped.
    pub fn commit(self) -> HttpCacheCommitted {
        COMMITTED.set(Some(self));
        HttpCacheCommitted(())
    }

    pub(crate) fn is_committed(self) -> bool {
        COMMITTED.get() == Some(self)
    }
}

impl Drop for HttpCacheCommitted {
    fn drop(&mut self) {
        COMMITTED.set(None);
    }
}
