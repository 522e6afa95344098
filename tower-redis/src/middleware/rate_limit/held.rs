//! What a request has been charged, while it may still be given back.

use crate::limit::Reservation;

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
    reservation: Option<Reservation>,
    until: Until,
    begun: bool,
}

impl Held {
    pub(super) fn new(reservation: Reservation, until: Until) -> Box<Self> {
        Box::new(Self {
            reservation: Some(reservation),
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
        self.reservation = None;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.begun
            && self.until != Until::Sent
            && let Some(reservation) = self.reservation.take()
        {
            reservation.keep();
        }
    }
}
