//! The connection of one lane on one runtime, made when it is needed and again when it is lost.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use super::connection::{self, Connection};
use super::fault::{self, Away};
use super::shared::Shared;
use super::state::{Failed, Ready, State, Unready};
use super::timing::{PROBE, Pauses, SILENT_CALLS};
use super::wheel::{Deadline, Wheel};

#[derive(Debug)]
pub(super) struct Link {
    pub(super) wheel: Wheel,
    pub(super) shared: Arc<Shared>,
    state: Mutex<State>,
    changed: Notify,
    /// Its runtime has ended.
    ended: AtomicBool,
    /// Calls in a row that got no answer.
    silent: AtomicU32,
    next: AtomicU64,
}

impl Link {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            wheel: Wheel::default(),
            shared,
            state: Mutex::new(State::Idle),
            changed: Notify::new(),
            ended: AtomicBool::new(false),
            silent: AtomicU32::new(0),
            next: AtomicU64::new(0),
        }
    }

    /// The connection, which is made when there is none. On the runtime it belongs to.
    pub(super) async fn connection(
        self: &Arc<Self>,
        deadline: Deadline,
    ) -> Result<Arc<Connection>, Unready> {
        if let Some(connection) = self.ready() {
            return Ok(connection);
        }
        loop {
            // before the look at the state: what changes after it wakes us
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(outcome) = self.look() {
                return outcome;
            }
            if self.wheel.until(deadline, changed).await.is_none() {
                return Err(Unready::Failed(fault::no_connection()));
            }
        }
    }

    /// What there is; `None` while a connection is being made.
    fn look(self: &Arc<Self>) -> Option<Result<Arc<Connection>, Unready>> {
        if let Err(refused) = self.shared.breaker.check() {
            return Some(Err(Unready::Failed(refused)));
        }
        let mut state = self.state();
        let pauses = match &*state {
            State::Ready(ready) => return Some(Ok(Arc::clone(&ready.connection))),
            State::Gone { .. } => return Some(Err(Unready::Elsewhere)),
            State::Connecting => return None,
            State::Failed(failed) if !self.wheel.has_come(failed.until) => {
                self.shared.counts.refused.bump();
                return Some(Err(Unready::Failed(failed.why.error())));
            }
            State::Failed(failed) => Some(failed.pauses),
            State::Idle => None,
        };
        *state = State::Connecting;
        drop(state);
        tokio::spawn(Attempt::new(Arc::clone(self), pauses).run());
        None
    }

    /// The connection, if there is one.
    pub(super) fn ready(&self) -> Option<Arc<Connection>> {
        match &*self.state() {
            State::Ready(ready) => Some(Arc::clone(&ready.connection)),
            State::Idle | State::Connecting | State::Failed(_) | State::Gone { .. } => None,
        }
    }

    /// True when its runtime has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// True when nothing would be lost by forgetting it: there is no connection, and no call that waits
    /// for its deadline. Asked by who holds it for all others and gives it to nobody meanwhile.
    pub(super) fn is_idle(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) == 1
            && !matches!(*self.state(), State::Connecting | State::Ready(_))
    }

    /// The server answered.
    pub(super) fn heard(&self) {
        if self.silent.load(Ordering::Relaxed) != 0 {
            self.silent.store(0, Ordering::Relaxed);
        }
        self.shared.breaker.close();
    }

    /// A call on `connection` got no answer in time. After several in a row the connection is given up,
    /// and the server with it, until a probe is answered. One that was given up before is no longer
    /// counted.
    pub(super) fn unheard(&self, connection: &Arc<Connection>) {
        if self.state().is(connection)
            && self.silent.fetch_add(1, Ordering::Relaxed) + 1 >= SILENT_CALLS
            && self.give_up(connection)
        {
            self.shared.is_away(Away::Silent);
        }
    }

    /// Lets go of `connection`; false when it had been given up before.
    pub(super) fn give_up(&self, connection: &Arc<Connection>) -> bool {
        let mut state = self.state();
        let is_ours = state.is(connection);
        let old = is_ours.then(|| std::mem::replace(&mut *state, State::Idle));
        drop(state);
        drop(old);
        if is_ours {
            self.silent.store(0, Ordering::Relaxed);
            self.shared.counts.losses.bump();
            self.shared.doubt.notify_one();
        }
        is_ours
    }

    // the driver of connection `number` has ended, or its runtime has
    fn ended(&self, number: u64, runtime_is_there: bool) {
        let mut state = self.state();
        if !matches!(&*state, State::Ready(ready) if ready.number == number) {
            return;
        }
        let next = if runtime_is_there {
            State::Idle
        } else {
            State::Gone { unfit: false }
        };
        let old = std::mem::replace(&mut *state, next);
        drop(state);
        drop(old);
        if runtime_is_there {
            self.shared.counts.losses.bump();
            self.shared.doubt.notify_one();
        } else {
            self.ended.store(true, Ordering::Relaxed);
        }
    }

    fn become_(&self, state: State) {
        if matches!(state, State::Gone { unfit: false }) {
            self.ended.store(true, Ordering::Relaxed);
        }
        let old = std::mem::replace(&mut *self.state(), state);
        drop(old);
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One attempt to connect. It runs in a task of its own, so that no caller who leaves ends it.
struct Attempt {
    link: Arc<Link>,
    /// Those between attempts, where the last one failed.
    pauses: Option<Pauses>,
    outcome: Option<State>,
}

impl Attempt {
    fn new(link: Arc<Link>, pauses: Option<Pauses>) -> Self {
        Self {
            link,
            pauses,
            outcome: None,
        }
    }

    async fn run(mut self) {
        let link = Arc::clone(&self.link);
        let deadline = link.wheel.after(link.shared.timing.connect_steps());
        let made = link.wheel.until(deadline, pin!(make(&link))).await;
        self.outcome = Some(match made.unwrap_or(Err(Away::Silent)) {
            Ok(ready) => {
                link.shared.counts.connects.bump();
                link.heard();
                State::Ready(ready)
            }
            Err(why) => self.failed(why),
        });
    }

    /// A server that answers on other connections is not away: this link alone is.
    fn failed(&self, why: Away) -> State {
        let shared = &self.link.shared;
        if !shared.has_connections() {
            shared.is_away(why);
            return State::Idle;
        }
        // whether it does answer
        shared.doubt.notify_one();
        if self.pauses.is_none() {
            tracing::warn!(
                reason = why.as_str(),
                "one more connection to Redis could not be made"
            );
        }
        let mut pauses = self.pauses.unwrap_or_else(|| Pauses::up_to(PROBE));
        let pause = pauses.next().unwrap_or(PROBE);
        let until = self.link.wheel.after(shared.timing.steps(pause));
        State::Failed(Failed { why, until, pauses })
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // without an outcome the runtime was shut down, or has no I/O, of which it tells by a panic
        let unfit = std::thread::panicking();
        let state = self.outcome.take().unwrap_or(State::Gone { unfit });
        self.link.become_(state);
    }
}

async fn make(link: &Arc<Link>) -> Result<Ready, Away> {
    let (mux, driver) = connection::open(&link.shared.target, None).await?;
    let number = link.next.fetch_add(1, Ordering::Relaxed);
    let watch = Watch {
        link: Arc::downgrade(link),
        number,
        runtime_is_there: false,
    };
    let connection = Connection::start(mux, driver, move || watch.runtime_is_there());
    let connection = Arc::new(connection);
    connection.attend(&link.wheel);
    connection::greet(connection.mux(), &link.shared).await?;
    Ok(Ready {
        number,
        connection,
        _one: Arc::clone(&link.shared.connections),
    })
}

/// Tells the link when the driver of its connection ends.
struct Watch {
    link: Weak<Link>,
    number: u64,
    runtime_is_there: bool,
}

impl Watch {
    // a method takes the whole of it into the task, where a field would be copied alone
    fn runtime_is_there(mut self) {
        self.runtime_is_there = true;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(link) = self.link.upgrade() {
            link.ended(self.number, self.runtime_is_there);
        }
    }
}

#[cfg(test)]
mod tests {
    use ::tests::RedisServer;

    use super::*;
    use crate::clock::Clock;
    use crate::config::RedisSettings;

    #[tokio::test]
    async fn what_an_old_connection_did_not_answer_is_no_fault_of_the_new_one() {
        let server = RedisServer::start();
        let shared = Shared::new(&RedisSettings::of(&server.url(), "5s"), &Clock::system());
        let link = Arc::new(Link::new(Arc::new(shared)));
        let deadline = link.wheel.after(1);
        let old = link.connection(deadline).await.unwrap();
        assert!(link.give_up(&old));
        let new = link.connection(deadline).await.unwrap();
        for _ in 0..SILENT_CALLS {
            link.unheard(&old);
        }
        for _ in 1..SILENT_CALLS {
            link.unheard(&new);
            assert!(link.ready().is_some() && !link.shared.breaker.is_open());
        }
        link.unheard(&new);
        assert!(link.ready().is_none() && link.shared.breaker.is_open());
    }
}
