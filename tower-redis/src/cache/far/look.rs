//! Whether what was found far agrees with its tokens.

use std::time::Duration;

use crate::error::Error;
use crate::store::{Held, Tag, Token};

use crate::cache::hold::Hold;
use crate::cache::tags::Marks;

use super::learn::Present;
use super::tier::Far;
use super::tokens::Tokens;

/// What an entry is.
pub(super) enum Looked {
    /// Good, with the marks of its tags.
    Good(Marks),
    /// It was good once.
    Stale(Marks),
    Bad,
}

impl<V: Hold> Far<V> {
    /// Those of the tags of an entry; `None` when they are the ones that the call names, as they mostly are.
    fn other_marks(&self, held: &Held, present: &Present<'_>) -> Option<Marks> {
        let (tags, named) = (held.tags.each(), present.marks.each());
        let same =
            tags.len() == named.len() && tags.zip(named).all(|(tag, mark)| tag.is(&mark.cell.key));
        if same {
            return None;
        }
        let names: Vec<_> = held.tags.each().filter_map(Tag::name).collect();
        Some(self.tags.mark(&names))
    }

    /// Whether `held` is good: fresh, and every token in it the present one. `tokens` are those
    /// of `present`; an entry that has more tags costs another round trip.
    pub(super) async fn judge(
        &self,
        held: &Held,
        tokens: &Tokens,
        present: &Present<'_>,
    ) -> Result<Looked, Error> {
        let generation = tokens.generation;
        let over = held.fresh == Some(Duration::ZERO);
        let gone = over && (!present.stale_helps || held.kept == Some(Duration::ZERO));
        let (mut agreed, same) = (
            Agreed::new(present.stale_helps),
            held.generation == generation,
        );
        match (held.generation, generation) {
            (Some(of_entry), Some(now)) => agreed.see(of_entry, Some(now)),
            _ if same => {}
            _ => return Ok(Looked::Bad),
        }
        if gone || agreed.not_at_all {
            return Ok(Looked::Bad);
        }
        // before any token is compared: an invalidation that is heard of from here on shows
        let other = self.other_marks(held, present);
        let more = match &other {
            None => Tokens::default(),
            // apart, since it is rare
            Some(marks) => Box::pin(self.more(held, marks, tokens, present)).await?,
        };
        for tag in held.tags.each() {
            let now = tokens.of_tag(tag).or_else(|| more.of_tag(tag));
            agreed.see(tag.token, now);
        }
        let marks = other.unwrap_or_else(|| present.marks.clone());
        Ok(match agreed {
            _ if agreed.not_at_all => Looked::Bad,
            _ if over || agreed.but_for_expiry => Looked::Stale(marks),
            _ => Looked::Good(marks),
        })
    }

    /// The tokens of the tags that an entry has, with these `marks`, and the call did not name.
    async fn more(
        &self,
        held: &Held,
        marks: &Marks,
        tokens: &Tokens,
        present: &Present<'_>,
    ) -> Result<Tokens, Error> {
        let tags = held.tags.each().zip(marks.each());
        let others = tags.filter(|(tag, _)| tokens.of_tag(*tag).is_none());
        let others: Marks = others.map(|(_, mark)| mark.clone()).collect();
        if others.is_empty() {
            return Ok(Tokens::default());
        }
        let present = Present {
            marks: &others,
            ..*present
        };
        self.tokens_for(&present, Some(held)).await
    }
}

/// How far the tokens of an entry are the present ones.
#[derive(Debug, Clone, Copy)]
struct Agreed {
    /// Whether what has expired is of any use.
    stale_helps: bool,
    but_for_expiry: bool,
    not_at_all: bool,
}

impl Agreed {
    fn new(stale_helps: bool) -> Self {
        Self {
            stale_helps,
            but_for_expiry: false,
            not_at_all: false,
        }
    }

    fn see(&mut self, of_entry: Token, now: Option<Token>) {
        if now == Some(of_entry) {
            return;
        }
        let stale = self.stale_helps && now.is_some_and(|now| now.same_hard(of_entry));
        self.but_for_expiry |= stale;
        self.not_at_all |= !stale;
    }
}
