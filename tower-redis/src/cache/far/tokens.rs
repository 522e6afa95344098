//! Tokens, as they were before a load began.

use crate::store::{Token, TokenKey};

/// The tokens that a load rests on.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    /// That of the cache.
    pub(super) generation: Option<(TokenKey, Token)>,
    /// Those of tags.
    pub(super) tags: Vec<(TokenKey, Token)>,
}

impl Tokens {
    pub(super) fn of_tag(&self, key: &TokenKey) -> Option<Token> {
        let mut tags = self.tags.iter();
        tags.find(|(other, _)| other == key)
            .map(|(_, token)| *token)
    }
}
