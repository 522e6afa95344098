//! What a request has been charged, while it may still be given back.

use crate::limit::{Kept, Reservation};

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

#[derive(Debug)]
enum Permits {
    None,
    Reserved(Reservation),
    /// Held, and renewed meanwhile.
    Kept(#[expect(dead_code, reason = "dropped, it is given back")] Kept),
}

/// The permits of one request.
#[derive(Debug)]
pub(super) struct Held {
    permits: Permits,
    until: Until,
    begun: bool,
}

impl Held {
    pub(super) fn new(reservation: Reservation, until: Until) -> Box<Self> {
        Box::new(Self {
            permits: match until {
                // nobody knows how long that takes
                Until::Sent => Permits::Kept(Kept::new(reservation)),
                Until::Begun | Until::Answered => Permits::Reserved(reservation),
            },
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
        self.permits = Permits::None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.begun
            && let Permits::Reserved(reservation) =
                std::mem::replace(&mut self.permits, Permits::None)
        {
            reservation.keep();
        }
    }
}
