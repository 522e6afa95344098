//! A look at the far tier by one who may have to load although there is something.

use crate::error::Error;
use crate::store::EntryId;

use crate::cache::engine::Engine;
use crate::cache::entry::Entry;
use crate::cache::flight::{Fills, Permit};
use crate::cache::hold::Hold;
use crate::cache::terms::Call;

use super::asked::Asked;
use super::fetch::load;
use super::judged::{Judged, Rejected, Said};
use super::ticket::{Fetched, Ticket};
use super::tier::Far;
use super::tokens::Tokens;

impl<V: Hold> Engine<V> {
    /// [`fetch`](Self::fetch) for a caller whom not everything helps: what it `rejects` is stored near, and it gets
    /// the right to put something in its place.
    pub(crate) async fn fetch_unless<R>(
        &self,
        key: &[u8],
        call: &Call,
        permit: Permit<V>,
        rejects: R,
    ) -> Fetched<V>
    where
        R: Fn(&V::Value) -> bool + Send + Sync,
    {
        let Some(far) = self.far() else {
            return load(permit, Ticket::Near, None);
        };
        let suspect = self.suspect(key);
        let mut asked = Asked::of(far, key, call, permit.premises(), self.now());
        asked.stale_helps = self.core().keeps_stale();
        let question = (&asked, call, &permit);
        let said = self.ask_unless(far, question, suspect.as_ref(), &rejects);
        let said = said.await.map_err(|error| self.far_failed(&error)).ok();
        self.touch(far, &asked, said.as_ref()).await;
        self.conclude(key, suspect, said, permit, None)
    }

    async fn ask_unless(
        &self,
        far: &Far<V>,
        (asked, call, permit): (&Asked<'_>, &Call, &Permit<V>),
        suspect: Option<&Entry<V>>,
        rejects: &(impl Fn(&V::Value) -> bool + Send + Sync),
    ) -> Result<Said<V>, Error> {
        let mut tokens = Tokens::default();
        let said = match self.judged(far, asked, suspect, &mut tokens).await? {
            Judged::Answer(said) => said,
            Judged::Rejected(id, stale) => {
                let rejected = Rejected { id, stale, tokens };
                return self
                    .lease(far, (asked, call, permit), suspect, rejected)
                    .await;
            }
        };
        let id = match said {
            Said::Entry(entry) if rejects(entry.value().value()) => {
                self.place(permit, &entry);
                entry_id(&entry)
            }
            Said::Same => match suspect {
                Some(entry) if rejects(entry.value().value()) => {
                    let seen = self.renewed(entry.clone(), permit.premises().feed);
                    self.place(permit, &seen);
                    entry_id(entry)
                }
                _ => return Ok(Said::Same),
            },
            Said::Entry(_) | Said::Granted(..) | Said::Near => return Ok(said),
        };
        let rejected = Rejected {
            id,
            stale: None,
            tokens,
        };
        self.lease(far, (asked, call, permit), None, rejected).await
    }
}

fn entry_id<V>(entry: &Entry<V>) -> Option<EntryId> {
    entry.bonds().and_then(|bonds| bonds.tie.id())
}
