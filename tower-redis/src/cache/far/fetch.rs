//! The far tier's part of a lookup: an answer, or the right to leave one there.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::store::Found;

use crate::cache::engine::Engine;
use crate::cache::entry::Entry;
use crate::cache::flight::{Fills, Glance, Outcome, Permit};
use crate::cache::hold::Hold;
use crate::cache::old::Old;
use crate::cache::premises::Premises;
use crate::cache::status::Status;
use crate::cache::terms::Call;

use super::asked::Asked;
use super::judged::{Judged, Rejected, Said};
use super::look::Looked;
use super::ticket::{Fetched, Flight, Ticket};
use super::tier::Far;
use super::tokens::Tokens;

impl<V: Hold> Engine<V> {
    /// What the far tier has for `key`, stored near under `permit`; or what a load of it needs. `old` is what
    /// was near.
    pub(crate) async fn fetch(
        &self,
        key: &[u8],
        call: &Call,
        permit: Permit<V>,
        old: Option<Old<V>>,
    ) -> Fetched<V> {
        let Some(far) = self.far() else {
            return load(permit, Ticket::Near, old);
        };
        let suspect = self.suspect(key);
        // apart, so that a lookup in memory does not carry it
        let said = self.said(far, (key, call, &permit), suspect.as_ref());
        let said = Box::pin(said).await;
        self.conclude(key, suspect, said, permit, old)
    }

    /// What the far tier has for `key`, for a caller who will not load, and rests on `premises`.
    /// `suspect` is what is near and [may be right](Self::suspect).
    pub(crate) async fn look(
        &self,
        key: &[u8],
        premises: Premises,
        suspect: Option<Entry<V>>,
    ) -> Option<(V, Status)> {
        let far = self.far()?;
        // moved nowhere before it is used up: it is large
        let glance = self.flights().glance(key, premises);
        let call = Call::default();
        let asked = Asked::of(far, key, &call, glance.premises(), self.now());
        let mut tokens = Tokens::default();
        let judged = self.judged(far, &asked, suspect.as_ref(), &mut tokens);
        let said = match judged.await {
            Ok(Judged::Answer(said)) => Some(said),
            Ok(Judged::Rejected(..)) => return None,
            Err(error) => {
                self.far_failed(&error);
                None
            }
        };
        self.touch(far, &asked, said.as_ref()).await;
        self.looked(glance, suspect, said)
    }

    /// What a look found where the far tier `said` so; `None` when it did not answer.
    pub(super) fn looked(
        &self,
        glance: Glance<'_, V>,
        suspect: Option<Entry<V>>,
        said: Option<Said<V>>,
    ) -> Option<(V, Status)> {
        let value = match said {
            Some(Said::Entry(entry)) => self.keep(glance, entry),
            Some(Said::Same) => {
                let seen = self.renewed(suspect?, glance.premises().feed);
                self.keep(glance, seen)
            }
            Some(Said::Near | Said::Granted(..)) => return None,
            None => {
                return self
                    .sheltered(suspect)
                    .map(|value| (value, Status::Suspect));
            }
        };
        Some((value, Status::Far))
    }

    /// What the far tier says of `key`; `None` when it does not answer.
    async fn said(
        &self,
        far: &Far<V>,
        (key, call, permit): (&[u8], &Call, &Permit<V>),
        suspect: Option<&Entry<V>>,
    ) -> Option<Said<V>> {
        let mut asked = Asked::of(far, key, call, permit.premises(), self.now());
        asked.stale_helps = self.core().keeps_stale();
        let said = self.ask(far, (&asked, call, permit), suspect);
        let said = said.await.map_err(|error| self.far_failed(&error)).ok();
        self.touch(far, &asked, said.as_ref()).await;
        said
    }

    /// What the far tier `said` of `key`; `None` when it did not answer.
    pub(super) fn conclude(
        &self,
        key: &[u8],
        suspect: Option<Entry<V>>,
        said: Option<Said<V>>,
        permit: Permit<V>,
        old: Option<Old<V>>,
    ) -> Fetched<V> {
        match said {
            Some(Said::Same) if let Some(entry) = suspect => {
                let feed = permit.premises().feed;
                Fetched::Far(self.keep(permit, self.renewed(entry, feed)))
            }
            Some(Said::Same | Said::Near) => load(permit, Ticket::Near, old),
            Some(Said::Entry(entry)) => Fetched::Far(self.keep(permit, entry)),
            Some(Said::Granted(granted, stale)) => {
                let ticket = Ticket::Leased(granted);
                if let Some(entry) = &stale {
                    // others need not wait for the load
                    self.place(&permit, entry);
                }
                load(permit, ticket, stale.map(Old::heard).or(old))
            }
            None => match self.sheltered(suspect) {
                Some(value) => {
                    permit.settle().tell(Outcome::Value(value.clone()));
                    Fetched::Suspect(value)
                }
                None => load(permit, Ticket::Away, old.or_else(|| self.unheard(key))),
            },
        }
    }

    /// The value of `entry`, which is stored near if that is `right`.
    fn keep(&self, right: impl Fills<V>, entry: Entry<V>) -> V {
        let value = entry.value().clone();
        self.fill(right, entry);
        value
    }

    /// The value of what is `suspect`, where it may be used while Redis does not answer.
    fn sheltered(&self, suspect: Option<Entry<V>>) -> Option<V> {
        let entry = suspect.filter(|entry| self.tolerates(entry))?;
        if let Some(bonds) = entry.bonds() {
            bonds.tie.shelter_on(self.now());
        }
        Some(entry.into_value())
    }

    /// What lies far has been used, where that is what it lives by, if it was `said` to be good. Nobody waits for it
    /// where there is a runtime.
    pub(super) async fn touch(&self, far: &Far<V>, asked: &Asked<'_>, said: Option<&Said<V>>) {
        if let Some(idle) = self.freshness().idle
            && let Some(Said::Same | Said::Entry(_)) = said
        {
            // apart, since most caches need it never
            Box::pin(self.touch_for(far, asked, idle)).await;
        }
    }

    async fn touch_for(&self, far: &Far<V>, asked: &Asked<'_>, idle: Duration) {
        let (store, place) = (Arc::clone(&far.store), asked.place.clone());
        let touch = async move {
            if let Err(error) = store.touch(&place, idle).await {
                tracing::debug!(%error, "what was used could not be kept longer");
            }
        };
        if let Err(touch) = self.tasks().start(touch) {
            touch.await;
        }
    }

    /// The entry near that would be usable if no message had been missed.
    pub(crate) fn suspect(&self, key: &[u8]) -> Option<Entry<V>> {
        self.would_do(self.near().peek(key)?, self.now())
    }

    /// What was near once, while Redis does not answer.
    fn unheard(&self, key: &[u8]) -> Option<Old<V>> {
        let entry = self.near().peek(key)?;
        let unheard = true;
        (self.core().remains(&entry, self.now()) && self.tolerates(&entry))
            .then_some(Old { entry, unheard })
    }

    fn tolerates(&self, entry: &Entry<V>) -> bool {
        let far = self.far().zip(entry.bonds());
        far.is_some_and(|(far, bonds)| far.tolerates(&bonds.tie, self.now()))
    }

    async fn ask(
        &self,
        far: &Far<V>,
        (asked, call, permit): (&Asked<'_>, &Call, &Permit<V>),
        suspect: Option<&Entry<V>>,
    ) -> Result<Said<V>, Error> {
        let mut tokens = Tokens::default();
        match self.judged(far, asked, suspect, &mut tokens).await? {
            Judged::Answer(said) => Ok(said),
            // apart, so that the future of a lookup does not carry what only a load needs
            Judged::Rejected(rejected, stale) => {
                let rejected = Rejected {
                    id: rejected,
                    stale,
                    tokens,
                };
                Box::pin(self.lease(far, (asked, call, permit), suspect, rejected)).await
            }
        }
    }

    /// What lies there, which is not kept for as long as somebody else may load, and the `tokens` it was judged by.
    pub(super) async fn judged(
        &self,
        far: &Far<V>,
        asked: &Asked<'_>,
        suspect: Option<&Entry<V>>,
        tokens: &mut Tokens,
    ) -> Result<Judged<V>, Error> {
        // looked at where it lies: it is large
        match far.get(&asked.place, &asked.present(), tokens).await {
            Ok((ref found, _)) => self.judge(far, found, tokens, asked, suspect).await,
            Err(error) => Err(error),
        }
    }

    pub(super) async fn judge(
        &self,
        far: &Far<V>,
        found: &Found,
        tokens: &Tokens,
        asked: &Asked<'_>,
        suspect: Option<&Entry<V>>,
    ) -> Result<Judged<V>, Error> {
        let held = match found {
            Found::Nothing => return Ok(Judged::Rejected(None, None)),
            Found::Unreadable(id) => {
                self.counts().undecodable.bump();
                return Ok(Judged::Rejected(Some(*id), None));
            }
            // what lies there is not ours to touch
            Found::Foreign => return Ok(Judged::Answer(Said::Near)),
            Found::Entry(held) => held,
        };
        let (marks, stale) = match far.judge(held, tokens, &asked.present()).await? {
            Looked::Good(marks) => (marks, false),
            Looked::Stale(marks) => (marks, true),
            Looked::Bad => return Ok(Judged::Rejected(Some(held.id), None)),
        };
        let id = |entry: &Entry<V>| entry.bonds().and_then(|bonds| bonds.tie.id());
        if !stale && suspect.and_then(id) == Some(held.id) {
            return Ok(Judged::Answer(Said::Same));
        }
        let Ok(value) = far.read(held) else {
            self.counts().undecodable.bump();
            return Ok(Judged::Rejected(Some(held.id), None));
        };
        let value = value.arrived(held.fresh, asked.now);
        Ok(if stale {
            let stale = self.copy_of_stale(asked, value, held, marks);
            Judged::Rejected(Some(held.id), Some(stale))
        } else {
            Judged::Answer(Said::Entry(self.copy(asked, value, held, marks)))
        })
    }
}

pub(super) fn load<V: Hold>(permit: Permit<V>, ticket: Ticket, old: Option<Old<V>>) -> Fetched<V> {
    let flight = Flight {
        permit,
        ticket,
        anew: false,
    };
    Fetched::Load(flight, old)
}
