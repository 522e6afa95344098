//! Tokens, as they were before a load began.

use smallvec::SmallVec;

use crate::store::{Tag, Token, TokenKey};

use crate::cache::tags::Marks;

/// The tokens that a load rests on.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    /// That of the cache.
    pub(super) generation: Option<Token>,
    /// The tags.
    pub(super) marks: Marks,
    /// The token of each of them.
    pub(super) of_tags: SmallVec<[Token; 3]>,
}

impl Tokens {
    pub(super) fn of_tag(&self, tag: Tag<'_>) -> Option<Token> {
        let mut tags = self.tags();
        tags.find(|(key, _)| tag.is(key)).map(|(_, token)| token)
    }

    /// Each tag's, and where it lies.
    pub(super) fn tags(&self) -> impl ExactSizeIterator<Item = (&TokenKey, Token)> {
        let tags = self.marks.each().iter().zip(&self.of_tags);
        tags.map(|(mark, token)| (&mark.cell.key, *token))
    }
}
