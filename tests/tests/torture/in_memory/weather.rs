//! What happens to the ways of a process.

use std::time::Duration;

use tests::torture::{Instant, Trouble, What};

use super::seat::Seat;
use tests::Random;

/// The ways of one process.
#[derive(Debug)]
pub(super) struct Weather {
    seat: Seat,
    feed: Feed,
    data: Option<Instant>,
    beat: Duration,
    /// For how many steps what is being replaced may be cut off.
    unsettled: u64,
}

#[derive(Debug, Clone, Copy)]
enum Feed {
    Up,
    /// Messages wait.
    Held(Instant),
    /// The connection is gone.
    Cut(Instant),
    /// A message was lost, or the next one will be.
    Lossy(Instant),
}

/// The longest a live feed goes without a PING.
const BEAT: Duration = Duration::from_secs(1);

/// More steps than most of what replaces something takes.
const UNSETTLED: u64 = 200;

impl Weather {
    pub(super) fn of(seat: &Seat) -> Self {
        Self {
            seat: seat.clone(),
            feed: Feed::Up,
            data: None,
            beat: seat.0.log.time(),
            unsettled: 0,
        }
    }

    /// The clock was turned.
    pub(super) fn pass(&mut self, random: &mut Random) {
        let now = self.seat.0.log.time();
        if matches!(self.feed, Feed::Up) && (now >= self.beat + BEAT || random.once_in(3)) {
            self.seat.0.far.beat();
            self.beat = now;
        }
    }

    /// Something happens to its feed.
    pub(super) fn break_feed(&mut self, random: &mut Random, speak: impl FnOnce()) {
        if !matches!(self.feed, Feed::Up) {
            return;
        }
        let now = self.seat.0.log.now();
        let far = &self.seat.0.far;
        self.feed = match random.below(4) {
            0 => {
                far.cut_feed();
                Feed::Cut(now)
            }
            1 | 2 => {
                // the first to be heard after a subscription is not known to follow another one
                speak();
                far.lose_messages(1);
                Feed::Lossy(now)
            }
            _ => {
                far.hold_messages();
                Feed::Held(now)
            }
        };
    }

    /// Its feed is as it should be again.
    pub(super) fn mend_feed(&mut self, random: &mut Random, speak: impl FnOnce()) {
        let far = &self.seat.0.far;
        let begin = match self.feed {
            Feed::Up => return,
            Feed::Held(begin) => {
                if random.once_in(2) {
                    far.cut_feed();
                    far.deliver();
                    far.join_feed();
                } else {
                    far.deliver();
                    far.beat();
                }
                begin
            }
            Feed::Cut(begin) => {
                far.join_feed();
                begin
            }
            Feed::Lossy(begin) => {
                speak();
                far.beat();
                begin
            }
        };
        self.feed = Feed::Up;
        self.beat = self.seat.0.log.time();
        let what = What::Trouble(Trouble::Feed);
        self.seat.0.log.end(self.seat.0.process, begin, what);
    }

    /// Something is about to be replaced.
    pub(super) fn unsettle(&mut self) {
        self.unsettled = UNSETTLED;
    }

    /// What is being replaced may be cut off half-way.
    pub(super) fn strike(&mut self, random: &mut Random) {
        self.unsettled = self.unsettled.saturating_sub(1);
        if self.unsettled > 0 && random.once_in(4 * UNSETTLED) {
            self.break_data();
        }
    }

    /// Its way to the data is cut.
    pub(super) fn break_data(&mut self) {
        if self.data.is_some() {
            return;
        }
        let inner = &self.seat.0;
        self.data = Some(inner.log.now());
        inner.far.cut_data();
    }

    /// Its way to the data is there again.
    pub(super) fn mend_data(&mut self) {
        let Some(begin) = self.data.take() else {
            return;
        };
        let inner = &self.seat.0;
        inner.far.join_data();
        inner
            .log
            .end(inner.process, begin, What::Trouble(Trouble::Data));
    }
}
