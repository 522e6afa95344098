//! A body that is read at the origin's pace and kept, while any number of readers follow at theirs.
//!
//! A tape is what has come of a body ([`Reel`]), who waits for more of it, and the pump that waits for room. Each
//! reader has its own place. Nobody depends on how fast another one reads, within the limit of what is kept:
//! up to it all of the body is held from the first byte on, and anybody may join who is let. Beyond it nobody joins, and
//! there is nothing to keep. One reader is then handed the rest of the body, to read it at its own pace. Of several the
//! slowest sets the pace: at most the limit and one piece more are held.
//!
//! # Who is woken
//!
//! Every change is made under the lock, and answers whom to wake; they are woken once it is let go, for a waker
//! is code of others. A reader looks, and is written down as waiting under the same lock that a push takes, so it misses
//! none. The pump leaves its waker *before* it looks for room, so a reader that makes some after that look finds
//! it. Each waker is taken when it is used: who is not waiting is not woken.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body::SizeHint;

use crate::clock::{Clock, Moment};
use crate::sync::{Mutex, MutexGuard};

use super::allowance::Share;
use super::body_error::CacheBodyError;
use super::inner_body::InnerBody;
use super::reel::{ReaderId, Reel, Room, Took};

/// A body on its way, for those who read it and the one who brings it.
pub(crate) struct Tape {
    state: Mutex<State>,
    clock: Clock,
    /// What the body said of its length before any of it had come.
    hint: SizeHint,
}

struct State {
    reel: Reel,
    /// The body itself, for the only reader there is.
    rest: Option<InnerBody>,
    waiting: BTreeMap<ReaderId, Waker>,
    pump: Option<Waker>,
}

/// What a reader finds on a tape.
pub(crate) enum Found {
    Took(Took),
    /// The rest is its own.
    Rest(InnerBody),
}

impl State {
    fn take(&mut self, id: ReaderId, now: Moment) -> Found {
        match self.reel.take(id, now) {
            Took::Nothing => match self.rest.take() {
                Some(rest) => Found::Rest(rest),
                None => Found::Took(Took::Nothing),
            },
            took => Found::Took(took),
        }
    }

    /// The pump, if what has just been read lets it go on.
    fn pump_to_wake(&mut self, before: Room) -> Option<Waker> {
        if before == self.reel.room() {
            return None;
        }
        self.pump.take()
    }
}

impl Tape {
    /// A tape, which holds what it does of a `share`, and its first reader.
    pub(crate) fn new(clock: Clock, hint: SizeHint, share: Share) -> (Self, ReaderId) {
        let mut state = State {
            reel: Reel::new(share),
            rest: None,
            waiting: BTreeMap::new(),
            pump: None,
        };
        let first = state.reel.admit(clock.coarse());
        let state = Mutex::new(state);
        (Self { state, clock, hint }, first)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.coarse()
    }

    pub(crate) fn hint(&self) -> SizeHint {
        self.hint
    }

    // a reader's side

    pub(crate) fn join(&self) -> Option<ReaderId> {
        let now = self.now();
        self.state().reel.join(now)
    }

    pub(crate) fn leave(&self, id: ReaderId) {
        let now = self.now();
        let mut state = self.state();
        let before = state.reel.room();
        let waited = state.waiting.remove(&id);
        state.reel.leave(id, now);
        let (pump, rest) = if state.reel.unread_since().is_some() {
            (state.pump.take(), state.rest.take())
        } else {
            (state.pump_to_wake(before), None)
        };
        drop(state);
        drop((waited, rest));
        wake(pump);
    }

    pub(crate) fn poll(&self, id: ReaderId, cx: &mut Context<'_>) -> Poll<Found> {
        let now = self.now();
        if let Poll::Ready(found) = self.look(id, now, &mut None) {
            return Poll::Ready(found);
        }
        let mut waker = Some(cx.waker().clone());
        let found = self.look(id, now, &mut waker);
        // what is left of it is dropped under no lock
        drop(waker);
        found
    }

    /// Leaves a `waker`, if there is one and nothing else; what was there before is in its place then.
    fn look(&self, id: ReaderId, now: Moment, waker: &mut Option<Waker>) -> Poll<Found> {
        let mut state = self.state();
        let before = state.reel.room();
        let found = state.take(id, now);
        if matches!(found, Found::Took(Took::Nothing)) {
            if let Some(new) = waker.take() {
                *waker = state.waiting.insert(id, new);
            }
            return Poll::Pending;
        }
        let pump = state.pump_to_wake(before);
        drop(state);
        wake(pump);
        Poll::Ready(found)
    }

    /// Whether the reader has nothing more to come.
    pub(crate) fn is_at_end(&self, id: ReaderId) -> bool {
        self.state().reel.is_at_end(id)
    }

    // the pump's side

    /// Leaves the pump's waker: it is woken when there is more room, when one reader or none is left.
    pub(crate) fn attend(&self, waker: Waker) {
        let before = self.state().pump.replace(waker);
        drop(before);
    }

    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state();
        let changed = change(&mut state);
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        waiting.into_values().for_each(Waker::wake);
        changed
    }

    pub(crate) fn push(&self, data: &[u8]) {
        self.change(|state| state.reel.push(data));
    }

    pub(crate) fn push_trailers(&self, trailers: HeaderMap) {
        self.state().reel.push_trailers(trailers);
    }

    /// All that has come, in one piece.
    pub(crate) fn whole(&self) -> Bytes {
        let mut pieces = self.state().reel.pieces();
        let whole = match pieces.len() {
            1 => pieces.swap_remove(0),
            _ => Bytes::from(pieces.concat()),
        };
        if !whole.is_empty() {
            self.state().reel.join_pieces(whole.clone());
        }
        whole
    }

    /// Whether all of the body has come.
    pub(crate) fn is_whole(&self) -> bool {
        self.state().reel.is_whole()
    }

    pub(crate) fn trailers(&self) -> Option<HeaderMap> {
        self.state().reel.trailers().cloned()
    }

    /// Nobody joins from here on, and at most `window` bytes are held of what not all have read.
    pub(crate) fn let_go(&self, window: u64) {
        self.state().reel.let_go(window);
    }

    /// Whether all bodies on their way hold more than they may.
    pub(crate) fn is_over(&self) -> bool {
        self.state().reel.is_over()
    }

    pub(crate) fn room(&self) -> Room {
        self.state().reel.room()
    }

    /// See [`Reel::cut_off`].
    pub(crate) fn cut_off(&self, since: Moment, patience: Duration) -> Option<Duration> {
        let now = self.now();
        self.state().reel.cut_off(since, now, patience)
    }

    pub(crate) fn unread_since(&self) -> Option<Moment> {
        self.state().reel.unread_since()
    }

    /// The only reader goes on by itself.
    pub(crate) fn hand_over(&self, body: InnerBody) {
        self.change(|state| state.rest = Some(body));
    }

    /// The body has ended. Only its first end counts.
    pub(crate) fn end(&self, how: Result<(), CacheBodyError>) {
        self.change(|state| state.reel.end(how));
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use shuttle::future::{block_on, spawn};
    use shuttle::scheduler::{PctScheduler, RandomScheduler};
    use shuttle::{Config, Runner};

    use super::*;
    use crate::middleware::http_cache::allowance::Allowance;

    const PIECES: u8 = 6;
    const WINDOW: u64 = 2;

    /// Waits for room; false when only one reader is left or none.
    async fn room(tape: &Tape) -> bool {
        let room = |cx: &mut Context<'_>| {
            tape.attend(cx.waker().clone());
            match tape.room() {
                Room::Enough => Poll::Ready(true),
                Room::Full => Poll::Pending,
                Room::OneReader | Room::Nobody => Poll::Ready(false),
            }
        };
        poll_fn(room).await
    }

    /// Reads at most so many pieces, then leaves.
    async fn read(tape: &Tape, id: ReaderId, most: usize) -> Vec<u8> {
        let mut read = Vec::new();
        for _ in 0..most {
            match poll_fn(|cx| tape.poll(id, cx)).await {
                Found::Took(Took::Data(data)) => read.extend(data),
                Found::Took(Took::End) => break,
                Found::Took(took) => panic!("{took:?}"),
                Found::Rest(_) => panic!("there is none"),
            }
        }
        tape.leave(id);
        read
    }

    /// The pump waits for room and the readers for more; one of them leaves early. Whoever sleeps through what he
    /// waits for sleeps for ever, which ends the run.
    fn nobody_sleeps_for_ever(leaves_after: usize) {
        let (tape, stays) = Tape::new(
            Clock::system(),
            SizeHint::default(),
            Allowance::of(0).share(),
        );
        let tape = Arc::new(tape);
        let leaves = tape.join().unwrap();
        tape.let_go(WINDOW);
        let pump = {
            let tape = Arc::clone(&tape);
            spawn(async move {
                let mut pushed = Vec::new();
                for piece in 0..PIECES {
                    if !room(&tape).await {
                        break;
                    }
                    tape.push(&[piece]);
                    pushed.push(piece);
                }
                tape.end(Ok(()));
                pushed
            })
        };
        let (other, most) = (Arc::clone(&tape), usize::MAX);
        let stays = spawn(async move { read(&other, stays, most).await });
        let other = Arc::clone(&tape);
        let leaves = spawn(async move { read(&other, leaves, leaves_after).await });
        block_on(async {
            let pushed = pump.await.unwrap();
            assert_eq!(stays.await.unwrap(), pushed);
            assert!(pushed.starts_with(&leaves.await.unwrap()));
        });
    }

    #[test]
    fn nobody_sleeps_through_what_he_waits_for() {
        const SCHEDULES: usize = 200;
        for leaves_after in [0, 1, 3, usize::MAX] {
            let run = move || nobody_sleeps_for_ever(leaves_after);
            Runner::new(RandomScheduler::new(SCHEDULES), Config::default()).run(run);
            Runner::new(PctScheduler::new(3, SCHEDULES), Config::default()).run(run);
        }
    }
}
