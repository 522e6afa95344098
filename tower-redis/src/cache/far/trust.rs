//! Whether an entry of the near tier may be used without a look at the far one.

use std::time::Duration;

#[cfg(any(test, feature = "testing"))]
use crate::cache::fault::CacheFault;
use crate::cache::hold::Hold;
use crate::cache::tie::Tie;
use crate::clock::Moment;

use super::outage::Outage;
use super::tier::Far;

/// For how long what was loaded while Redis did not answer is used without asking again whether it does: less
/// than it may take to notice that messages were lost.
const UNASKED: Duration = Duration::from_secs(1);

impl<V: Hold> Far<V> {
    /// Whether what `tie` belongs to may be used at `now`: no message that concerns it can have been
    /// missed, or it was loaded while none could be heard.
    #[inline]
    pub(crate) fn trusts(&self, tie: &Tie, now: Moment) -> bool {
        #[cfg(any(test, feature = "testing"))]
        if CacheFault::EpochIsNotCompared.is_committed() {
            return self.watch.is_live(now);
        }
        match tie.sheltered_at() {
            None => self.watch.admits(tie.seen(), now),
            Some(at) => self.watch.epoch() == tie.seen() && now.since(at) < UNASKED,
        }
    }

    /// Whether everything that others do is heard of at `now`.
    pub(crate) fn hears(&self, now: Moment) -> bool {
        self.watch.is_live(now)
    }

    /// Whether what `tie` belongs to may be used at `now` although a message may have been missed,
    /// because Redis does not answer.
    pub(crate) fn tolerates(&self, tie: &Tie, now: Moment) -> bool {
        let Outage::Grace { grace, .. } = self.outage else {
            return false;
        };
        match tie.sheltered_at() {
            None => self.watch.admitted_within(grace, tie.seen(), now),
            Some(_) => self.watch.epoch() == tie.seen(),
        }
    }
}
