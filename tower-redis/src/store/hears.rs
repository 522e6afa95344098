//! Who is told of what other processes did.

use bytes::Bytes;

use super::pattern::Pattern;
use super::token::{Part, TokenKey};

/// What another process did, or may have done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Heard<'a> {
    /// It removed or overwrote this key.
    Key(&'a Bytes),
    /// It made what lies under this key stale; a value without a stale life it removed.
    Expired(&'a Bytes),
    /// It removes what matches, or has.
    Matching(&'a Pattern),
    /// It replaced this token, or the soft part of it. By which one has to be asked: messages and answers come on different ways,
    /// and the one in the message need not be the present one.
    Token(&'a TokenKey, Part),
    /// Something was missed: a new epoch has begun, nothing older may be used, and no token is known.
    Everything,
}

/// Told, one thing after the other and in order, of what others did. It must not block, and must not
/// call the store.
pub(crate) trait Hears: Send + Sync {
    fn hear(&self, what: Heard<'_>);
}

/// Looks after what has to be done about messages; the same rules as for [`Hears`].
pub(super) trait Tends: Send + Sync {
    /// Everything is being listened to, for the first time or again.
    fn connected(&self) {}

    /// Nothing more comes until it is connected again.
    fn lost(&self) {}

    /// Nothing was missed, up to a second ago.
    fn alive(&self) {}

    /// Somebody who is none of us wants what starts with `prefix` to be removed.
    fn wanted(&self, prefix: &Bytes) {
        let _ = prefix;
    }

    /// One of us, maybe this one, starts to remove it.
    fn started(&self, prefix: &Bytes) {
        let _ = prefix;
    }

    /// One of us has removed it.
    fn done(&self, prefix: &Bytes) {
        let _ = prefix;
    }
}
