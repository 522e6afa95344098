//! What a request has been charged, while it may still be given back.

use smallvec::SmallVec;

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
    Reserved(Reservation, Until),
    /// Held, and renewed meanwhile.
    Kept(Kept),
}

/// The permits of one request, of one policy or of several.
#[derive(Debug)]
pub(super) struct Held {
    each: SmallVec<[Permits; 1]>,
    begun: bool,
}

impl Held {
    pub(super) fn new(reservation: Reservation, until: Until) -> Box<Self> {
        let each = SmallVec::from_buf([Permits::of(reservation, until)]);
        Box::new(Self { each, begun: false })
    }

    /// Of several policies. What is held stays so until the answer has been sent, and what else was charged may be
    /// given back `until` then, or not at all.
    pub(super) fn each(reservations: Vec<Reservation>, until: Option<Until>) -> Option<Box<Self>> {
        let mut each = SmallVec::new();
        for one in reservations {
            let holds = one.limiter().is_of_held_permits();
            match if holds { Some(Until::Sent) } else { until } {
                Some(until) => each.push(Permits::of(one, until)),
                None => one.keep(),
            }
        }
        (!each.is_empty()).then(|| Box::new(Self { each, begun: false }))
    }

    /// From now on who leaves has been served.
    pub(super) fn begin(&mut self) {
        self.begun = true;
    }

    /// What stays held once there is an answer, which is `charged` for or not.
    pub(super) fn answered(mut self: Box<Self>, charged: bool) -> Option<Box<Self>> {
        let each = std::mem::take(&mut self.each);
        for permits in each {
            match permits {
                Permits::Kept(kept) => self.each.push(Permits::Kept(kept)),
                Permits::Reserved(reservation, Until::Answered) if !charged => drop(reservation),
                Permits::Reserved(reservation, _) => reservation.keep(),
            }
        }
        (!self.each.is_empty()).then_some(self)
    }
}

impl Permits {
    fn of(reservation: Reservation, until: Until) -> Self {
        match until {
            // nobody knows how long that takes
            Until::Sent => Self::Kept(Kept::new(reservation)),
            Until::Begun | Until::Answered => Self::Reserved(reservation, until),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.begun {
            return;
        }
        for permits in std::mem::take(&mut self.each) {
            if let Permits::Reserved(reservation, _) = permits {
                reservation.keep();
            }
        }
    }
}
