//! Who waits for a key: those who came first go first.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// The keys that somebody waits for.
#[derive(Default)]
pub(super) struct Lines(Mutex<HashMap<Box<[u8]>, Line>>);

#[derive(Default)]
struct Line {
    /// That of whoever comes next.
    number: u64,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    number: u64,
    cost: u64,
    waker: Option<Waker>,
}

/// A place in the line of a key, until it is dropped.
pub(super) struct InLine<'a> {
    lines: &'a Lines,
    key: &'a [u8],
    number: u64,
}

impl Lines {
    /// The last place in the line of `key`, and what those before it want together.
    pub(super) fn stand<'a>(&'a self, key: &'a [u8], cost: u64) -> (InLine<'a>, u64) {
        let mut lines = self.lines();
        let line = lines.entry(key.into()).or_default();
        let number = line.number;
        line.number += 1;
        let ahead = line.ahead_of(number);
        line.waiting.push_back(Waiting {
            number,
            cost,
            waker: None,
        });
        let lines = self;
        (InLine { lines, key, number }, ahead)
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<Box<[u8]>, Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// What those before `number` want together.
    fn ahead_of(&self, number: u64) -> u64 {
        let before = self.waiting.iter().filter(|one| one.number < number);
        before.fold(0, |sum, one| sum.saturating_add(one.cost))
    }
}

impl InLine<'_> {
    /// What those before it want together now.
    pub(super) fn ahead(&self) -> u64 {
        let lines = self.lines.lines();
        lines
            .get(self.key)
            .map_or(0, |line| line.ahead_of(self.number))
    }

    /// Waits until nobody is before it.
    pub(super) async fn turn(&self) {
        poll_fn(|cx| {
            // a waker is the executor's: none of its code runs under the lock
            let waker = cx.waker().clone();
            let mut lines = self.lines.lines();
            let waiting = lines.get_mut(self.key).map(|line| &mut line.waiting);
            let own = waiting.and_then(|waiting| {
                let own = |one: &Waiting| one.number == self.number;
                let at = waiting.iter().position(own).filter(|at| *at > 0)?;
                waiting.get_mut(at)
            });
            let Some(own) = own else {
                drop(lines);
                return Poll::Ready(());
            };
            let old = own.waker.replace(waker);
            drop(lines);
            drop(old);
            Poll::Pending
        })
        .await;
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        let mut lines = self.lines.lines();
        let Some(line) = lines.get_mut(self.key) else {
            return;
        };
        let own = line
            .waiting
            .iter()
            .position(|one| one.number == self.number);
        let left = own.and_then(|own| line.waiting.remove(own));
        let next = line.waiting.front_mut();
        let next = next.and_then(|next| next.waker.take());
        if line.waiting.is_empty() {
            lines.remove(self.key);
        }
        drop(lines);
        drop(left);
        if let Some(next) = next {
            next.wake();
        }
    }
}

// keys may be secrets
impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn who_came_first_goes_first_and_who_leaves_is_in_nobodys_way() {
        let lines = Lines::default();
        let (first, ahead) = lines.stand(b"k", 2);
        assert_eq!(ahead, 0);
        let (second, ahead) = lines.stand(b"k", 3);
        assert_eq!(ahead, 2);
        let (third, ahead) = lines.stand(b"k", 1);
        assert_eq!(ahead, 5);
        let (other, ahead) = lines.stand(b"other", 1);
        assert_eq!(ahead, 0);
        let is_next = |place: &InLine<'_>| place.turn().now_or_never().is_some();
        assert_eq!(
            [&first, &second, &third, &other].map(is_next),
            [true, false, false, true]
        );
        drop(second);
        assert_eq!(third.ahead(), 2);
        assert!(!is_next(&third));
        drop(first);
        assert!(is_next(&third));
        drop((third, other));
        assert!(lines.lines().is_empty());
    }

    #[tokio::test]
    async fn the_next_one_is_woken() {
        let lines = Lines::default();
        let (first, _) = lines.stand(b"k", 1);
        let (second, _) = lines.stand(b"k", 1);
        let leaves = async {
            tokio::task::yield_now().await;
            drop(first);
        };
        tokio::join!(second.turn(), leaves);
    }
}
