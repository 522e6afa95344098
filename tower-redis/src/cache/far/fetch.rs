//! The far tier's part of a lookup: an answer, or the right to leave one there.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::store::Found;

use crate::cache::engine::Engine;
use crate::cache::entry::Entry;
use crate::cache::flight::{Outcome, Permit};
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

/// What a look at the far tier is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To load and store what is not there.
    Load,
    /// To know what is there.
    Look,
}

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
        let said = self.said(far, Purpose::Load, (key, call, &permit), suspect.as_ref());
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
        let permit = self.permit(key, premises);
        let call = Call::default();
        let said = self.said(far, Purpose::Look, (key, &call, &permit), suspect.as_ref());
        let said = said.await;
        match self.conclude(key, suspect, said, permit, None) {
            Fetched::Far(value) => Some((value, Status::Far)),
            Fetched::Suspect(value) => Some((value, Status::Suspect)),
            Fetched::Load(..) => None,
        }
    }

    /// What the far tier says of `key`; `None` when it does not answer.
    async fn said(
        &self,
        far: &Far<V>,
        purpose: Purpose,
        (key, call, permit): (&[u8], &Call, &Permit<V>),
        suspect: Option<&Entry<V>>,
    ) -> Option<Said<V>> {
        let mut asked = Asked::of(far, key, call, permit.premises(), self.now());
        asked.stale_helps = purpose == Purpose::Load && self.core().keeps_stale();
        let said = self.ask(far, purpose, (&asked, call, permit), suspect);
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
                let value = entry.value().clone();
                let feed = permit.premises().feed;
                self.fill(permit, self.renewed(entry, feed));
                Fetched::Far(value)
            }
            Some(Said::Same | Said::Near) => load(permit, Ticket::Near, old),
            Some(Said::Entry(entry)) => {
                let value = entry.value().clone();
                self.fill(permit, entry);
                Fetched::Far(value)
            }
            Some(Said::Granted(granted, stale)) => {
                let ticket = Ticket::Leased(granted);
                if let Some(entry) = &stale {
                    // others need not wait for the load
                    self.place(&permit, entry);
                }
                load(permit, ticket, stale.map(Old::heard).or(old))
            }
            None => match suspect {
                Some(entry) if self.tolerates(&entry) => {
                    if let Some(bonds) = entry.bonds() {
                        bonds.tie.shelter_on(self.now());
                    }
                    permit.settle().tell(Outcome::Value(entry.value().clone()));
                    Fetched::Suspect(entry.into_value())
                }
                _ => load(permit, Ticket::Away, old.or_else(|| self.unheard(key))),
            },
        }
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
        purpose: Purpose,
        (asked, call, permit): (&Asked<'_>, &Call, &Permit<V>),
        suspect: Option<&Entry<V>>,
    ) -> Result<Said<V>, Error> {
        let (present, mut tokens) = (asked.present(), Tokens::default());
        let got = far.get(&asked.place, &present, &mut tokens).await;
        // looked at where it lies: it is large
        let found = match got {
            Ok((ref found, _)) => found,
            Err(error) => return Err(error),
        };
        let judged = self.judge(far, found, &tokens, asked, suspect).await?;
        // not kept for as long as somebody else may load
        drop(got);
        match judged {
            Judged::Answer(said) => Ok(said),
            Judged::Rejected(..) if purpose == Purpose::Look => Ok(Said::Near),
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
