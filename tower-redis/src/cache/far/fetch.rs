//! The far tier's part of a lookup: an answer, or the right to leave one there.

use std::sync::Arc;

use crate::clock::Moment;
use crate::error::Error;
use crate::store::{EntryId, Found, Held, Leased};

use crate::cache::engine::Engine;
use crate::cache::entry::{Entry, Premises, Shared};
use crate::cache::flight::{Outcome, Permit};
use crate::cache::status::Status;
use crate::cache::tags::Marks;
use crate::cache::terms::Call;
use crate::cache::tie::Tie;

use super::asked::Asked;
use super::look::{Looked, Present};
use super::ticket::{Fetched, Flight, Granted, Ticket};
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

/// How often an entry that turns up is looked at, before the load goes without a lease.
const LOOKS: usize = 3;

impl<V: Send + Sync + 'static> Engine<V> {
    /// What the far tier has for `key`, stored near under `permit`; or what a load of it needs.
    pub(crate) async fn fetch(&self, key: &[u8], call: &Call, permit: Permit<V>) -> Fetched<V> {
        self.fetch_to(Purpose::Load, key, call, permit).await
    }

    /// What the far tier has for `key`, for a caller who will not load.
    pub(crate) async fn look(&self, key: &[u8], permit: Permit<V>) -> Option<(Shared<V>, Status)> {
        let call = Call::default();
        match self.fetch_to(Purpose::Look, key, &call, permit).await {
            Fetched::Far(entry) => Some((entry, Status::Far)),
            Fetched::Suspect(entry) => Some((entry, Status::Suspect)),
            Fetched::Load(_) => None,
        }
    }

    async fn fetch_to(
        &self,
        purpose: Purpose,
        key: &[u8],
        call: &Call,
        permit: Permit<V>,
    ) -> Fetched<V> {
        let Some(far) = self.far() else {
            return load(permit, Ticket::Near);
        };
        let premises = permit.premises().clone();
        let suspect = self.suspect(key, &premises);
        let asked = Asked::of(far, key, call, &premises, self.now());
        match self.ask(far, purpose, &asked, suspect.as_ref()).await {
            Ok(Said::Same) if let Some(entry) = suspect => {
                entry.tie.renew(premises.feed);
                self.fill(permit, Arc::clone(&entry));
                Fetched::Far(entry)
            }
            Ok(Said::Same) => load(permit, Ticket::Near),
            Ok(Said::Entry(good)) => {
                let entry = self.copy(key, good, &premises, asked.now);
                self.fill(permit, Arc::clone(&entry));
                Fetched::Far(entry)
            }
            Ok(Said::Granted(granted)) => load(permit, Ticket::Leased(Box::new(granted))),
            Ok(Said::Near) => load(permit, Ticket::Near),
            Err(error) => {
                self.far_failed(&error);
                match suspect {
                    Some(entry) if far.tolerates(&entry.tie, self.now()) => {
                        entry.tie.shelter_on(self.now());
                        permit.settle().tell(Outcome::Value(Arc::clone(&entry)));
                        Fetched::Suspect(entry)
                    }
                    _ => load(permit, Ticket::Away),
                }
            }
        }
    }

    /// The entry near that would be usable if no message had been missed.
    fn suspect(&self, key: &[u8], premises: &Premises) -> Option<Shared<V>> {
        let entry = self.near().peek(key)?;
        entry.usable(self.now(), premises.epoch).then_some(entry)
    }

    async fn ask(
        &self,
        far: &Far<V>,
        purpose: Purpose,
        asked: &Asked,
        suspect: Option<&Shared<V>>,
    ) -> Result<Said<V>, Error> {
        let present = asked.present();
        let (found, tokens) = far.get(&asked.place, &present).await?;
        match self.judge(far, found, &tokens, &present, suspect).await? {
            Judged::Answer(said) => Ok(said),
            Judged::Rejected(_) if purpose == Purpose::Look => Ok(Said::Near),
            // apart, so that the future of a lookup does not carry what only a load needs
            Judged::Rejected(rejected) => {
                Box::pin(self.lease(far, asked, suspect, tokens, rejected)).await
            }
        }
    }

    /// The right to fill, unless something turns up.
    async fn lease(
        &self,
        far: &Far<V>,
        asked: &Asked,
        suspect: Option<&Shared<V>>,
        tokens: Tokens,
        mut rejected: Option<EntryId>,
    ) -> Result<Said<V>, Error> {
        let present = asked.present();
        for _ in 0..LOOKS {
            match far.store.lease(&asked.place, rejected).await? {
                Leased::Granted(lease) => {
                    let place = asked.place.clone();
                    return Ok(Said::Granted(Granted {
                        place,
                        lease,
                        tokens,
                    }));
                }
                Leased::Foreign | Leased::Held { .. } | Leased::Failed { .. } => {
                    return Ok(Said::Near);
                }
                Leased::There(found) => {
                    rejected = match self.judge(far, found, &tokens, &present, suspect).await? {
                        Judged::Answer(said) => return Ok(said),
                        Judged::Rejected(rejected) => rejected,
                    }
                }
            }
        }
        Ok(Said::Near)
    }

    async fn judge(
        &self,
        far: &Far<V>,
        found: Found,
        tokens: &Tokens,
        present: &Present<'_>,
        suspect: Option<&Shared<V>>,
    ) -> Result<Judged<V>, Error> {
        let (held, marks) = match far.judge(found, tokens, present).await? {
            Looked::Good(held, marks) => (held, marks),
            Looked::Bad(rejected) => return Ok(Judged::Rejected(rejected)),
            Looked::Unreadable(id) => {
                self.counts().undecodable.bump();
                return Ok(Judged::Rejected(Some(id)));
            }
            Looked::Foreign => return Ok(Judged::Answer(Said::Near)),
        };
        if suspect.is_some_and(|entry| entry.tie.id() == Some(held.id)) {
            return Ok(Judged::Answer(Said::Same));
        }
        match far.read(&held) {
            Ok(value) => Ok(Judged::Answer(Said::Entry(Good { value, held, marks }))),
            Err(_) => {
                self.counts().undecodable.bump();
                Ok(Judged::Rejected(Some(held.id)))
            }
        }
    }

    /// A copy for the near tier of what lies far. What is left of its life counts from when it was asked for: the
    /// answer took its time.
    fn copy(&self, key: &[u8], good: Good<V>, premises: &Premises, asked: Moment) -> Shared<V> {
        let Good { value, held, marks } = good;
        let lives = held.fresh.unwrap_or_else(|| self.ttl_of(&value));
        Arc::new(Entry {
            weight: self.weigh(key, &value),
            expires: asked.after(lives),
            tie: Tie::to(Some(held.id), premises.feed),
            premises: Premises {
                marks,
                ..premises.clone()
            },
            value,
        })
    }
}

fn load<V: Send + Sync + 'static>(permit: Permit<V>, ticket: Ticket) -> Fetched<V> {
    let anew = false;
    Fetched::Load(Flight {
        permit,
        ticket,
        anew,
    })
}

enum Said<V> {
    Same,
    Entry(Good<V>),
    Granted(Granted),
    Near,
}

struct Good<V> {
    value: V,
    held: Held,
    marks: Marks,
}

enum Judged<V> {
    Answer(Said<V>),
    Rejected(Option<EntryId>),
}
