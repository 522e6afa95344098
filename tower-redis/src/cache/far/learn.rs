//! The entry, and the tokens it is compared with: those that are known, and those that are asked for with it.

use smallvec::SmallVec;

use crate::clock::Moment;
use crate::error::Error;
use crate::store::{Answer, Found, Given, Held, Place, Token, TokenKey};

use crate::cache::hold::Hold;
use crate::cache::known::{Known, Unknown};
use crate::cache::tags::Marks;

use super::tier::Far;
use super::tokens::Tokens;

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

/// Something that has a token, and its version before the token was asked for.
struct Asked<'a> {
    key: &'a TokenKey,
    known: &'a Known,
    version: u64,
}

/// Its token, or when that is asked for.
type Learning<'a> = (Asked<'a>, Result<Token, Unknown>);

impl<V: Hold> Far<V> {
    /// The entry at `place` and the tokens of `present`, in one round trip.
    ///
    /// The answer is the entry and whatever comes with it, and what has tokens is in `tokens` then. It is the
    /// answer of the store itself, wherever that is enough: it is large.
    pub(super) fn get<'a>(
        &'a self,
        place: &'a Place,
        present: &'a Present<'_>,
        tokens: &'a mut Tokens,
    ) -> Answer<'a, (Found, Vec<Given>)> {
        match self.known(present) {
            Some(known) => {
                *tokens = known;
                self.store.get(place, &[])
            }
            // every ten seconds one does it for all
            None => Box::pin(self.get_and_learn(place, present, tokens)),
        }
    }

    async fn get_and_learn(
        &self,
        place: &Place,
        present: &Present<'_>,
        tokens: &mut Tokens,
    ) -> Result<(Found, Vec<Given>), Error> {
        let (asked, unknown) = self.unknown(present);
        let (found, given) = self.store.get(place, &unknown).await?;
        let held = match &found {
            Found::Entry(held) => Some(held),
            _ => None,
        };
        *tokens = self.resolve(present, &asked, given, held);
        Ok((found, Vec::new()))
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
    pub(super) async fn tokens_for(
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
        let mut of_tags = SmallVec::new();
        for token in tokens {
            of_tags.push(token?);
        }
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
}
