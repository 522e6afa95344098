//! How one process is connected.

use std::fmt;
use std::sync::Arc;

use crate::store::message::Instance;
use crate::store::watch::Watch;

use super::fault::Fault;
use super::inside::Inside;
use super::link::Link;
use super::pace::Pace;

pub(super) struct Connected {
    pub(super) server: Arc<Inside>,
    pub(super) instance: Instance,
    pub(super) watch: Arc<Watch>,
    pub(super) link: Arc<Link>,
    pub(super) pace: Pace,
}

impl Connected {
    pub(super) fn new(server: Arc<Inside>) -> Self {
        let instance = Instance::draw();
        let watch = Arc::new(Watch::new(instance, &server.names, server.clock.clone()));
        if server.has(Fault::GapsAreOverlooked) {
            watch.overlook_gaps();
        }
        let link = Arc::new(Link::new(Arc::clone(&watch)));
        Self {
            server,
            instance,
            watch,
            link,
            pace: Pace::default(),
        }
    }
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FarProcess")
            .field("instance", &self.instance)
            .finish_non_exhaustive()
    }
}
