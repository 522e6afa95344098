//! What a call says about what it loads.

use std::time::Duration;

use crate::cache::terms::Call;
use crate::key::KeyWriter;

/// What a call says about what it loads.
#[derive(Debug, Default)]
pub struct Terms(pub(super) Call);

impl Terms {
    /// What the cache says.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// It lives for `ttl`.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.0.ttl = Some(ttl);
        self
    }

    /// It becomes unusable with what `write` writes as a tag.
    #[must_use]
    pub fn tag(mut self, write: impl FnOnce(&mut KeyWriter)) -> Self {
        let mut tag = KeyWriter::exact(b"");
        write(&mut tag);
        let tag = String::from_utf8_lossy(tag.as_bytes());
        self.0.tags.push(tag.into());
        self
    }
}
