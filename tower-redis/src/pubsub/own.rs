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
/// How many are remembered at most.
const MOST: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Own {
    next: u64,
    on_the_way: VecDeque<OnTheWay>,
}

#[derive(Debug)]
struct OnTheWay {
    id: u64,
    event: Event,
    text: Arc<str>,
    /// To how many subscriptions; `None` before it was.
    delivered: Option<usize>,
    came_back: bool,
    until: Moment,
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
    pub(super) fn begin(&mut self, event: Event, text: Arc<str>, now: Moment) -> u64 {
        if self.on_the_way.len() >= MOST {
            self.on_the_way.pop_front();
        }
        let id = self.next;
        self.next += 1;
        self.on_the_way.push_back(OnTheWay {
            id,
            event,
            text,
            delivered: None,
            came_back: false,
            until: now.after(REMEMBERED),
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

    /// It has been published: it came back or never will, unless it `may_come`.
    pub(super) fn end(&mut self, id: u64, may_come: bool, now: Moment) {
        self.forget(now);
        let Some(at) = self.on_the_way.iter().position(|one| one.id == id) else {
            return;
        };
        match self.on_the_way.get_mut(at) {
            Some(one) if may_come && !one.came_back => one.until = now.after(REMEMBERED),
            _ => {
                self.on_the_way.remove(at);
            }
        }
    }

    fn forget(&mut self, now: Moment) {
        self.on_the_way.retain(|one| now < one.until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn begin(own: &mut Own, n: u64) -> u64 {
        let now = ManualClock::new().clock().coarse();
        own.begin(Event::new("a", n.into()), n.to_string().into(), now)
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
        own.end(one, false, now);
        assert!(matches!(own.came("b", b"7", now), Came::Foreign));
        assert!(matches!(own.came("a", b"8", now), Came::Foreign));
        assert!(matches!(own.came("a", b"7", now), Came::First(id, _) if id == two));
        own.end(two, true, now);
        assert!(matches!(own.came("a", b"7", now), Came::Foreign));
        assert!(own.on_the_way.is_empty());
    }

    #[test]
    fn one_that_was_delivered_and_comes_late_is_not_delivered_again() {
        let clock = ManualClock::new();
        let mut own = Own::default();
        for (waited, again) in [(REMEMBERED / 2, true), (REMEMBERED, false)] {
            let id = begin(&mut own, 7);
            own.delivered(id, 1);
            own.end(id, true, clock.clock().coarse());
            clock.advance(waited);
            let came = own.came("a", b"7", clock.clock().coarse());
            assert_eq!(matches!(came, Came::Again), again, "{came:?}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut own = Own::default();
        for n in 0..2 * MOST as u64 {
            begin(&mut own, n);
        }
        assert_eq!(own.on_the_way.len(), MOST);
    }
}
