//! What a request has been charged, while it may still be given back.

use crate::limit::{Renewing, Reservation};

/// Until when it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// Until the service begins to work on the request.
    Begun,
    /// Until there is an answer, which says whether it counts.
    Answered,
    /// Until the answer has been sent: then it is, always.
    Sent,
}

/// The permits of one request.
#[derive(Debug)]
pub(super) struct Held {
    permits: Option<Permits>,
    until: Until,
    begun: bool,
}

#[derive(Debug)]
enum Permits {
    /// They are kept, unless they are given back.
    Once(Reservation),
    /// They are given back, however long that takes.
    #[expect(dead_code, reason = "dropped, they are given back")]
    Lasting(Renewing),
}

impl Held {
    pub(super) fn new(reservation: Reservation, until: Until) -> Box<Self> {
        let permits = match until {
            // what a policy in shadow would have refused holds nothing
            Until::Sent if reservation.permits() > 0 => {
                Permits::Lasting(Renewing::new(reservation))
            }
            Until::Begun | Until::Answered | Until::Sent => Permits::Once(reservation),
        };
        Box::new(Self {
            permits: Some(permits),
            until,
            begun: false,
        })
    }

    /// From now on who leaves has been served.
    pub(super) fn begin(&mut self) {
        self.begun = true;
    }

    pub(super) fn until(&self) -> Until {
        self.until
    }

    /// What the request turned out not to owe.
    pub(super) fn give_back(&mut self) {
        self.permits = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.begun
            && let Some(Permits::Once(reservation)) = self.permits.take()
        {
            reservation.keep();
        }
    }
}
