//! One look at the far tier: the entry, the tokens, and whether they agree.

use std::time::Duration;

use crate::clock::Moment;
use crate::error::Error;
use crate::store::{EntryId, Found, Given, Held, Place, Tag, Token, TokenKey};

use crate::cache::hold::Hold;
use crate::cache::known::{Known, Unknown};
use crate::cache::tags::Marks;

use super::tier::Far;
use super::tokens::Tokens;

/// What a look came to.
pub(super) enum Looked {
    /// An entry that is good, and the marks of its tags.
    Good(Held, Marks),
    /// One that was good once.
    Stale(Held, Marks),
    /// Nothing, or something that is not good.
    Bad(Option<EntryId>),
    /// Bytes that are no entry.
    Unreadable(EntryId),
    /// What lies there is not ours to touch.
    Foreign,
}

/// Something that has a token, and its version before the token was asked for.
struct Asked<'a> {
    key: &'a TokenKey,
    known: &'a Known,
    version: u64,
}

/// Its token, or when that is asked for.
type Learning<'a> = (Asked<'a>, Result<Token, Unknown>);

/// What a look compares with.
pub(super) struct Present<'a> {
    /// The version of the near tier.
    pub(super) epoch: u64,
    /// The tags that the call names, as they were when it began.
    pub(super) marks: &'a Marks,
    pub(super) now: Moment,
    /// Whether what is stale is of any use.
    pub(super) stale_helps: bool,
}

impl<V: Hold> Far<V> {
    /// The entry at `place` and the tokens of `present`, in one round trip.
    pub(super) async fn get(
        &self,
        place: &Place,
        present: &Present<'_>,
    ) -> Result<(Found, Tokens), Error> {
        match self.known(present) {
            Some(tokens) => {
                let (found, _) = self.store.get(place, &[]).await?;
                Ok((found, tokens))
            }
            // apart: every ten seconds one does it for all
            None => Box::pin(self.get_and_learn(place, present)).await,
        }
    }

    async fn get_and_learn(
        &self,
        place: &Place,
        present: &Present<'_>,
    ) -> Result<(Found, Tokens), Error> {
        let (asked, unknown) = self.unknown(present);
        let (found, tokens) = self.store.get(place, &unknown).await?;
        let held = match &found {
            Found::Entry(held) => Some(held),
            _ => None,
        };
        let tokens = self.resolve(present, &asked, tokens, held);
        Ok((found, tokens))
    }

    /// [`get`](Self::get) for many places, of which all is said in `present`.
    pub(super) async fn get_many(
        &self,
        places: &[Place],
        present: &Present<'_>,
    ) -> Result<(Vec<Found>, Tokens), Error> {
        let (asked, unknown) = self.unknown(present);
        let (found, tokens) = self.store.get_many(places, &unknown).await?;
        let held = found.iter().find_map(|found| match found {
            Found::Entry(held) => Some(held),
            _ => None,
        });
        let tokens = self.resolve(present, &asked, tokens, held);
        Ok((found, tokens))
    }

    /// The tokens of `present`.
    pub(super) async fn tokens(&self, present: &Present<'_>) -> Result<Tokens, Error> {
        self.tokens_for(present, None).await
    }

    /// The tokens of `present`, some of which an entry may carry.
    async fn tokens_for(
        &self,
        present: &Present<'_>,
        held: Option<&Held>,
    ) -> Result<Tokens, Error> {
        let (asked, unknown) = self.unknown(present);
        let tokens = match &unknown[..] {
            [] => Vec::new(),
            unknown => self.store.tokens(unknown).await?,
        };
        Ok(self.resolve(present, &asked, tokens, held))
    }

    /// What has a token: as it is asked for, the cache first.
    fn all<'a>(&'a self, present: &Present<'a>) -> impl Iterator<Item = Asked<'a>> {
        let epoch = present.epoch;
        let generation = self.generation().map(|generation| Asked {
            key: &generation.key,
            known: &generation.known,
            version: epoch,
        });
        let tags = present.marks.each().iter().map(|mark| Asked {
            key: &mark.cell.key,
            known: &mark.cell.token,
            version: mark.seen,
        });
        generation.into_iter().chain(tags)
    }

    /// The tokens, where all of them are known.
    fn known(&self, present: &Present<'_>) -> Option<Tokens> {
        let hears = self.hears(present.now);
        let token = |asked: Asked<'_>| {
            let learnt = self.learnt(asked.version, present.now);
            asked.known.get(learnt, hears).ok()
        };
        let mut tokens = self.all(present).map(token);
        let generation = match self.generation() {
            Some(_) => Some(tokens.next()??),
            None => None,
        };
        let of_tags = tokens.collect::<Option<_>>()?;
        let marks = present.marks.clone();
        Some(Tokens {
            generation,
            marks,
            of_tags,
        })
    }

    /// All that has a token, with the token, or when it was asked for; and those whose token is not known.
    fn unknown<'a>(&'a self, present: &Present<'a>) -> (Vec<Learning<'a>>, Vec<TokenKey>) {
        let hears = self.hears(present.now);
        let asked = self.all(present).map(|asked| {
            let learnt = self.learnt(asked.version, present.now);
            let known = asked.known.get(learnt, hears);
            (asked, known)
        });
        let asked: Vec<_> = asked.collect();
        let unknown = asked.iter().filter(|(_, known)| known.is_err());
        let unknown = unknown.map(|(asked, _)| asked.key.clone()).collect();
        (asked, unknown)
    }

    fn resolve(
        &self,
        present: &Present<'_>,
        asked: &[Learning<'_>],
        tokens: Vec<Given>,
        held: Option<&Held>,
    ) -> Tokens {
        let mut tokens = tokens.into_iter();
        let mut resolved = asked.iter().map_while(|(asked, known)| match known {
            Ok(token) => Some(*token),
            Err(unknown) => {
                let Given { token, made } = tokens.next()?;
                if made {
                    self.missed(asked.key, unknown, held);
                }
                asked.known.learn(unknown.now, token);
                Some(token)
            }
        });
        // as it was asked for: first
        let generation = self.generation().and_then(|_| resolved.next());
        let of_tags = resolved.collect();
        let marks = present.marks.clone();
        Tokens {
            generation,
            marks,
            of_tags,
        }
    }

    /// There was no token: it was lost, unless nobody had used it yet.
    #[cold]
    fn missed(&self, key: &TokenKey, unknown: &Unknown, held: Option<&Held>) {
        let carried = held.is_some_and(|held| held.carries(key));
        if carried || unknown.was_there {
            self.lost_tokens.bump();
        }
    }

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

    /// Whether what was found is good: fresh, and every token in it the present one. `tokens` are those
    /// of `present`; an entry that has more tags costs another round trip.
    pub(super) async fn judge(
        &self,
        found: Found,
        tokens: &Tokens,
        present: &Present<'_>,
    ) -> Result<Looked, Error> {
        let held = match found {
            Found::Nothing => return Ok(Looked::Bad(None)),
            Found::Unreadable(id) => return Ok(Looked::Unreadable(id)),
            Found::Foreign => return Ok(Looked::Foreign),
            Found::Entry(held) => held,
        };
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
            _ => return Ok(Looked::Bad(Some(held.id))),
        }
        if gone || agreed.not_at_all {
            return Ok(Looked::Bad(Some(held.id)));
        }
        // before any token is compared: an invalidation that is heard of from here on shows
        let other = self.other_marks(&held, present);
        let more = match &other {
            None => Tokens::default(),
            // apart, since it is rare
            Some(marks) => Box::pin(self.more(&held, marks, tokens, present)).await?,
        };
        for tag in held.tags.each() {
            let now = tokens.of_tag(tag).or_else(|| more.of_tag(tag));
            agreed.see(tag.token, now);
        }
        let marks = other.unwrap_or_else(|| present.marks.clone());
        Ok(match agreed {
            _ if agreed.not_at_all => Looked::Bad(Some(held.id)),
            _ if over || agreed.but_for_expiry => Looked::Stale(held, marks),
            _ => Looked::Good(held, marks),
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
