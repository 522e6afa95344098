//! Many keys at once: one round trip to look, one for the right to fill, and one to fill.

use std::mem;

use futures_util::future::join_all;

use crate::error::Error;
use crate::store::{self, EntryId, Lease, Leased, New, Place};

use crate::cache::engine::Engine;
use crate::cache::entry::Entry;
use crate::cache::flight::{Fills, Glance, Permit};
use crate::cache::hold::Hold;
use crate::cache::old::Old;
use crate::cache::premises::Premises;
use crate::cache::status::Status;
use crate::cache::terms::Call;

use super::asked::Asked;
use super::brought::Brought;
use super::fetch::load;
use super::fill::Told;
use super::judged::{Judged, Rejected, Said};
use super::ticket::{Fetched, Flight, Granted, Ticket};
use super::tier::Far;

/// A key to look for.
pub(crate) struct Wanted<'k, V: Hold> {
    pub(crate) key: &'k [u8],
    pub(crate) permit: Permit<V>,
    /// What was near.
    pub(crate) old: Option<Old<V>>,
}

/// A key that was loaded.
pub(crate) struct Loaded<'k, V: Hold> {
    pub(crate) key: &'k [u8],
    pub(crate) flight: Flight<V>,
    pub(crate) brought: Brought<V>,
}

/// One of many questions.
struct One<'a, V: Hold> {
    asked: Asked<'a>,
    suspect: Option<Entry<V>>,
}

/// What was near for one of them, and what the far tier said.
type Ended<V> = (Option<Entry<V>>, Option<Said<V>>);

impl<V: Hold> Engine<V> {
    /// [`fetch`](Self::fetch) for many keys, whose loads rest on the same. What another process is loading for
    /// all is not waited for.
    pub(crate) async fn fetch_many(
        &self,
        call: &Call,
        wanted: Vec<Wanted<'_, V>>,
    ) -> Vec<Fetched<V>> {
        let Some(far) = self.far() else {
            let near = |wanted: Wanted<'_, V>| load(wanted.permit, Ticket::Near, wanted.old);
            return wanted.into_iter().map(near).collect();
        };
        let stale_helps = self.core().keeps_stale();
        let each = wanted.iter().map(|one| (one.key, one.permit.premises()));
        let all = self.ones(far, call, each, stale_helps);
        // apart, so that a lookup in memory does not carry it
        let said = Box::pin(async {
            let mut judged = self.judge_many(far, &all).await?;
            self.lease_many(far, call, (&wanted, &all), &mut judged)
                .await?;
            Ok::<_, Error>(judged)
        });
        let said = said.await.map_err(|error| self.far_failed(&error)).ok();
        let ended = self.end_looks(far, all, said).await;
        let each = wanted.into_iter().zip(ended);
        let fetched = each.map(|(one, (suspect, said))| {
            self.conclude(one.key, suspect, said, one.permit, one.old)
        });
        fetched.collect()
    }

    /// [`look`](Self::look) for many keys.
    pub(crate) async fn look_many(&self, wanted: Vec<Glance<'_, V>>) -> Vec<Option<(V, Status)>> {
        let Some(far) = self.far() else {
            return wanted.iter().map(|_| None).collect();
        };
        let each = wanted
            .iter()
            .map(|glance| (glance.key(), glance.premises()));
        let all = self.ones(far, &Call::default(), each, false);
        let said = Box::pin(self.judge_many(far, &all)).await;
        let said = said.map_err(|error| self.far_failed(&error)).ok();
        let ended = self.end_looks(far, all, said).await;
        let each = wanted.into_iter().zip(ended);
        let looked = each.map(|(glance, (suspect, said))| self.looked(glance, suspect, said));
        looked.collect()
    }

    /// What was near for each of `all`, and what the far tier `said` of it, which has been used.
    async fn end_looks(
        &self,
        far: &Far<V>,
        all: Vec<One<'_, V>>,
        said: Option<Vec<Found<V>>>,
    ) -> Vec<Ended<V>> {
        let mut ended = Vec::with_capacity(all.len());
        let mut said = said.into_iter().flatten();
        for One { asked, suspect } in all {
            let said = said.next().map(Found::said);
            self.touch(far, &asked, said.as_ref()).await;
            ended.push((suspect, said));
        }
        ended
    }

    fn ones<'a>(
        &self,
        far: &Far<V>,
        call: &Call,
        wanted: impl Iterator<Item = (&'a [u8], &'a Premises)>,
        stale_helps: bool,
    ) -> Vec<One<'a, V>> {
        let now = self.now();
        let one = |(key, premises)| {
            let mut asked = Asked::of(far, key, call, premises, now);
            asked.stale_helps = stale_helps;
            let suspect = self.suspect(key);
            One { asked, suspect }
        };
        wanted.map(one).collect()
    }

    async fn judge_many(&self, far: &Far<V>, all: &[One<'_, V>]) -> Result<Vec<Found<V>>, Error> {
        let Some(first) = all.first() else {
            return Ok(Vec::new());
        };
        let places: Vec<Place> = all.iter().map(|one| one.asked.place.clone()).collect();
        let (found, tokens) = far.get_many(&places, &first.asked.present()).await?;
        let judge = async |(one, found): (&One<'_, V>, store::Found)| {
            let (asked, suspect) = (&one.asked, one.suspect.as_ref());
            let judged = self.judge(far, &found, &tokens, asked, suspect).await?;
            Ok(match judged {
                Judged::Answer(said) => Found::Said(said),
                Judged::Rejected(id, stale) => Found::Rejected(Rejected {
                    id,
                    stale,
                    tokens: tokens.clone(),
                }),
            })
        };
        let judged = join_all(all.iter().zip(found).map(judge)).await;
        judged.into_iter().collect()
    }

    /// The right to fill where nothing was found, unless something turns up.
    async fn lease_many(
        &self,
        far: &Far<V>,
        call: &Call,
        (all, ones): (&[Wanted<'_, V>], &[One<'_, V>]),
        found: &mut [Found<V>],
    ) -> Result<(), Error> {
        let (mut rejected, mut wanted) = (Vec::new(), Vec::new());
        for ((all, one), found) in all.iter().zip(ones).zip(found) {
            if let Some(known) = found.take_rejected() {
                wanted.push((one.asked.place.clone(), known.id));
                rejected.push((&all.permit, one, found, known));
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let stamp = self.late_stamp(far, call).await?;
        let leased = far.store.lease_many(&wanted).await?;
        for ((permit, one, found, rejected), leased) in rejected.into_iter().zip(leased) {
            *found = Found::Said(match leased {
                Leased::Granted(lease) | Leased::Failed { lease, .. } => {
                    let granted = Box::new(Granted {
                        place: one.asked.place.clone(),
                        lease,
                        tokens: rejected.tokens,
                        stamp,
                        holding: None,
                    });
                    Said::Granted(granted, rejected.stale)
                }
                Leased::Foreign => Said::Near,
                // somebody was faster: seldom, so each is looked at by itself
                Leased::There(_) | Leased::Held { .. } => {
                    let (asked, suspect) = ((&one.asked, call, permit), one.suspect.as_ref());
                    Box::pin(self.lease(far, asked, suspect, rejected)).await?
                }
            });
        }
        Ok(())
    }

    /// [`settle`](Self::settle) for many keys.
    pub(crate) async fn settle_many(&self, mut loaded: Vec<Loaded<'_, V>>) {
        #[cfg(any(test, feature = "testing"))]
        for loaded in &loaded {
            loaded.flight.permit.end_early().await;
        }
        let told = match self.far() {
            // apart, so that a lookup in memory does not carry it
            Some(far) => Box::pin(self.fill_many(far, &mut loaded)).await,
            None => loaded.iter().map(|_| Told::Stored(None)).collect(),
        };
        for (loaded, told) in loaded.into_iter().zip(told) {
            let Loaded {
                key,
                flight,
                brought,
            } = loaded;
            self.keep_near(key, flight.permit, brought, told);
        }
    }

    async fn fill_many(&self, far: &Far<V>, loaded: &mut [Loaded<'_, V>]) -> Vec<Told> {
        let late = async |loaded: &Loaded<'_, V>| match &loaded.flight.ticket {
            Ticket::Leased(granted) => self.late(far, granted.stamp, &loaded.brought).await,
            Ticket::Near | Ticket::Away => Ok(None),
        };
        let late = join_all(loaded.iter().map(late)).await;
        let mut told = Vec::with_capacity(loaded.len());
        let (mut filled, mut entries) = (Vec::new(), Vec::<(Place, Lease, New)>::new());
        for (at, (loaded, late)) in loaded.iter_mut().zip(late).enumerate() {
            let ticket = mem::replace(&mut loaded.flight.ticket, Ticket::Near);
            told.push(match (ticket, late) {
                (Ticket::Leased(granted), Ok(late)) => {
                    let Granted {
                        place,
                        lease,
                        tokens,
                        ..
                    } = *granted;
                    if !loaded.brought.ttl.is_zero()
                        && let Some(new) = self.new_entry(far, &loaded.brought, &tokens, late)
                    {
                        filled.push(at);
                        entries.push((far.place_of(place, &new), lease, new));
                    }
                    Told::Stored(None)
                }
                (Ticket::Leased(_), Err(error)) => self.away(&error),
                (Ticket::Away, _) => Told::Away,
                (Ticket::Near, _) => Told::Stored(None),
            });
        }
        let stored = match &entries[..] {
            [] => return told,
            entries => far.store.fill_many(entries).await,
        };
        let stored: Vec<Told> = match stored {
            Ok(ids) => ids.into_iter().map(stored_as).collect(),
            Err(error) => {
                self.far_failed(&error);
                filled.iter().map(|_| Told::Away).collect()
            }
        };
        for (at, stored) in filled.into_iter().zip(stored) {
            told[at] = stored;
        }
        told
    }
}

fn stored_as(id: Option<EntryId>) -> Told {
    id.map_or(Told::Refused, |id| Told::Stored(Some(id)))
}

/// What was found for one of many.
enum Found<V> {
    Said(Said<V>),
    Rejected(Rejected<V>),
}

impl<V> Found<V> {
    /// For who will not load, nothing was found where what was is no answer.
    fn said(self) -> Said<V> {
        match self {
            Self::Said(said) => said,
            Self::Rejected(_) => Said::Near,
        }
    }

    fn take_rejected(&mut self) -> Option<Rejected<V>> {
        match mem::replace(self, Self::Said(Said::Near)) {
            Self::Rejected(rejected) => Some(rejected),
            said @ Self::Said(_) => {
                *self = said;
                None
            }
        }
    }
}
