//! One load for all processes.

use std::time::Duration;

use crate::error::Error;
use crate::store::entry::{Holder, Lease, Leased, Place};
use crate::store::ops::{self, Claim, Rejected};
use crate::wire::Lane;

use super::handle::RedisStore;

impl RedisStore {
    pub(super) async fn leased_for_all(
        &self,
        at: &Place,
        rejected: Rejected,
        hold: Duration,
    ) -> Result<Leased, Error> {
        let holder = Holder::draw();
        let op = ops::lease_for_all(at, rejected, holder, hold);
        let lent = self.one(Lane::Control, op).await?.lent()?;
        Ok(match self.lent(at, lent) {
            Leased::Granted(lease) => Leased::Granted(lease.held_by(holder)),
            other => other,
        })
    }

    pub(super) async fn renewed(
        &self,
        at: &Place,
        lease: &Lease,
        hold: Duration,
    ) -> Result<bool, Error> {
        let Some(holder) = lease.holder() else {
            return Ok(false);
        };
        let op = ops::claim(at, lease, holder, Claim::Held(hold));
        self.one(Lane::Control, op).await?.stored()
    }

    /// Ends it, and wakes those who wait. What is only shared nobody waits for.
    pub(super) async fn settled(
        &self,
        at: &Place,
        lease: &Lease,
        claim: Claim,
    ) -> Result<(), Error> {
        let Some(holder) = lease.holder() else {
            return Ok(());
        };
        let ops = vec![ops::claim(at, lease, holder, claim), self.tell_settled(at)];
        self.batch(Lane::Control, ops).await?.all_done()
    }
}
