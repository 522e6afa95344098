//! Messages of this process that are on their way through Redis and come back.
//!
//! What travels is plain JSON that anybody may read, so nothing in a message says whose it is: one that
//! comes back is recognised by channel and content. Two with the same content are as good as each other;
//! what counts is how many are delivered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;

use super::event::Event;

/// How long one is remembered that may come back or not: no publication takes longer.
const REMEMBERED: Duration = Duration::from_secs(10);
/// The same for one that Redis has published: a connection on which it has not come by then is given up, since
/// no PING was answered either.
const PUBLISHED: Duration = Duration::from_secs(3);
/// How many are remembered at most, besides those that somebody publishes.
const MOST: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Own {
    next: u64,
    on_the_way: VecDeque<OnTheWay>,
    /// How many of them are only remembered.
    ended: usize,
}

#[derive(Debug)]
struct OnTheWay {
    id: u64,
    event: Event,
    text: Arc<str>,
    /// To how many subscriptions; `None` before it was.
    delivered: Option<usize>,
    came_back: bool,
    /// How long it is remembered; `None` while somebody waits for its publication.
    until: Option<Moment>,
}

/// Whether a message that was published may still come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    /// It has come back or never will.
    Over,
    /// Redis has published it, perhaps to this process as well.
    Published,
    /// Redis may have published it, or may do it later.
    Unknown,
}

/// What to do with a message that came from Redis.
#[derive(Debug)]
pub(super) enum Came {
    /// It is of this process and was not delivered yet; [`Own::delivered`] wants to know when it was.
    First(u64, Event),
    /// It is of this process and was delivered.
    Again,
    /// It is somebody else's.
    Foreign,
}

impl Own {
    /// `event`, whose message is `text`, is about to be published.
    pub(super) fn begin(&mut self, event: Event, text: Arc<str>) -> u64 {
        let id = self.next;
        self.next += 1;
        self.on_the_way.push_back(OnTheWay {
            id,
            event,
            text,
            delivered: None,
            came_back: false,
            until: None,
        });
        id
    }

    pub(super) fn delivered(&mut self, id: u64, to: usize) {
        if let Some(one) = self.on_the_way.iter_mut().find(|one| one.id == id) {
            one.delivered = Some(to);
        }
    }

    /// To how many it was delivered; `None` if it was not.
    pub(super) fn reached(&self, id: u64) -> Option<usize> {
        self.on_the_way.iter().find(|one| one.id == id)?.delivered
    }

    /// A message came from Redis.
    pub(super) fn came(&mut self, channel: &str, payload: &[u8], now: Moment) -> Came {
        self.forget(now);
        let same = |one: &&mut OnTheWay| {
            !one.came_back && one.text.as_bytes() == payload && one.event.channel() == channel
        };
        let Some(one) = self.on_the_way.iter_mut().find(same) else {
            return Came::Foreign;
        };
        one.came_back = true;
        match one.delivered {
            Some(_) => Came::Again,
            None => Came::First(one.id, one.event.clone()),
        }
    }

    /// Nobody waits for it any more.
    pub(super) fn end(&mut self, id: u64, echo: Echo, now: Moment) {
        self.forget(now);
        let Some(at) = self.on_the_way.iter().position(|one| one.id == id) else {
            return;
        };
        let remembered = match echo {
            Echo::Over => None,
            Echo::Published => Some(PUBLISHED),
            Echo::Unknown => Some(REMEMBERED),
        };
        match (self.on_the_way.get_mut(at), remembered) {
            (Some(one), Some(remembered)) if !one.came_back => {
                one.until = Some(now.after(remembered));
                self.ended += 1;
                let ended = |one: &OnTheWay| one.until.is_some();
                if self.ended > MOST
                    && let Some(oldest) = self.on_the_way.iter().position(ended)
                {
                    self.remove(oldest);
                }
            }
            _ => self.remove(at),
        }
    }

    fn remove(&mut self, at: usize) {
        let removed = self.on_the_way.remove(at);
        self.ended -= usize::from(removed.is_some_and(|one| one.until.is_some()));
    }

    fn forget(&mut self, now: Moment) {
        self.on_the_way
            .retain(|one| one.until.is_none_or(|until| now < until));
        let ended = self.on_the_way.iter().filter(|one| one.until.is_some());
        self.ended = ended.count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn begin(own: &mut Own, n: u64) -> u64 {
        own.begin(Event::new("a", n.into()), n.to_string().into())
    }

    #[test]
    fn as_many_are_delivered_as_were_published() {
        let now = ManualClock::new().clock().coarse();
        let mut own = Own::default();
        let (one, two) = (begin(&mut own, 7), begin(&mut own, 7));
        assert!(matches!(own.came("a", b"7", now), Came::First(id, _) if id == one));
        own.delivered(one, 3);
        assert_eq!(own.reached(one), Some(3));
        assert_eq!(own.reached(two), None);
        own.end(one, Echo::Over, now);
        assert!(matches!(own.came("b", b"7", now), Came::Foreign));
        assert!(matches!(own.came("a", b"8", now), Came::Foreign));
        assert!(matches!(own.came("a", b"7", now), Came::First(id, _) if id == two));
        own.end(two, Echo::Unknown, now);
        assert!(matches!(own.came("a", b"7", now), Came::Foreign));
        assert!(own.on_the_way.is_empty());
    }

    #[test]
    fn one_that_was_delivered_and_comes_late_is_not_delivered_again() {
        let clock = ManualClock::new();
        let mut own = Own::default();
        for (echo, waited, again) in [
            (Echo::Unknown, REMEMBERED / 2, true),
            (Echo::Unknown, REMEMBERED, false),
            (Echo::Published, PUBLISHED / 2, true),
            (Echo::Published, PUBLISHED, false),
            (Echo::Over, Duration::ZERO, false),
        ] {
            let id = begin(&mut own, 7);
            own.delivered(id, 1);
            own.end(id, echo, clock.clock().coarse());
            clock.advance(waited);
            let came = own.came("a", b"7", clock.clock().coarse());
            assert_eq!(matches!(came, Came::Again), again, "{came:?}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let now = ManualClock::new().clock().coarse();
        let mut own = Own::default();
        let all: Vec<_> = (0..2 * MOST as u64).map(|n| begin(&mut own, n)).collect();
        all.iter().for_each(|id| own.delivered(*id, 1));
        // whoever publishes has to know what became of it
        assert!(all.iter().all(|id| own.reached(*id).is_some()));
        all.iter().for_each(|id| own.end(*id, Echo::Unknown, now));
        assert_eq!(own.on_the_way.len(), MOST);
    }
}
