//! Writes down what happens.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tests::torture::{Event, Instant, Process, Span, What};
use tower_redis::clock::Clock;

/// What has happened so far. Clones write into the same.
#[derive(Debug, Clone)]
pub(super) struct Log(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Clock,
    step: Cell<u64>,
    events: RefCell<Vec<Event>>,
    /// What has not ended by now never will.
    over: Cell<bool>,
}

impl Log {
    pub(super) fn new(clock: Clock) -> Self {
        Self(Rc::new(Inner {
            clock,
            step: Cell::new(0),
            events: RefCell::default(),
            over: Cell::new(false),
        }))
    }

    /// Later than every instant before.
    pub(super) fn now(&self) -> Instant {
        let step = self.0.step.get() + 1;
        self.0.step.set(step);
        Instant {
            step,
            ..Instant::at(self.time())
        }
    }

    /// What the clock shows.
    pub(super) fn time(&self) -> Duration {
        Duration::from_nanos(self.0.clock.now().as_nanos())
    }

    pub(super) fn add(&self, process: Process, span: Span, what: What) {
        self.0.events.borrow_mut().push(Event {
            process,
            span,
            what,
        });
    }

    /// Something that began at `begin` and ends now.
    pub(super) fn end(&self, process: Process, begin: Instant, what: What) {
        self.add(process, Span::new(begin, self.now()), what);
    }

    /// The run is over: what has not ended hangs.
    pub(super) fn close(&self) {
        self.0.over.set(true);
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.over.get()
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.0.events.take()
    }
}
