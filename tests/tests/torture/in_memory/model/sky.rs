//! What happens to the ways of a process.

use std::time::Duration;

use super::super::witness::Witness;
use super::seat::Seat;
use tests::Random;

/// The ways of one process.
#[derive(Debug)]
pub(super) struct Sky {
    seat: Seat,
    feed: Feed,
    data: bool,
    beat: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Feed {
    Up,
    /// Messages wait.
    Held,
    /// The connection is gone.
    Cut,
    /// A message was lost, or the next one will be.
    Lossy,
}

/// The longest a live feed goes without a PING.
const BEAT: Duration = Duration::from_secs(1);

impl Sky {
    pub(super) fn of(seat: &Seat, now: Duration) -> Self {
        Self {
            seat: seat.clone(),
            feed: Feed::Up,
            data: true,
            beat: now,
        }
    }

    /// The clock was turned to `now`.
    pub(super) fn pass(&mut self, random: &mut Random, now: Duration) {
        if self.feed == Feed::Up && (now >= self.beat + BEAT || random.once_in(3)) {
            self.seat.far.beat();
            self.beat = now;
        }
    }

    /// Something happens.
    pub(super) fn turn(&mut self, random: &mut Random, witness: &Witness) {
        match random.below(8) {
            0..2 => self.breaks_feed(random, witness),
            2 => self.breaks_data(),
            3..6 => self.mends_feed(random, witness),
            _ => self.mends_data(),
        }
    }

    fn breaks_feed(&mut self, random: &mut Random, witness: &Witness) {
        if self.feed != Feed::Up {
            return;
        }
        let far = &self.seat.far;
        self.feed = match random.below(4) {
            0 => {
                far.cut_feed();
                Feed::Cut
            }
            1 | 2 => {
                // the first to be heard after a subscription is not known to follow another one
                witness.speak();
                far.lose_messages(1);
                Feed::Lossy
            }
            _ => {
                far.hold_messages();
                Feed::Held
            }
        };
        self.tells("feed", false);
        let process = self.seat.process;
        self.seat
            .state
            .with(|reference| reference.hears(process, false));
    }

    pub(super) fn mends_feed(&mut self, random: &mut Random, witness: &Witness) {
        let far = &self.seat.far;
        match self.feed {
            Feed::Up => return,
            Feed::Held if random.once_in(2) => {
                far.cut_feed();
                far.deliver();
                far.join_feed();
            }
            Feed::Held => {
                far.deliver();
                far.beat();
            }
            Feed::Cut => far.join_feed(),
            Feed::Lossy => {
                witness.speak();
                far.beat();
            }
        }
        self.feed = Feed::Up;
        self.tells("feed", true);
        let process = self.seat.process;
        self.seat.state.with(|reference| {
            self.beat = reference.now;
            reference.hears(process, true);
        });
    }

    pub(super) fn breaks_data(&mut self) {
        if std::mem::replace(&mut self.data, false) {
            self.seat.far.cut_data();
            self.cuts(false);
        }
    }

    pub(super) fn mends_data(&mut self) {
        if !std::mem::replace(&mut self.data, true) {
            self.seat.far.join_data();
            self.cuts(true);
        }
    }

    fn cuts(&self, there: bool) {
        self.tells("data", there);
        let process = self.seat.process;
        self.seat
            .state
            .with(|reference| reference.cuts(process, there));
    }

    fn tells(&self, way: &str, there: bool) {
        let (process, feed) = (self.seat.process, self.feed);
        self.seat
            .state
            .tell(|| format!("{way} of {process}: {there} ({feed:?})"));
    }
}
