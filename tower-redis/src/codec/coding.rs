//! A payload, and how it was made.

use std::fmt;

use bytes::Bytes;
use smallvec::SmallVec;

/// How a payload was made: the name of its form, and of its compression if there is one. It may be a
/// name that this program does not know.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Coding(SmallVec<[u8; 16]>);

impl Coding {
    /// The form itself, uncompressed.
    pub(super) fn plain(form: &'static str) -> Self {
        Self(SmallVec::from_slice(form.as_bytes()))
    }

    /// The form, compressed by the way called `compression`.
    pub(super) fn compressed(form: &'static str, compression: &'static str) -> Self {
        Self(
            [form.as_bytes(), b"+", compression.as_bytes()]
                .concat()
                .into(),
        )
    }

    /// A name that was found beside a payload.
    pub(crate) fn found(name: &[u8]) -> Self {
        // bytes are copied at once by this, and one by one by `into`
        Self(SmallVec::from_slice(name))
    }

    /// Nothing stands beside the payload: it is plain, in the form of whoever reads it.
    pub(crate) fn unsaid() -> Self {
        Self(SmallVec::new())
    }

    pub(super) fn is_unsaid(&self) -> bool {
        self.0.is_empty()
    }

    /// As it stands beside a payload: no space and no control character is in it.
    pub(crate) fn name(&self) -> &[u8] {
        &self.0
    }

    /// The name of the form, and of the compression if there is one.
    pub(super) fn parts(&self) -> (&[u8], Option<&[u8]>) {
        let mut parts = self.0.splitn(2, |byte| *byte == b'+');
        (parts.next().unwrap_or_default(), parts.next())
    }
}

impl fmt::Debug for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Coding({})", self.0.escape_ascii())
    }
}

/// A value as it lies in Redis, without what describes it there.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) coding: Coding,
    pub(crate) payload: Bytes,
}

// a stored value is nobody's business
impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packed")
            .field("coding", &self.coding)
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}
