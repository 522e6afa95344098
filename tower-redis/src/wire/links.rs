//! The links there are: a pair for each runtime that calls.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio::runtime::{Handle, Id};

use crate::config::FEWEST_CONNECTIONS;

use super::lane::Lane;
use super::link::Link;
use super::shared::Shared;

#[derive(Debug)]
pub(super) struct Links {
    shared: Arc<Shared>,
    /// How many runtimes may have links of their own.
    most: usize,
    home: OnceLock<Id>,
    table: RwLock<Vec<(Id, Lanes)>>,
}

#[derive(Debug, Clone)]
struct Lanes {
    cache: Arc<Link>,
    control: Arc<Link>,
}

impl Links {
    pub(super) fn new(shared: Arc<Shared>, max_connections: usize) -> Self {
        Self {
            shared,
            // those belong to the home thread: its two lanes, the feed, the bus, and a probe
            most: max_connections.saturating_sub(FEWEST_CONNECTIONS) / 2,
            home: OnceLock::new(),
            table: RwLock::default(),
        }
    }

    /// `runtime` is the one of the home thread, which always has links.
    pub(super) fn live_at(&self, runtime: Id) {
        let _ = self.home.set(runtime);
    }

    /// Whether this is asked on the home thread.
    pub(super) fn is_home(&self) -> bool {
        let here = Handle::try_current().map(|runtime| runtime.id());
        here.is_ok_and(|here| self.home.get() == Some(&here))
    }

    /// The link of `lane` on `runtime`; `None` when no more runtimes may have their own.
    pub(super) fn of(&self, runtime: Id, lane: Lane) -> Option<Arc<Link>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let known = table.iter().find(|(id, _)| *id == runtime);
        if let Some(link) = known.map(|(_, lanes)| lanes.of(lane))
            && !link.has_ended()
        {
            return Some(Arc::clone(link));
        }
        drop(table);
        self.add(runtime).map(|lanes| Arc::clone(lanes.of(lane)))
    }

    fn add(&self, runtime: Id) -> Option<Lanes> {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let home = self.home.get().copied();
        let mut gone = Vec::new();
        // a runtime that comes later may get the number of one that has ended
        gone.extend(table.extract_if(.., |(_, lanes)| lanes.have_ended()));
        if let Some((_, lanes)) = table.iter().find(|(id, _)| *id == runtime) {
            return Some(lanes.clone());
        }
        if Some(runtime) != home {
            let others = |(id, _): &(Id, Lanes)| Some(*id) != home;
            if table.iter().filter(|entry| others(entry)).count() >= self.most {
                gone.extend(table.extract_if(.., |entry| others(entry) && entry.1.are_idle()));
            }
            if table.iter().filter(|entry| others(entry)).count() >= self.most {
                return None;
            }
        }
        let lanes = Lanes {
            cache: Arc::new(Link::new(Arc::clone(&self.shared))),
            control: Arc::new(Link::new(Arc::clone(&self.shared))),
        };
        table.push((runtime, lanes.clone()));
        drop(table);
        drop(gone);
        Some(lanes)
    }

    /// All there are now.
    pub(super) fn all(&self) -> Vec<Arc<Link>> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let both =
            |(_, lanes): &(Id, Lanes)| [Arc::clone(&lanes.cache), Arc::clone(&lanes.control)];
        table.iter().flat_map(both).collect()
    }
}

impl Lanes {
    fn of(&self, lane: Lane) -> &Arc<Link> {
        match lane {
            Lane::Cache => &self.cache,
            Lane::Control => &self.control,
        }
    }

    fn have_ended(&self) -> bool {
        self.cache.has_ended() || self.control.has_ended()
    }

    fn are_idle(&self) -> bool {
        self.cache.is_idle() && self.control.is_idle()
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::*;
    use crate::clock::Clock;
    use crate::config::RedisSettings;

    #[test]
    fn a_link_that_a_call_waits_on_keeps_its_place() {
        let shared = Shared::new(
            &RedisSettings::of("redis://localhost", "5s"),
            &Clock::system(),
        );
        let links = Links::new(Arc::new(shared), FEWEST_CONNECTIONS + 2);
        let runtimes = [(); 2].map(|()| Builder::new_current_thread().build().unwrap());
        let [one, other] = runtimes.each_ref().map(|runtime| runtime.handle().id());
        // its connection has been given up, and the deadlines of its calls are still to be counted
        let call = links.of(one, Lane::Control).unwrap();
        assert!(links.of(other, Lane::Cache).is_none());
        assert!(links.all().iter().any(|link| Arc::ptr_eq(link, &call)));
        drop(call);
        let call = links.of(other, Lane::Cache);
        assert!(call.is_some() && links.of(one, Lane::Control).is_none());
    }
}
