//! Whether an entry of the near tier may be used without a look at the far one.

#[cfg(any(test, feature = "testing"))]
use crate::cache::fault::CacheFault;
use crate::cache::tie::Tie;
use crate::clock::Moment;

use super::outage::Outage;
use super::tier::Far;

impl<V> Far<V> {
    /// Whether what `tie` belongs to may be used at `now`: no message that concerns it can have been
    /// missed, or it was loaded while none could be heard.
    #[inline]
    pub(crate) fn trusts(&self, tie: &Tie, now: Moment) -> bool {
        #[cfg(any(test, feature = "testing"))]
        if CacheFault::EpochIsNotCompared.is_committed() {
            return self.watch.is_live(now);
        }
        match tie.seen() {
            (epoch, false) => self.watch.admits(epoch, now),
            (epoch, true) => self.watch.epoch() == epoch,
        }
    }

    /// Whether everything that others do is heard of at `now`.
    pub(crate) fn hears(&self, now: Moment) -> bool {
        self.watch.is_live(now)
    }

    /// Whether what `tie` belongs to may be used at `now` although a message may have been missed,
    /// because Redis does not answer.
    pub(super) fn tolerates(&self, tie: &Tie, now: Moment) -> bool {
        let Outage::Grace { grace, .. } = self.outage else {
            return false;
        };
        self.watch.admitted_within(grace, tie.seen().0, now)
    }
}
