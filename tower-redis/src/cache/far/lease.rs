//! The right to fill, unless something turns up.

use std::pin::pin;

use futures_util::future::{Either, select};
use tokio::runtime::Handle;

use crate::error::Error;
use crate::store::{Lease, Leased};

use crate::cache::engine::Engine;
use crate::cache::entry::Entry;
use crate::cache::flight::Permit;
use crate::cache::hold::Hold;
use crate::cache::lineage::is_within_load;
use crate::cache::terms::Call;

use super::asked::Asked;
use super::holding::{HOLD, Holding};
use super::judged::{Judged, Rejected, Said};
use super::ticket::Granted;
use super::tier::Far;

/// How often an entry that turns up is looked at, before the load goes without a lease.
const LOOKS: usize = 3;

impl<V: Hold> Engine<V> {
    /// The right to fill, unless something turns up. With one flight for all processes, that may be what
    /// another one loads.
    pub(super) async fn lease(
        &self,
        far: &Far<V>,
        (asked, call, permit): (&Asked<'_>, &Call, &Permit<V>),
        suspect: Option<&Entry<V>>,
        mut rejected: Rejected<V>,
    ) -> Result<Said<V>, Error> {
        let stamp = self.late_stamp(far, call).await?;
        let granted = |lease: Lease, rejected: Rejected<V>, holding| {
            let granted = Box::new(Granted {
                place: asked.place.clone(),
                lease,
                tokens: rejected.tokens,
                stamp,
                holding,
            });
            Ok(Said::Granted(granted, rejected.stale))
        };
        let mut for_all = self.loads_for_all(call);
        let mut looks = 0;
        while looks < LOOKS {
            // before the lease is asked for, or its end could be missed
            let arrival = for_all.then(|| far.watch.arrival(&asked.place.key));
            let leased = if for_all {
                far.store
                    .lease_fleet(&asked.place, rejected.id, HOLD)
                    .await?
            } else {
                far.store.lease(&asked.place, rejected.id).await?
            };
            match leased {
                Leased::Granted(lease) => {
                    let holding = if for_all {
                        Holding::begin(&far.store, &asked.place, &lease)
                    } else {
                        None
                    };
                    return granted(lease, rejected, holding);
                }
                // it failed elsewhere: nobody queues for the next failure
                Leased::Failed { lease, .. } => return granted(lease, rejected, None),
                Leased::Foreign => return Ok(Said::Near),
                Leased::Held { rest } => {
                    if let Some(arrival) = arrival {
                        let arrival = pin!(tokio::time::timeout(rest, arrival));
                        let needed = pin!(permit.node().needed());
                        // it has to be looked at in any case; that the other process loads may be for a load of
                        // this one that waits here, and nobody could see the circle
                        for_all = matches!(select(arrival, needed).await, Either::Left(_));
                    }
                    let (present, tokens) = (asked.present(), &mut rejected.tokens);
                    let (found, _) = far.get(&asked.place, &present, tokens).await?;
                    match self.turned_up(far, asked, suspect, found, rejected).await? {
                        Ok(said) => return Ok(said),
                        Err(other) => rejected = other,
                    }
                }
                Leased::There(found) => {
                    looks += 1;
                    match self.turned_up(far, asked, suspect, found, rejected).await? {
                        Ok(said) => return Ok(said),
                        Err(other) => rejected = other,
                    }
                }
            }
        }
        Ok(Said::Near)
    }

    async fn turned_up(
        &self,
        far: &Far<V>,
        asked: &Asked<'_>,
        suspect: Option<&Entry<V>>,
        found: crate::store::Found,
        rejected: Rejected<V>,
    ) -> Result<Result<Said<V>, Rejected<V>>, Error> {
        let tokens = rejected.tokens;
        let judged = self.judge(far, &found, &tokens, asked, suspect).await?;
        Ok(match judged {
            Judged::Answer(said) => Ok(said),
            Judged::Rejected(id, stale) => Err(Rejected { id, stale, tokens }),
        })
    }

    /// Whether one process loads for all. Outside a Tokio runtime nothing tells the time to wait for it. What is
    /// itself part of a load does not wait: the one that loads may need that load, and nobody could see the circle.
    fn loads_for_all(&self, call: &Call) -> bool {
        let may_wait = !call.per_process && !is_within_load();
        self.loads().fleet_flight && may_wait && Handle::try_current().is_ok()
    }
}
