//! One look at the far tier: the entry, the tokens, and whether they agree.

use std::time::Duration;

use smallvec::SmallVec;

use crate::clock::Moment;
use crate::error::Error;
use crate::store::{EntryId, Found, Given, Held, Place, Token, TokenKey};

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

/// One for the cache and each tag, of which there are few.
type All<T> = SmallVec<[T; 4]>;

/// What a look compares with.
pub(super) struct Present<'a> {
    /// The version of the near tier.
    pub(super) epoch: u64,
    /// The tags that the call names.
    pub(super) tags: &'a [TokenKey],
    /// As they were when it began.
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
        let asked = self.asked(present);
        let (unknown, learnt) = self.unknown(&asked, present.now);
        let (found, tokens) = self.store.get(place, &unknown).await?;
        let held = match &found {
            Found::Entry(held) => Some(held),
            _ => None,
        };
        let tokens = self.resolve(&asked, &learnt, tokens, held);
        Ok((found, tokens))
    }

    /// [`get`](Self::get) for many places, of which all is said in `present`.
    pub(super) async fn get_many(
        &self,
        places: &[Place],
        present: &Present<'_>,
    ) -> Result<(Vec<Found>, Tokens), Error> {
        let asked = self.asked(present);
        let (unknown, learnt) = self.unknown(&asked, present.now);
        let (found, tokens) = self.store.get_many(places, &unknown).await?;
        let held = found.iter().find_map(|found| match found {
            Found::Entry(held) => Some(held),
            _ => None,
        });
        let tokens = self.resolve(&asked, &learnt, tokens, held);
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
        let asked = self.asked(present);
        let (unknown, learnt) = self.unknown(&asked, present.now);
        let tokens = match &unknown[..] {
            [] => Vec::new(),
            unknown => self.store.tokens(unknown).await?,
        };
        Ok(self.resolve(&asked, &learnt, tokens, held))
    }

    fn asked<'a>(&'a self, present: &'a Present<'_>) -> All<Asked<'a>> {
        let generation = self.generation().map(|generation| Asked {
            key: &generation.key,
            known: &generation.known,
            version: present.epoch,
        });
        let tags = present.tags.iter().zip(present.marks.each());
        let tags = tags.map(|(key, mark)| Asked {
            key,
            known: &mark.cell.token,
            version: mark.seen,
        });
        generation.into_iter().chain(tags).collect()
    }

    /// Those whose token is not known, and for each one what is: the token, or when it was asked for.
    fn unknown(
        &self,
        asked: &[Asked<'_>],
        now: Moment,
    ) -> (Vec<TokenKey>, All<Result<Token, Unknown>>) {
        let hears = self.hears(now);
        let learnt: All<_> = asked
            .iter()
            .map(|asked| {
                let learnt = self.learnt(asked.version, now);
                asked.known.get(learnt, hears)
            })
            .collect();
        let unknown = asked.iter().zip(&learnt);
        let unknown = unknown.filter(|(_, learnt)| learnt.is_err());
        (
            unknown.map(|(asked, _)| asked.key.clone()).collect(),
            learnt,
        )
    }

    fn resolve(
        &self,
        asked: &[Asked<'_>],
        learnt: &[Result<Token, Unknown>],
        tokens: Vec<Given>,
        held: Option<&Held>,
    ) -> Tokens {
        let mut tokens = tokens.into_iter();
        let mut resolved = asked.iter().zip(learnt).filter_map(|(asked, learnt)| {
            let token = match learnt {
                Ok(token) => *token,
                Err(unknown) => {
                    let Given { token, made } = tokens.next()?;
                    if made {
                        self.missed(asked.key, unknown, held);
                    }
                    asked.known.learn(unknown.now, token);
                    token
                }
            };
            Some((asked.key.clone(), token))
        });
        // as it was asked for: first
        let generation = self.generation().and_then(|_| resolved.next());
        let tags = resolved.collect();
        Tokens { generation, tags }
    }

    /// There was no token: it was lost, unless nobody had used it yet.
    #[cold]
    fn missed(&self, key: &TokenKey, unknown: &Unknown, held: Option<&Held>) {
        let carried = held.is_some_and(|held| held.carries(key));
        if carried || unknown.was_there {
            self.lost_tokens.bump();
        }
    }

    /// Those of the tags of an entry, which are mostly the ones that the call names.
    fn marks(&self, held: &Held, present: &Present<'_>) -> Marks {
        let of_entry = held.tags.iter().map(|(key, _)| key);
        if of_entry.clone().eq(present.tags) {
            return present.marks.clone();
        }
        let names: Vec<_> = of_entry.filter_map(TokenKey::name).collect();
        self.tags.mark(&names)
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
        let generation = tokens.generation.as_ref().map(|(_, token)| *token);
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
        let marks = self.marks(&held, present);
        let (others, marks_of_others) = others(&held, &marks, tokens);
        let more = if others.is_empty() {
            Tokens::default()
        } else {
            let present = Present {
                tags: &others,
                marks: &marks_of_others,
                ..*present
            };
            // apart, since it is rare
            Box::pin(self.tokens_for(&present, Some(&held))).await?
        };
        let token = |key| tokens.of_tag(key).or_else(|| more.of_tag(key));
        for (key, of_entry) in &held.tags {
            agreed.see(*of_entry, token(key));
        }
        Ok(match agreed {
            _ if agreed.not_at_all => Looked::Bad(Some(held.id)),
            _ if over || agreed.but_for_expiry => Looked::Stale(held, marks),
            _ => Looked::Good(held, marks),
        })
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

/// The tags that an entry has and the call did not name.
fn others(held: &Held, marks: &Marks, tokens: &Tokens) -> (Vec<TokenKey>, Marks) {
    let tags = held.tags.iter().zip(marks.each());
    let others = tags.filter(|((key, _), _)| tokens.of_tag(key).is_none());
    let others = others.map(|((key, _), mark)| (key.clone(), mark.clone()));
    let (keys, marks): (Vec<_>, Vec<_>) = others.unzip();
    (keys, marks.into_iter().collect())
}
