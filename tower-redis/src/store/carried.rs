//! The tags of an entry that was read, as they stand in it.
//!
//! A hit compares them with those that its call names, and needs none of them for itself.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use super::token::{self, Token, TokenKey};

/// The tags of an entry that was read.
#[derive(Clone, Default)]
pub(crate) struct Carried {
    entry: Bytes,
    each: Vec<(Range<usize>, Token)>,
}

/// One of them.
#[derive(Clone, Copy)]
pub(crate) struct Tag<'a> {
    escaped: &'a [u8],
    pub(crate) token: Token,
}

impl Carried {
    /// Those that stand in `entry` in these places. Each was found to be [one](token::is_tag).
    pub(super) fn of(entry: &Bytes, each: Vec<(Range<usize>, Token)>) -> Self {
        if each.is_empty() {
            return Self::default();
        }
        let entry = entry.clone();
        Self { entry, each }
    }

    /// Each of them, in the order in which they stand there.
    pub(crate) fn each(&self) -> impl ExactSizeIterator<Item = Tag<'_>> {
        self.each.iter().map(|(at, token)| Tag {
            escaped: self.entry.get(at.clone()).unwrap_or_default(),
            token: *token,
        })
    }
}

#[cfg(test)]
impl Carried {
    /// Whether they are these, in this order.
    pub(super) fn are(&self, tags: &[(TokenKey, Token)]) -> bool {
        let is = |(tag, (key, token)): (Tag<'_>, &(TokenKey, Token))| {
            tag.is(key) && tag.token == *token && tag.name() == key.name()
        };
        self.each().len() == tags.len() && self.each().zip(tags).all(is)
    }
}

impl<'a> Tag<'a> {
    /// Whether `key` is where its token lies.
    pub(crate) fn is(self, key: &TokenKey) -> bool {
        key.as_tag() == Some(self.escaped)
    }

    /// The tag.
    pub(crate) fn name(self) -> Option<Cow<'a, str>> {
        token::name(self.escaped)
    }
}

impl PartialEq for Carried {
    fn eq(&self, other: &Self) -> bool {
        let parts = |tag: Tag<'_>| (tag.escaped.to_vec(), tag.token);
        self.each().map(parts).eq(other.each().map(parts))
    }
}

impl Eq for Carried {}

// a tag may name a user
impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carried").finish_non_exhaustive()
    }
}
