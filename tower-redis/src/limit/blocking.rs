//! Asking a limiter on a thread that waits for the answer.

use tokio::task::coop::unconstrained;

use crate::store::apart;

use super::charge::{Charged, Judged};
use super::decision::Decision;
use super::limiter::Limiter;
use super::reservation::Reservation;

impl Limiter {
    /// As [`check_n`](Self::check_n). It joins no call of others: who carries that on may need this thread.
    pub(crate) fn check_blocking(&self, key: &[u8], cost: u32) -> Decision {
        self.judge_blocking(key, self.member().price(cost.into()))
            .decision
    }

    /// As [`reserve`](Self::reserve).
    pub(crate) fn reserve_blocking(&self, key: &[u8], cost: u32) -> Result<Reservation, Decision> {
        let price = self.member().price(cost.into());
        let age = self.member().resets.age();
        let judged = self.judge_blocking(key, price);
        self.reserved(key.into(), price, (judged, age))
    }

    fn judge_blocking(&self, key: &[u8], price: u64) -> Judged {
        let member = self.member();
        if let Some(known) = member.known(key) {
            return Judged::of(known, Charged::default());
        }
        let judged = {
            let _apart = apart();
            // a thread that blocks gives nothing back to the task it may be part of, so it has no budget
            pollster::block_on(unconstrained(self.take(key, price, 1)))
        };
        member.learn(key, &judged.decision);
        judged
    }
}
