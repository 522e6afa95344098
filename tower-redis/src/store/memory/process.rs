//! A process that uses the server.

use std::fmt;
use std::sync::Arc;

use crate::store::contract::Store;
use crate::store::names::Names;
use crate::store::watch::Watch;

use super::connected::Connected;
use super::double::Double;
use super::inside::Inside;
use super::link::Link;

/// One of the processes that share a [`FarServer`](super::server::FarServer): its way to the data, and its
/// feed, each of which can be cut. Clones are the same process.
#[derive(Clone)]
pub struct FarProcess(Arc<Connected>);

impl FarProcess {
    pub(super) fn new(server: Arc<Inside>) -> Self {
        Self(Arc::new(Connected::new(server)))
    }

    pub(super) fn link(&self) -> &Arc<Link> {
        &self.0.link
    }

    /// What it does to the server.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::new(Double(Arc::clone(&self.0)))
    }

    /// How keys are called there.
    pub(crate) fn names(&self) -> &Names {
        &self.0.server.names
    }

    /// What it hears.
    pub(crate) fn watch(&self) -> &Arc<Watch> {
        &self.0.watch
    }

    /// Ends the connection of its feed. Messages that it holds back are lost.
    pub fn cut_feed(&self) {
        self.0.link.cut();
    }

    /// Connects its feed again, which is then live.
    pub fn join_feed(&self) {
        self.0.link.join();
        self.beat();
    }

    /// What happens every second while the feed is joined: a PING is answered. Where that is left out, and the
    /// clock turned on, a feed is lost and nobody knows yet.
    pub fn beat(&self) {
        self.0.link.hand_over();
        if self.0.link.answers() {
            self.0.watch.alive(self.0.server.clock.coarse());
        }
    }

    /// Holds messages back until [`deliver`](Self::deliver).
    pub fn hold_messages(&self) {
        self.0.link.hold(true);
    }

    /// Hands over what was held back, and holds nothing back any more.
    pub fn deliver(&self) {
        self.0.link.hold(false);
        self.0.link.hand_over();
    }

    /// The next `messages` to come get lost, and nothing says so.
    pub fn lose_messages(&self, messages: usize) {
        self.0.link.lose(messages);
    }

    /// Calls take their time from now on, each a random one that follows from `seed`: before they are done, and
    /// after. One whose way is cut when it is done already does not know.
    pub fn dawdle(&self, seed: u64) {
        self.0.pace.set(seed);
    }

    /// Cuts its way to the data: every call is refused.
    pub fn cut_data(&self) {
        self.0.cut(true);
    }

    /// Joins its way to the data again.
    pub fn join_data(&self) {
        self.0.cut(false);
    }
}

impl fmt::Debug for FarProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
