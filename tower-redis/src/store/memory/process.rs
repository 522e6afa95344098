//! A process that uses the server.

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::store::background::{Apart, Spawn};
use crate::store::chaos::{Chaos, Mishap};
use crate::store::contract::Store;
use crate::store::foreign::Foreign;
use crate::store::names::Names;
use crate::store::pending::Remembering;
use crate::store::watch::Watch;

use super::connected::Connected;
use super::double::Double;
use super::fault::Fault;
use super::inside::Inside;
use super::link::Link;

/// One of the processes that share a [`FarServer`](super::server::FarServer): its way to the data, and its
/// feed, each of which can be cut. Clones are the same process.
#[derive(Clone)]
pub struct FarProcess {
    connected: Arc<Connected>,
    chaos: Arc<Chaos>,
    store: Arc<Remembering>,
}

impl FarProcess {
    pub(super) fn new(server: Arc<Inside>) -> Self {
        let connected = Arc::new(Connected::new(server));
        let double = Arc::new(Double(Arc::clone(&connected)));
        let foreign = Foreign::new(
            Arc::<Double>::clone(&double),
            Arc::clone(&connected.watch),
            starts_on(&connected.link),
            |_| Box::pin(std::future::pending()),
        );
        let chaos = Chaos::over(double);
        let store = Remembering::over(
            Arc::<Chaos>::clone(&chaos),
            Arc::clone(&connected.watch),
            connected.server.names.clone(),
            connected.server.clock.clone(),
            (starts_on(&connected.link), goes_on(&connected.link)),
            foreign,
        );
        Self {
            connected,
            chaos,
            store,
        }
    }

    pub(super) fn link(&self) -> &Arc<Link> {
        &self.connected.link
    }

    /// What it does to the server.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        if self.connected.server.has(Fault::DebtsAreForgotten) {
            return Arc::<Chaos>::clone(&self.chaos);
        }
        Arc::<Remembering>::clone(&self.store)
    }

    /// How keys are called there.
    pub(crate) fn names(&self) -> &Names {
        &self.connected.server.names
    }

    /// What it hears.
    pub(crate) fn watch(&self) -> &Arc<Watch> {
        &self.connected.watch
    }

    /// Ends the connection of its feed. Messages that it holds back are lost.
    pub fn cut_feed(&self) {
        self.connected.link.cut();
    }

    /// Connects its feed again, which is then live.
    pub fn join_feed(&self) {
        self.connected.link.join();
        self.beat();
    }

    /// What happens every second while the feed is joined: a PING is answered. Where that is left out, and the
    /// clock turned on, a feed is lost and nobody knows yet.
    pub fn beat(&self) {
        self.connected.link.hand_over();
        if self.connected.link.answers() {
            self.connected
                .watch
                .alive(self.connected.server.clock.coarse());
        }
    }

    /// Does what is to be done in the background and not stalled: what is owed, for instance. It is also
    /// done with every [`beat`](Self::beat).
    pub fn work(&self) {
        self.connected.link.run();
    }

    /// Holds messages back until [`deliver`](Self::deliver).
    pub fn hold_messages(&self) {
        self.connected.link.hold(true);
    }

    /// Hands over what was held back, and holds nothing back any more.
    pub fn deliver(&self) {
        self.connected.link.hold(false);
        self.connected.link.hand_over();
    }

    /// The next `messages` to come get lost, and nothing says so.
    pub fn lose_messages(&self, messages: usize) {
        self.connected.link.lose(messages);
    }

    /// This happens to its next call to the server that nothing is planned for yet.
    pub fn next(&self, mishap: Mishap) {
        self.chaos.next(mishap);
    }

    /// This happens to every call from now on; `None`: nothing does any more.
    pub fn always(&self, mishap: Option<Mishap>) {
        self.chaos.always(mishap);
    }

    /// How many calls are stalled.
    #[must_use]
    pub fn stalled(&self) -> usize {
        self.chaos.stalled()
    }

    /// Lets stalled calls go on, and late ones be done.
    pub fn release(&self) {
        self.chaos.release();
    }

    /// Calls take their time from now on, a random one that follows from `seed`: before they are done, and
    /// after.
    pub fn dawdle(&self, seed: u64) {
        self.connected.pace.set(seed);
    }

    /// Cuts its way to the data: every call is refused.
    pub fn cut_data(&self) {
        self.chaos.always(Some(Mishap::Refused));
    }

    /// Joins its way to the data again.
    pub fn join_data(&self) {
        self.chaos.always(None);
    }
}

fn starts_on(link: &Arc<Link>) -> Spawn {
    let link = Arc::downgrade(link);
    Box::new(move |task| {
        if let Some(link) = link.upgrade() {
            link.start(task);
        }
    })
}

/// Who waits for it does it, step by step; and when nobody does, what happens every second.
fn goes_on(link: &Arc<Link>) -> Apart {
    let link = Arc::downgrade(link);
    Box::new(move |task| {
        let task = task.shared();
        if let Some(link) = link.upgrade() {
            link.leave(Box::pin(task.clone()));
        }
        Box::pin(task)
    })
}

impl fmt::Debug for FarProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.connected, f)
    }
}
