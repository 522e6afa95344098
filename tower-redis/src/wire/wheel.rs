//! Deadlines of many calls, counted together.
//!
//! A timer for each call costs more than the call should: the time is read, and a timer is put into the
//! runtime's wheel and taken out again, for something that almost never happens. Here one step counter
//! is moved by the home thread, and a call that has to wait leaves its waker in a slot; those who leave it elsewhere
//! in any case are found [there](Waits). It is also indifferent to what the caller's runtime does with its own
//! clock: tests pause that.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

/// A step after which a call is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Deadline(u64);

#[derive(Debug, Default)]
pub(super) struct Wheel {
    now: AtomicU64,
    slots: Mutex<Slots>,
    others: Mutex<Vec<Weak<dyn Waits>>>,
}

/// Those who have their wakers elsewhere already.
pub(super) trait Waits: fmt::Debug + Send + Sync {
    /// A step has passed, and it is `now`: wakes everybody who is over.
    fn step(&self, now: Deadline);
}

#[derive(Debug, Default)]
struct Slots {
    waiting: Vec<Option<(Deadline, Waker)>>,
    free: Vec<usize>,
}

impl Wheel {
    /// The deadline of what starts now and may take `steps` full steps.
    pub(super) fn after(&self, steps: u32) -> Deadline {
        // the step under way is not a full one
        Deadline(self.now.load(Ordering::Relaxed) + u64::from(steps) + 1)
    }

    /// Whether `deadline` is over.
    pub(super) fn has_come(&self, deadline: Deadline) -> bool {
        Deadline(self.now.load(Ordering::Relaxed)) >= deadline
    }

    /// One step has passed: wakes every call that is over.
    pub(super) fn step(&self) {
        let mut slots = self.slots();
        let now = Deadline(self.now.fetch_add(1, Ordering::Relaxed) + 1);
        let over = slots.waiting.iter_mut().flatten();
        let over: Vec<Waker> = over
            .filter(|(deadline, _)| *deadline <= now)
            .map(|(_, waker)| waker.clone())
            .collect();
        drop(slots);
        // a waker runs code of the executor
        over.into_iter().for_each(Waker::wake);
        for other in self.others() {
            other.step(now);
        }
    }

    /// Tells `other` of each step from now on.
    pub(super) fn tell(&self, other: Weak<dyn Waits>) {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        others.push(other);
    }

    fn others(&self) -> Vec<Arc<dyn Waits>> {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut there, mut gone) = (Vec::new(), false);
        for other in &*others {
            match other.upgrade() {
                Some(other) => there.push(other),
                None => gone = true,
            }
        }
        if gone {
            others.retain(|other| other.strong_count() > 0);
        }
        there
    }

    /// What is left of a call whose deadline is `deadline`.
    pub(super) fn patience(&self, deadline: Deadline) -> Patience<'_> {
        Patience {
            wheel: self,
            deadline,
            held_up: false,
        }
    }

    /// The output of `future`; `None` when `deadline` comes first.
    pub(super) fn until<'a, F: Future>(
        &'a self,
        deadline: Deadline,
        future: Pin<&'a mut F>,
    ) -> Until<'a, F> {
        let place = Place {
            patience: self.patience(deadline),
            slot: None,
        };
        Until { future, place }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call and its deadline. It borrows the call: one that was moved here would make every call larger.
pub(super) struct Until<'a, F> {
    future: Pin<&'a mut F>,
    place: Place<'a>,
}

impl<F: Future> Future for Until<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.place.is_over(cx) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// How long one call waits.
#[derive(Debug)]
pub(super) struct Patience<'a> {
    wheel: &'a Wheel,
    pub(super) deadline: Deadline,
    held_up: bool,
}

impl Patience<'_> {
    /// True when the deadline has come; else it is to be woken at [`deadline`](Self::deadline), which may be another
    /// one now. Asked under the lock that its waker is found by, so that no step passes between this look and the
    /// waker's arrival.
    pub(super) fn is_over(&mut self) -> bool {
        let now = self.wheel.now.load(Ordering::Relaxed);
        if now >= self.deadline.0 {
            // It was woken at its deadline. Who comes later was held up by its own runtime, on which the
            // answer may wait as well: that gets a chance to be read.
            if now == self.deadline.0 || std::mem::replace(&mut self.held_up, true) {
                return true;
            }
            self.deadline = Deadline(now + 2);
        }
        false
    }
}

/// Where one call waits for its deadline.
struct Place<'a> {
    patience: Patience<'a>,
    slot: Option<usize>,
}

impl Place<'_> {
    /// True when the deadline has come; else the call is woken when it does.
    fn is_over(&mut self, cx: &Context<'_>) -> bool {
        // cloned where no other call waits for it; most calls come here once
        let mut own = self.slot.is_none().then(|| cx.waker().clone());
        let mut slots = self.patience.wheel.slots();
        if self.patience.is_over() {
            return true;
        }
        let at = self.patience.deadline;
        let replaced = match self.slot.and_then(|slot| slots.waiting.get_mut(slot)) {
            Some(Some((deadline, waker))) if waker.will_wake(cx.waker()) => {
                *deadline = at;
                None
            }
            Some(waiting) => waiting.replace((at, cx.waker().clone())),
            None => {
                let waker = own.take().unwrap_or_else(|| cx.waker().clone());
                self.slot = Some(slots.insert((at, waker)));
                None
            }
        };
        drop(slots);
        drop(replaced);
        false
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let Some(slot) = self.slot else {
            return;
        };
        let mut slots = self.patience.wheel.slots();
        let waiting = slots.waiting.get_mut(slot).and_then(Option::take);
        slots.free.push(slot);
        drop(slots);
        drop(waiting);
    }
}

impl Slots {
    fn insert(&mut self, waiting: (Deadline, Waker)) -> usize {
        if let Some(slot) = self.free.pop()
            && let Some(place) = self.waiting.get_mut(slot)
        {
            *place = Some(waiting);
            return slot;
        }
        self.waiting.push(Some(waiting));
        self.waiting.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::pin::pin;

    use pollster::block_on;

    use super::*;

    fn waiting(wheel: &Wheel) -> usize {
        wheel.slots().waiting.iter().flatten().count()
    }

    #[test]
    fn what_is_done_in_time_leaves_nothing_behind() {
        let wheel = Wheel::default();
        let (mut polls, deadline) = (0, wheel.after(2));
        let twice = std::future::poll_fn(|cx| {
            polls += 1;
            if polls == 1 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            assert_eq!(waiting(&wheel), 1);
            Poll::Ready(7)
        });
        assert_eq!(block_on(wheel.until(deadline, pin!(twice))), Some(7));
        assert_eq!(waiting(&wheel), 0);
    }

    #[test]
    fn a_deadline_is_never_early_and_wakes_who_waits() {
        let wheel = Wheel::default();
        let deadline = wheel.after(2);
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| block_on(wheel.until(deadline, pin!(pending::<()>()))));
            while waiting(&wheel) == 0 {
                std::thread::yield_now();
            }
            wheel.step();
            wheel.step();
            assert!(!waits.is_finished());
            assert_eq!(waiting(&wheel), 1);
            wheel.step();
            assert_eq!(waits.join().unwrap(), None);
        });
        assert_eq!(waiting(&wheel), 0);
    }

    #[test]
    fn who_is_held_up_by_its_runtime_gets_two_steps_more() {
        let wheel = Wheel::default();
        let deadline = wheel.after(1);
        let mut context = Context::from_waker(Waker::noop());
        let answered = std::cell::Cell::new(false);
        let answer = std::future::poll_fn(|_| match answered.get() {
            true => Poll::Ready(7),
            false => Poll::Pending,
        });
        let (answer, nothing) = (pin!(answer), pin!(pending::<()>()));
        let mut late = pin!(wheel.until(deadline, answer));
        let mut never = pin!(wheel.until(deadline, nothing));
        assert_eq!(late.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(never.as_mut().poll(&mut context), Poll::Pending);
        (0..10).for_each(|_| wheel.step());
        assert_eq!(late.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(never.as_mut().poll(&mut context), Poll::Pending);
        answered.set(true);
        (0..10).for_each(|_| wheel.step());
        assert_eq!(late.as_mut().poll(&mut context), Poll::Ready(Some(7)));
        assert_eq!(never.as_mut().poll(&mut context), Poll::Ready(None));
    }

    #[test]
    fn a_deadline_that_has_come_does_not_wait() {
        let wheel = Wheel::default();
        let deadline = wheel.after(0);
        wheel.step();
        assert_eq!(block_on(wheel.until(deadline, pin!(pending::<()>()))), None);
        assert_eq!(block_on(wheel.until(deadline, pin!(async { 1 }))), Some(1));
    }

    #[test]
    fn slots_are_used_again() {
        let wheel = Wheel::default();
        for _ in 0..100 {
            let mut polled = false;
            let once = std::future::poll_fn(|cx| {
                cx.waker().wake_by_ref();
                if std::mem::replace(&mut polled, true) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            });
            block_on(wheel.until(wheel.after(1), pin!(once)));
        }
        assert_eq!(wheel.slots().waiting.len(), 1);
    }
}
